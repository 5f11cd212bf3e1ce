using Pawl.Core.Checkpoints;
using Pawl.Simulation.Disk;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Supervision;
using Pawl.Supervision.Checkpoints;

namespace Pawl.Simulation.Processes;

/// <summary>Checkpoint folders on the simulated disk, which knows of each file whether somebody is still writing it.</summary>
public sealed class SimCheckpointFolders(SimProcess supervisor) : ICheckpointFolders
{
    /// <summary>A planted bug: what is half written counts too.</summary>
    public bool TakesHalf { get; init; }

    public async ValueTask<ICheckpointFolder> OpenAsync(string folder, CheckpointPolicy policy)
    {
        await supervisor.World.Turn(supervisor, "watch", folder);
        return new SimCheckpointFolder(supervisor, folder, TakesHalf);
    }

    /// <summary>A file is known by its facts, or by its own digest.</summary>
    public async ValueTask<FolderContent?> LookBackAsync(string folder, CheckpointPolicy policy, FolderContent known, IReadOnlySet<string> saved, string fingerprint)
    {
        await supervisor.World.Turn(supervisor, "look back", folder);
        var disk = supervisor.World.Disk;
        var whole = new List<WholeFile>();
        foreach (var (name, kind) in disk.List(folder))
        {
            if (kind is not FileKind.File || name.EndsWith(".tmp", StringComparison.Ordinal)) { continue; }
            var file = disk.Find($"{folder}/{name}")!;
            var found = new WholeFile(name, SimDiskFile.FactsOf(file));
            if (TakesHalf || known.Files.Contains(found) || Trained.WrittenAs(file.Content.ToArray()) is not null) { whole.Add(found); }
        }
        return whole.Count == 0 ? null : new FolderContent([.. whole], []);
    }
}

internal sealed class SimCheckpointFolder(SimProcess supervisor, string folder, bool takesHalf) : ICheckpointFolder
{
    private readonly World _world = supervisor.World;
    private readonly IFolderWatch _watch = new SimWatch(supervisor).Open(folder);

    public string? Weakness => null;

    public ValueTask ChangedAsync(CancellationToken stop) => _watch.ChangedAsync(stop);

    public async ValueTask<WholeFolder> LookAsync(TrainerState trainer)
    {
        await _world.Turn(supervisor, "look", folder);
        _world.Faults?.FailBefore(supervisor, "look", folder);
        var whole = new List<WholeFile>();
        var isPending = false;
        foreach (var (name, kind) in _world.Disk.List(folder))
        {
            if (kind is not FileKind.File || name.EndsWith(".tmp", StringComparison.Ordinal)) { continue; }
            var file = _world.Disk.Find($"{folder}/{name}")!;
            if (_world.HalfWritten.Contains(file) && !takesHalf) { isPending = true; }
            else { whole.Add(new WholeFile(name, SimDiskFile.FactsOf(file))); }
        }
        return new WholeFolder(
            whole.Count == 0 ? null : new FolderContent([.. whole], []),
            isPending && trainer is TrainerState.Running ? TimeSpan.FromSeconds(1) : null);
    }

    public void Declare(string relative) { }

    public void Took(FolderContent content) { }

    public void Dispose() => _watch.Dispose();
}
