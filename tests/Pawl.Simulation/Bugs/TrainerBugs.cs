using System.Collections.Immutable;
using Pawl.Core.Checkpoints;
using Pawl.Core.Preemption;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Supervision;
using Pawl.Supervision.Checkpoints;
using Pawl.Supervision.Notices;
using Pawl.Supervision.Reports;

namespace Pawl.Simulation.Bugs;

/// <summary>A watched folder whose looks somebody else sees too, or changes.</summary>
internal sealed class OddFolders(ICheckpointFolders inner, Func<string, TrainerState, WholeFolder, WholeFolder> seen) : ICheckpointFolders
{
    public async ValueTask<ICheckpointFolder> OpenAsync(string folder, CheckpointPolicy policy) => new Odd(await inner.OpenAsync(folder, policy), folder, seen);

    public ValueTask<FolderContent?> LookBackAsync(string folder, CheckpointPolicy policy, FolderContent known, IReadOnlySet<string> saved, string fingerprint) =>
        inner.LookBackAsync(folder, policy, known, saved, fingerprint);

    private sealed class Odd(ICheckpointFolder inner, string folder, Func<string, TrainerState, WholeFolder, WholeFolder> seen) : ICheckpointFolder
    {
        public string? Weakness => inner.Weakness;

        public ValueTask ChangedAsync(CancellationToken stop) => inner.ChangedAsync(stop);

        public async ValueTask<WholeFolder> LookAsync(TrainerState trainer) => seen(folder, trainer, await inner.LookAsync(trainer));

        public void Declare(string relative) => inner.Declare(relative);

        public void Took(FolderContent content) => inner.Took(content);

        public void Dispose() => inner.Dispose();
    }
}

/// <summary>A file is taken for the one that was found, whatever became of it since.</summary>
internal sealed class ChangeUnnoticed(IDisk inner, Dictionary<string, FileFacts> found) : ThroughDisk(inner)
{
    public override async ValueTask<IDiskFile?> OpenReadBeneathAsync(string root, string relative)
    {
        var file = await Inner.OpenReadBeneathAsync(root, relative);
        return file is not null && found.TryGetValue($"{root}/{relative}", out var facts) ? new AsFound(file, facts) : file;
    }

    private sealed class AsFound(IDiskFile inner, FileFacts facts) : ThroughFile(inner)
    {
        public override async ValueTask<FileFacts> FactsAsync()
        {
            await Inner.FactsAsync();
            return facts;
        }
    }
}

/// <summary>What was said once holds for ever.</summary>
internal sealed class NeverLifted(INotices inner) : INotices
{
    private ImmutableArray<Notice> _heard = [];

    public ImmutableArray<Notice> Current => Keep(inner.Current);

    public async ValueTask<ImmutableArray<Notice>> ChangedAsync(ImmutableArray<Notice> known, CancellationToken stop)
    {
        for (var last = inner.Current; ; last = await inner.ChangedAsync(last, stop))
        {
            var all = Keep(last);
            if (!all.SequenceEqual(known)) { return all; }
        }
    }

    private ImmutableArray<Notice> Keep(ImmutableArray<Notice> now) => _heard = [.. _heard.Concat(now).DistinctBy(n => n.Id).OrderBy(n => n.Id, StringComparer.Ordinal)];
}

/// <summary>The stop signal is sent, and who sent it forgets that he did.</summary>
internal sealed class StopForgotten(IStopRequests inner, Dictionary<SimProcess, IStepProcess> steps, SimProcess supervisor) : IStopRequests
{
    public async ValueTask<StopRequest> NextAsync(CancellationToken stop)
    {
        while (true)
        {
            var request = await inner.NextAsync(stop);
            if (request.Kind is StopKind.Kill || !steps.TryGetValue(supervisor, out var step)) { return request; }
            await step.TerminateAsync();
        }
    }

    public sealed class Containment(IContainment inner, Dictionary<SimProcess, IStepProcess> steps, SimProcess supervisor) : IContainment
    {
        public ValueTask EmptyAsync(string attemptFolder) => inner.EmptyAsync(attemptFolder);

        public async ValueTask<IStepProcess> StartAsync(StepStart start) => steps[supervisor] = await inner.StartAsync(start);
    }
}

/// <summary>What a trainer says is never heard.</summary>
internal sealed class DeafLines(ITrainerLines inner) : ITrainerLines
{
    public ITrainerLine Open(string attemptFolder)
    {
        var line = inner.Open(attemptFolder);
        line.Dispose();
        return line;
    }
}

internal static class TrainerBugs
{
    public static Bug ChunksNotFlushed()
    {
        var committing = new HashSet<SimProcess>();
        return new Bug("chunk-flush-skipped", "a checkpoint's entry comes before its chunks are durable")
        {
            Disk = (process, disk) => new ChunksNotFlushed.Disk(disk, committing, process),
            Store = (process, store) => new ChunksNotFlushed(store, committing, process),
        };
    }

    public static Bug Unverified()
    {
        var written = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        return new Bug("chunk-unverified", "a chunk is laid out without being verified")
        {
            Disk = (process, disk) => new Unverified.Disk(disk, process.World),
            Store = (_, store) => new Unverified(store, written),
        };
    }

    public static Bug ChangeUnnoticed()
    {
        var found = new Dictionary<string, FileFacts>(StringComparer.Ordinal);
        return new Bug("change-unnoticed", "a file that changes while it is hashed is saved")
        {
            Disk = (process, disk) => process.Role is Role.Supervisor ? new ChangeUnnoticed(disk, found) : disk,
            Folders = (_, folders) => new OddFolders(folders, (folder, _, seen) =>
            {
                foreach (var file in seen.Content?.Files ?? []) { found[$"{folder}/{file.Path}"] = file.Facts; }
                return seen;
            }),
        };
    }

    public static Bug StopForgotten()
    {
        var steps = new Dictionary<SimProcess, IStepProcess>();
        return new Bug("stop-forgotten", "what a program left when it was told to go is promoted")
        {
            Containment = (process, inner) => new StopForgotten.Containment(inner, steps, process),
            Stops = (process, inner) => new StopForgotten(inner, steps, process),
        };
    }
}
