using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Chains;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Storage.Json;
using Pawl.Supervision.Checkpoints.Formats;

namespace Pawl.Supervision.Checkpoints;

/// <summary>
/// What a supervisor found whole in the checkpoint folder, noted beside it before it is carried to the store: so that the next one loses
/// nothing where this one is killed on the way, or the store could not be written for hours.
/// </summary>
/// <remarks>A note proves a file only as long as its facts are the same, and only until the machine starts again: it is not flushed, nor are the files.</remarks>
/// <param name="Boot">The start of the machine.</param>
/// <param name="After">Number of the newest checkpoint in the chain then; null where there was none.</param>
/// <param name="Step">The last one it includes, where the trainer said so.</param>
public sealed record LeftBehind(string Boot, string Fingerprint, int? After, long? Step, FolderContent Content)
{
    private const string Name = "found.json";
    private const int Schema = 1;

    /// <summary>Adds to the chain what is newer in the folder than the newest checkpoint there. Only while nobody writes to the folder.</summary>
    /// <exception cref="IOException">The folder or the store refused: to restore an older checkpoint now would destroy the newer one.</exception>
    public static async ValueTask TakeInAsync(
        IDisk disk, ICheckpointFolders folders, CheckpointStore store, Chain chain, int claim, string fingerprint, string folder, CheckpointPolicy policy,
        string boot, CancellationToken stop)
    {
        var newest = new CheckpointHistory(chain.Entries).Restorable(fingerprint).FirstOrDefault();
        var left = await ReadAsync(disk, folder);
        // Elsewhere somebody went on, or a person went back: then only what proves itself is believed, and only where it is newer.
        if (left is not null && (left.Fingerprint != fingerprint || (newest?.Number != left.After && !left.Is(newest)))) { left = null; }
        var known = left?.Boot == boot ? left.Content : new([], []);
        var saved = newest?.Checkpoint.Files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal) ?? [];
        if (await folders.LookBackAsync(folder, policy, known, saved, fingerprint) is not { } content) { return; }
        if (left is null) { content = new([.. content.Files.Where(f => DigestFormat.IsNamed(f.Path))], []); }
        if (content.Files.IsEmpty) { return; }
        var isAsNoted = left is not null && content.Files.SequenceEqual(left.Content.Files) && content.Links.SequenceEqual(left.Content.Links);
        // What was lost on the way, or is in the store already, makes nothing newer.
        if (isAsNoted ? left!.Is(newest) : !IsNewer(content, left, newest)) { return; }
        if (!isAsNoted) { content = await WithUnchangedAsync(disk, folder, content, newest); }
        try
        {
            _ = await store.SaveAsync(chain, claim, folder, content, isAsNoted ? left!.Step : null, null, stop);
        }
        catch (IOException e)
        {
            throw new IOException($"{folder} holds a newer checkpoint than the store, where it could not be saved: {e.Message}. It stays; the step is not started, "
                + "since it would go on from an older one", e);
        }
    }

    /// <summary>Gives up the note and all that is in the folder.</summary>
    public static async ValueTask ForgetAsync(IDisk disk, string folder)
    {
        await disk.RemoveAsync(Path.Combine(Path.GetDirectoryName(folder)!, Name));
        await disk.RemoveTreeAsync(folder);
    }

    public ValueTask WriteAsync(IDisk disk, string folder) => AttemptFiles.WriteAsync(disk, Path.GetDirectoryName(folder)!, Name, JsonWriting.Object(indented: false, json =>
    {
        json.WriteNumber("schema", Schema);
        json.WriteString("boot", Boot);
        json.WriteString("fingerprint", Fingerprint);
        json.Write("after", After);
        json.Write("step", Step);
        json.Write("files", Content.Files, (w, file) =>
        {
            w.WriteString("path", file.Path);
            w.WriteNumber("size", file.Facts.Size);
            w.WriteNumber("mode", file.Facts.Mode);
            w.WriteNumber("device", file.Facts.Device);
            w.WriteNumber("inode", file.Facts.Inode);
            w.WriteNumber("changed", file.Facts.Changed);
            w.WriteNumber("modified", file.Facts.Modified);
        });
        json.Write("links", Content.Links, (w, link) =>
        {
            w.WriteString("path", link.Path);
            w.WriteString("target", link.Target);
        });
    }), durable: false);

    /// <returns>Null where there is none, or none that can be read: then the store counts alone.</returns>
    private static async ValueTask<LeftBehind?> ReadAsync(IDisk disk, string folder)
    {
        var path = Path.Combine(Path.GetDirectoryName(folder)!, Name);
        if (await AttemptFiles.ReadAsync(disk, path) is not { } bytes) { return null; }
        try { return AttemptFiles.Parse(path, bytes, Read); }
        // Not flushed, so a power cut may have cut it.
        catch (IOException) { return null; }
    }

    private static LeftBehind Read(JsonFields json)
    {
        _ = json.Schema(Schema);
        return new(json.Text("boot"), json.Text("fingerprint"), json.NumberOrNull("after"), json.LongOrNull("step"), new(
            json.All("files", f => new WholeFile(f.Text("path"), new(
                FileKind.File, f.Long("size"), f.Number("mode"), f.Long("device"), f.Long("inode"), f.Long("changed"), f.Long("modified")))),
            json.All("links", l => new CheckpointLink(l.Text("path"), l.Text("target")))));
    }

    private static bool IsNewer(FolderContent content, LeftBehind? left, Entry.Checkpointed? newest) => left is null
        ? newest is null || content.Files.Max(f => f.Facts.Modified) > newest.Checkpoint.Files.Select(f => f.Modified).DefaultIfEmpty(0).Max()
        : content.Files.Except(left.Content.Files).Any() && content.Files.Max(f => f.Facts.Changed) > left.Content.Files.Select(f => f.Facts.Changed).DefaultIfEmpty(0).Max();

    // What proves nothing by itself, such as a vocabulary beside the checkpoints, is what the newest one says it is for as long as nobody touched it.
    private static async ValueTask<FolderContent> WithUnchangedAsync(IDisk disk, string folder, FolderContent content, Entry.Checkpointed? newest)
    {
        if (newest is null) { return content; }
        var (files, links) = (content.Files.ToList(), content.Links.ToList());
        foreach (var saved in newest.Checkpoint.Files.Where(s => !content.Files.Any(f => f.Path == s.Path)))
        {
            if (await disk.StatAsync($"{folder}/{saved.Path}") is { Kind: FileKind.File } facts && facts.Size == saved.Size && facts.Modified == saved.Modified)
            {
                files.Add(new WholeFile(saved.Path, facts));
            }
        }
        foreach (var link in newest.Checkpoint.Links.Where(l => !content.Links.Any(c => c.Path == l.Path)))
        {
            if (await disk.ReadLinkAsync($"{folder}/{link.Path}") == link.Target) { links.Add(link); }
        }
        return new([.. files.OrderBy(f => f.Path, StringComparer.Ordinal)], [.. links.OrderBy(l => l.Path, StringComparer.Ordinal)]);
    }

    private bool Is(Entry.Checkpointed? entry) =>
        entry?.Checkpoint is { } there
        && there.Files.Select(f => (f.Path, f.Size, f.Modified)).SequenceEqual(Content.Files.Select(f => (f.Path, f.Facts.Size, f.Facts.Modified)))
        && there.Links.SequenceEqual(Content.Links);
}
