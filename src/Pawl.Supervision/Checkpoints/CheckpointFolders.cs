using Pawl.Core.Checkpoints;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Supervision.Checkpoints.Formats;

namespace Pawl.Supervision.Checkpoints;

/// <summary>Watches folders of this machine.</summary>
public sealed class CheckpointFolders(TimeProvider clock) : ICheckpointFolders
{
    public async ValueTask<ICheckpointFolder> OpenAsync(string folder, CheckpointPolicy policy) => await CheckpointFolder.OpenAsync(folder, policy, clock);

    public async ValueTask<FolderContent?> LookBackAsync(string folder, CheckpointPolicy policy, FolderContent known, IReadOnlySet<string> saved, string fingerprint)
    {
        if (!Directory.Exists(folder)) { return null; }
        using var found = CheckpointFolder.After(folder, policy, clock, known, saved, fingerprint);
        var content = (await found.LookAsync(TrainerState.Killed)).Content;
        var hasNews = content is not null && content.Files.Except(known.Files).Any();
        return hasNews || known.Files.IsEmpty ? content : await BeforeTheEndAsync(folder, policy, known) ?? content;
    }

    /// <summary>What a look would have given before the trainer began to write for the last time, where it has overwritten nothing since.</summary>
    /// <remarks>
    /// That it wrote later is the proof that it lived while all before had rested; not that it had ended with them, which a file's own end has to say, or
    /// the note of who saw it closed.
    /// </remarks>
    private static async ValueTask<FolderContent?> BeforeTheEndAsync(string folder, CheckpointPolicy policy, FolderContent known)
    {
        var scan = new FolderScan(new Disk(), folder.TrimEnd('/'), new(policy.Ignore));
        await scan.RunAsync();
        var settle = (long)CheckpointFolder.DefaultSettle.TotalNanoseconds;
        var files = scan.Files.OrderBy(f => f.Value.Changed).ToList();
        var end = files.Count - 1;
        while (end > 0 && files[end].Value.Changed - files[end - 1].Value.Changed < settle) { end--; }
        var names = known.Files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        bool Proven(KeyValuePair<string, FileFacts> file) => known.Files.Contains(new(file.Key, file.Value)) || EndOf($"{folder}/{file.Key}", file.Value.Size) == Ending.Whole;
        if (end <= 0 || files.Skip(end).Any(f => names.Contains(f.Key)) || scan.Links.Any() || !files.Take(end).All(Proven)) { return null; }
        return new([.. files.Take(end).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new WholeFile(f.Key, f.Value))], []);
    }

    private static Ending EndOf(string path, long size)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return FileFormat.End(new FileBytes((int)file.DangerousGetHandle(), Path.GetFileName(path), size));
    }
}
