using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Engine.Inboxes;
using Pawl.Engine.Journals;
using Pawl.Engine.Locks;
using Pawl.Engine.Loop;
using Pawl.Manifests;
using Pawl.Manifests.Linking;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision;
using Pawl.Supervision.Notices;

namespace Pawl.Engine;

/// <summary>The runs of one home: makes them, reads them, takes them to drive them, and asks their owners.</summary>
/// <param name="nonce">Gives a text of letters and digits that nobody else has, at each call.</param>
/// <param name="locks">Of all runs; null is the home's own table.</param>
public sealed partial class Runs(Home home, IDisk disk, IWatch watch, IObjectStore store, ISupervisors supervisors, TimeProvider clock, Func<string> nonce,
    ILockRows? locks = null)
{
    /// <summary>The label that Argo gives to a run which repeats another.</summary>
    public const string ResubmittedFrom = "workflows.argoproj.io/resubmitted-from-workflow";

    private const int MostManifestBytes = 4 << 20;

    public Home Home { get; } = home;

    public ArtifactStore Artifacts { get; } = new(store, disk, new DigestMemory(disk, home.Cache));

    /// <summary>Tells the content of a container image from that of another of its name; gives null where the image is not here.</summary>
    public Func<string, ValueTask<string?>> ImageId { get; init; } = _ => new((string?)null);

    public RunNames Names { get; } = new(disk, home, folder => LabelFromJournalAsync(disk, folder), nonce());

    /// <summary>Journals a new run. Nothing of it starts before an engine takes it.</summary>
    /// <param name="manifest">Exactly as the user wrote it; <paramref name="read"/> was read from it.</param>
    /// <param name="file">As the user named it.</param>
    /// <param name="options">With which it was read; null is the default.</param>
    /// <param name="repeated">The run that it repeats; null of any other.</param>
    /// <param name="noCache">Nothing is taken from what earlier runs kept.</param>
    /// <exception cref="ExpressionException">A label that an expression gives cannot be one.</exception>
    public async Task<RunFolder> SubmitAsync(
        ManifestResult read, ReadOnlyMemory<byte> manifest, string file, ArtifactRef? snapshot, RunLimits limits, string executor,
        ManifestOptions? options = null, Repeated? repeated = null, bool noCache = false)
    {
        var workflow = read.Workflow ?? throw new ArgumentException("the manifest has errors", nameof(read));
        var folder = Home.Run(nonce());
        var references = FrozenReferences.Write(read);
        var now = clock.GetUtcNow();
        var submitted = new RunEvent.Submitted(
            now,
            folder.Uid,
            workflow.Name ?? workflow.GenerateName + RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5),
            file,
            Convert.ToHexStringLower(SHA256.HashData(manifest.Span)),
            WorkflowParameters.Of(workflow),
            snapshot,
            limits,
            executor)
        {
            Images = options is { Images.Count: > 0 } ? options.Images : null,
            ReferencesSha256 = references is { } r ? Convert.ToHexStringLower(SHA256.HashData(r.Span)) : null,
            Document = read.Number > 0 ? read.Number : null,
            Strict = options is { Strict: false } ? false : null,
            ParameterOrder = [.. workflow.Arguments.Parameters.Select(p => p.Name)],
            NoCache = noCache ? true : null,
            Parent = repeated?.Run.RunId,
            Originals = repeated?.Originals,
        };
        var labels = AddedLabels.Of(workflow, submitted);
        if (repeated is not null) { labels = labels.SetItem(ResubmittedFrom, repeated.Run.Name); }
        if (!labels.IsEmpty) { submitted = submitted with { Labels = labels }; }
        await disk.MakeFolderAsync(folder.Folder);
        await SmallFile.TryCreateAsync(disk, folder.Manifest, manifest, nonce());
        if (references is { } frozen) { await SmallFile.TryCreateAsync(disk, folder.References, frozen, nonce()); }
        await using (var journal = await Journal.OpenAsync(disk, folder.Journal))
        {
            await journal.AppendAsync([EventJson.Write(submitted)]);
        }
        await Names.LabelAsync(new RunLabel(folder.Uid, submitted.Name, now, file));
        return folder;
    }

    /// <summary>The run as its journal says now; a live owner is not disturbed.</summary>
    /// <param name="events">Gets all that was journaled, oldest first; null where nobody wants it.</param>
    /// <exception cref="IOException">Journal or manifest are missing, altered or from a newer pawl.</exception>
    public async Task<RunState> ReadAsync(RunFolder folder, ICollection<RunEvent>? events = null) =>
        await FoldAsync(folder, (await Journal.ReadAsync(disk, folder.Journal)).Records, events);

    /// <summary>Takes a run to drive it.</summary>
    public async Task<TakeResult> TakeAsync(RunFolder folder, Owner owner)
    {
        if (await RunLock.TryTakeAsync(disk, folder, owner, clock) is not LockResult.Owned owned)
        {
            return new TakeResult.OwnedBy(await RunLock.OwnerAsync(disk, folder) ?? "another process");
        }
        try
        {
            var journal = await Journal.OpenAsync(disk, folder.Journal);
            var run = await FoldAsync(folder, journal.Records);
            journal.DropRecords();
            return new TakeResult.Taken(new OwnedRun(owned.Lock, journal, run,
                (state, gates, notices) => new RunLoop(folder, state, journal, new Dispatcher(folder, disk, store, supervisors, watch, clock), disk, watch, clock)
                {
                    StaysAtGates = gates,
                    Seed = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(nonce()))),
                    Notices = notices,
                    Ended = ended => TidyAsync(folder, ended),
                    Memos = new Remembering(new Memos(disk, Home, Artifacts, clock, nonce), new ContentKeys(disk, Home, Artifacts, ImageId, nonce), clock),
                    Locks = new LockKeeper(locks ?? new LockTable(Home.Index), Home, disk, watch, clock, nonce()),
                }));
        }
        catch
        {
            await owned.Lock.DisposeAsync();
            throw;
        }
    }

    /// <returns>Who owns the run, in words for people; null where nobody does.</returns>
    public ValueTask<string?> OwnerAsync(RunFolder folder) => RunLock.OwnerAsync(disk, folder);

    /// <summary>Leaves a request for the run's owner; durable when this returns.</summary>
    /// <returns>Name of its file; it goes when the owner has journaled the request.</returns>
    public ValueTask<string> AskAsync(RunFolder folder, Request request) =>
        new Inbox(disk, folder.Inbox).PostAsync(clock.GetUtcNow(), nonce(), EventJson.Write(request));

    /// <summary>True once the owner has journaled the request.</summary>
    public async ValueTask<bool> WasTakenAsync(RunFolder folder, string request) =>
        await disk.StatAsync($"{folder.Inbox}/{request}") is null;

    /// <summary>Checks every artifact that the run promoted.</summary>
    /// <returns>A sentence for each that is not what was promoted, naming node and key.</returns>
    public async Task<ImmutableArray<string>> CorruptAsync(RunState run)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in run.Nodes.Values.Where(n => n.Type == NodeType.Pod).OrderBy(n => n.Id))
        {
            foreach (var (name, artifact) in node.Outputs.Artifacts)
            {
                if (seen.Add(artifact.Key) && await Artifacts.VerifyAsync(artifact) is { } problem)
                {
                    problems.Add($"artifact {name} of {node.Id}: {problem}");
                }
            }
        }
        return problems.ToImmutable();
    }

    /// <summary>Removes a run, its chains, its checkpoints and its artifacts. The caller owns it and nothing of it runs.</summary>
    public async Task DeleteAsync(RunFolder folder)
    {
        await RemoveCopiesAsync(folder);

        // The journal first: without it there is no run, whatever else is left behind by a crash.
        await disk.RemoveTreeAsync(folder.Journal);
        await LocalStore.RemoveUnfinishedAsync(disk, Home.Store, AttemptFiles.WriterOf(folder.Uid));
        await store.RemoveAsync($"steps/{folder.Uid}/");
        await store.RemoveAsync($"artifacts/{folder.Uid}/");
        await CheckpointStore.RemoveAllAsync(store, folder.Uid);
        await disk.RemoveTreeAsync(folder.Folder);
    }

    // What a run leaves behind only while it runs.
    private async Task TidyAsync(RunFolder folder, RunState run)
    {
        await Copies.RemoveAsync(disk, Home, run, gc => gc is ArtifactGc.OnWorkflowCompletion);
        if (run.Phase == Phase.Succeeded || !run.Workflow.KeepsFailedClaims) { await disk.RemoveTreeAsync($"{folder.Folder}/{AttemptFiles.Volumes}"); }
    }

    private async Task RemoveCopiesAsync(RunFolder folder)
    {
        RunState run;
        try { run = await ReadAsync(folder); }
        catch (IOException)
        {
            // What cannot be read is removed all the same; nothing says any more what copies it made.
            return;
        }
        await Copies.RemoveAsync(disk, Home, run, gc => gc is not ArtifactGc.Never);
    }

    private async Task<RunState> FoldAsync(RunFolder folder, ImmutableArray<JournalRecord> records, ICollection<RunEvent>? events = null)
    {
        var manifest = await SmallFile.ReadAsync(disk, folder.Manifest, MostManifestBytes)
            ?? throw new IOException($"{folder.Manifest} is missing; run {folder.Uid} cannot be read without it");
        if (records.IsEmpty) { throw new IOException($"{folder.Journal} has no events; {folder.Uid} was never submitted whole and can be deleted"); }
        var submitted = EventOf(folder, records[0]) as RunEvent.Submitted;
        var options = new ManifestOptions
        {
            Strict = submitted is not { Strict: false },
            HasEngine = submitted?.Executor == Executors.Container,
            Number = submitted?.Document ?? 0,
            Library = submitted?.ReferencesSha256 is { } digest ? await ReferencesAsync(folder, digest) : null,
        };
        var read = ManifestReader.Read(folder.Manifest, manifest, options);
        var run = RunState.Begin(read.Workflow ?? throw new IOException(
            $"{folder.Manifest} can no longer be read: {read.Problems.FirstOrDefault()}"));
        foreach (var record in records)
        {
            var e = EventOf(folder, record);
            run = Scheduler.Apply(run, e);
            events?.Add(e);
        }
        return Convert.ToHexStringLower(SHA256.HashData(manifest)) == run.Submitted?.ManifestSha256
            ? run
            : throw new IOException($"{folder.Manifest} is not the manifest that was submitted: its digest differs from the journal's");
    }

    private async Task<Library> ReferencesAsync(RunFolder folder, string sha256)
    {
        var references = await SmallFile.ReadAsync(disk, folder.References, FrozenReferences.MostBytes)
            ?? throw new IOException($"{folder.References} is missing; run {folder.Uid} refers to what is in it and cannot be read without it");
        if (Convert.ToHexStringLower(SHA256.HashData(references)) != sha256)
        {
            throw new IOException($"{folder.References} is not what was submitted: its digest differs from the journal's");
        }
        try { return FrozenReferences.Read(references); }
        catch (JsonException e) { throw new IOException($"{folder.References} cannot be read: {e.Message}", e); }
    }

    private static RunEvent EventOf(RunFolder folder, JournalRecord record)
    {
        try { return EventJson.ReadEvent(record.Event); }
        catch (JsonException e)
        {
            throw new JournalCorruptException($"{folder.Journal}: event {record.Sequence} cannot be read: {e.Message}");
        }
    }

    private static async ValueTask<RunLabel?> LabelFromJournalAsync(IDisk disk, RunFolder folder)
    {
        var records = (await Journal.ReadAsync(disk, folder.Journal)).Records;
        return records.IsEmpty || EventJson.ReadEvent(records[0].Event) is not RunEvent.Submitted s
            ? null
            : new RunLabel(folder.Uid, s.Name, s.At, s.File);
    }
}

public abstract record TakeResult
{
    private TakeResult() { }

    public sealed record Taken(OwnedRun Run) : TakeResult;

    /// <param name="Description">For people.</param>
    public sealed record OwnedBy(string Description) : TakeResult;
}

/// <summary>A run that this process owns until it disposes of it.</summary>
public sealed class OwnedRun(RunLock held, Journal journal, RunState state, Func<RunState, bool, INotices, RunLoop> loop) : IAsyncDisposable
{
    public RunState State { get; private set; } = state;

    /// <summary>What a crash tore off the journal; null where it was whole.</summary>
    public string? TornTail => journal.TornTail;

    /// <param name="staysAtGates">Stay when only somebody's resume can move the run.</param>
    /// <param name="notices">Of the host on which this engine is; null where nobody gives any.</param>
    public RunLoop Loop(bool staysAtGates, INotices? notices = null) => loop(State, staysAtGates, notices ?? NoticeBoard.Silent);

    /// <summary>Journals a request and what it changes, without driving the run. Only before <see cref="Loop"/>.</summary>
    /// <param name="name">No other request of the run has it.</param>
    public async Task ApplyAsync(string name, Request request, DateTimeOffset at)
    {
        var events = Scheduler.Decide(State, new Observation.Asked(at, name, request));
        await journal.AppendAsync([.. events.Select(EventJson.Write)]);
        State = Scheduler.ApplyTurn(State, events);
    }

    public async ValueTask DisposeAsync()
    {
        await journal.DisposeAsync();
        await held.DisposeAsync();
    }
}
