using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Supervision.Checkpoints.Formats;
using Pawl.Supervision.Checkpoints.Units;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision.Checkpoints;

/// <summary>A checkpoint folder on this machine, as the kernel and the formats of its files tell of it.</summary>
/// <remarks>
/// Nothing is said to be whole that may not be: where evidence is missing, a checkpoint is seen later or, after a kill, not at all.
/// </remarks>
public sealed class CheckpointFolder : ICheckpointFolder
{
    public static readonly TimeSpan DefaultSettle = TimeSpan.FromSeconds(1);

    // Where the kernel tells nothing, somebody has to look from time to time.
    private static readonly TimeSpan Blind = TimeSpan.FromSeconds(5);
    private const int MostTries = 3;

    private readonly string _root;
    private readonly IDisk _disk;
    private readonly IgnoredNames _ignored;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _settle;
    private readonly OpenWriters _writers;
    private readonly FolderEvents _events;
    private readonly FileJudge _judge;
    private readonly Dictionary<string, long> _gone = new(StringComparer.Ordinal);
    private Dictionary<string, FileFacts> _last = new(StringComparer.Ordinal);

    /// <summary>By path, which of the contents given was the first that had it.</summary>
    private readonly Dictionary<string, int> _given = new(StringComparer.Ordinal);
    private HashSet<string> _taken = [];

    // Of what was given last: what came at once.
    private HashSet<string> _moved = [];

    /// <summary>What was there before anybody wrote to it.</summary>
    private IReadOnlyDictionary<string, FileFacts> _restored = new Dictionary<string, FileFacts>(StringComparer.Ordinal);
    private int _looks;

    private readonly Func<string, long> _free;
    private string? _place;
    private string? _once;
    private bool _wasCrowded;

    /// <summary>How often a file turned out to be written in place after it was moved there.</summary>
    private volatile int _refuted;

    private CheckpointFolder(
        string root, IDisk disk, IgnoredNames ignored, TimeProvider clock, TimeSpan settle, OpenWriters writers, Func<string, long> free, string? fingerprint = null)
    {
        _free = free;
        _place = FileSystemKind.AgainstCheckpoints(root);
        (_root, _disk, _ignored, _clock, _settle, _writers) = (root, disk, ignored, clock, settle, writers);
        _judge = new(root, writers, clock, settle, fingerprint);
        _events = new(root, ignored.Folder, Heard);
    }

    /// <summary>Why less is certain here than could be, for people; null where nothing is amiss. May come with a look.</summary>
    public string? Weakness => _once ?? _events.Weakness ?? _writers.Weakness ?? Restless ?? GivenUp;

    private string? Restless => _judge.Restless is { } path
        ? $"{_root}/{path}: has not been sure to be whole for {FileJudge.Patience.TotalSeconds:0} s, and no newer checkpoint of it and what belongs to it is taken; "
            + "write it under a name that ends in .tmp and rename it, or leave a second between two writings"
        : null;

    private string? GivenUp => _judge.GivenUp is { } path
        ? $"{_root}/{path}: was open or cut short for {FileJudge.Patience.TotalSeconds:0} s; checkpoints are taken without it, and none of a folder that is not whole without it; "
            + "close it when it is written, or name it as ignored"
        : null;

    /// <summary>Starts to watch. To be called when the folder is restored and before its trainer starts: what is in it now is whole.</summary>
    /// <param name="folder">Absolute; exists.</param>
    /// <param name="settle">How long a file must not change before it counts where its format says nothing; null is one second.</param>
    public static ValueTask<CheckpointFolder> OpenAsync(string folder, CheckpointPolicy policy, TimeProvider clock, TimeSpan? settle = null) =>
        OpenAsync(folder, policy, clock, settle, new OpenWriters(NoLeases(folder)));

    internal static async ValueTask<CheckpointFolder> OpenAsync(
        string folder, CheckpointPolicy policy, TimeProvider clock, TimeSpan? settle, OpenWriters writers, Func<string, long>? free = null)
    {
        var opened = new CheckpointFolder(
            folder.TrimEnd('/'), new Disk(), new(policy.Ignore), clock, settle ?? DefaultSettle, writers, free ?? FreeSpace.At);
        opened._events.Start();
        var restored = new FolderScan(opened._disk, opened._root, opened._ignored);
        await restored.RunAsync();
        opened._last = new(restored.Files, StringComparer.Ordinal);
        opened._restored = opened._last;
        opened._taken = [.. restored.Files.Keys];
        return opened;
    }

    /// <summary>To look once at what was left in a folder. Nothing in it is whole but by itself, or because it is as it was when it was known to be.</summary>
    /// <param name="saved">Of what is known, what is in the store: what came after that may have pushed it out.</param>
    internal static CheckpointFolder After(
        string folder, CheckpointPolicy policy, TimeProvider clock, FolderContent known, IReadOnlySet<string> saved, string fingerprint)
    {
        var last = known.Files.ToDictionary(f => f.Path, f => f.Facts, StringComparer.Ordinal);
        var left = new CheckpointFolder(
            folder.TrimEnd('/'), new Disk(), new(policy.Ignore), clock, DefaultSettle, new OpenWriters(NoLeases(folder)), FreeSpace.At, fingerprint)
        {
            _last = last,
            _restored = last,
            _taken = [.. saved],
        };
        foreach (var path in last.Keys.Where(p => !saved.Contains(p))) { left._given[path] = 1; }
        return left;
    }

    public async ValueTask ChangedAsync(CancellationToken stop)
    {
        if (!await _events.ChangedAsync(stop)) { await Task.Delay(Blind, _clock, stop); }
    }

    /// <inheritdoc/>
    /// <remarks>No files at all are no content: null.</remarks>
    public async ValueTask<WholeFolder> LookAsync(TrainerState trainer)
    {
        for (var tries = 1; ; tries++)
        {
            _events.Read();
            var refuted = _refuted;
            var scan = new FolderScan(_disk, _root, _ignored);
            await scan.RunAsync();
            // Of a step that makes no checkpoints there is nothing to judge, ever.
            if (scan.Files.Count == 0 && _last.Count == 0 && _gone.Count == 0) { return new(null, null); }
            var found = Judge(scan, trainer);

            // A writer may have come, gone, and left half a file between its rename and the question whether somebody writes.
            _events.Read();
            if (_refuted == refuted)
            {
                var whole = Together(scan, found, trainer);
                Measure(whole.Content);
                return whole;
            }
            if (tries == MostTries) { return new(null, _settle); }
        }
    }

    public void Took(FolderContent content) => _taken = [.. content.Files.Select(f => f.Path)];

    public void Declare(string relative)
    {
        var path = relative.TrimEnd('/');
        if (path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal) || path.Split('/').Contains("..")) { return; }
        _events.Read();
        Mark(string.Join('/', path.Split('/').Where(p => p is not ("" or "."))));
    }

    public void Dispose() => _events.Dispose();

    // Said with one look only, so that it hides nothing else. A checkpoint is written beside the one before, and restored beside what is there.
    private void Measure(FolderContent? content)
    {
        (_once, _place) = (_place, null);
        if (content is null || _wasCrowded || _once is not null) { return; }
        var (size, free) = (content.Files.Sum(f => f.Facts.Size), _free(_root));
        if (free >= 2 * size) { return; }
        _wasCrowded = true;
        _once = string.Create(CultureInfo.InvariantCulture, $"{_root}: {free >> 20:N0} MiB are free, less than twice the {Math.Max(1, size >> 20):N0} MiB of its newest checkpoint, ")
            + "so that the next one may not fit; make room there, or put the home on a bigger disk with --home or PAWL_HOME";
    }

    // There a lease is refused also where nobody writes, and granted where another host does.
    private static string? NoLeases(string folder) =>
        FileSystemKind.Refusal(folder) is null ? null
            : $"{folder}: is on NFS, where nobody knows who has a file open; a file written in place counts once it has not changed for a while";

    private SortedDictionary<string, FoundFile> Judge(FolderScan scan, TrainerState trainer)
    {
        _judge.Begin(scan.Files);
        var found = new SortedDictionary<string, FoundFile>(StringComparer.Ordinal);
        foreach (var (path, facts) in scan.Files)
        {
            found[path] = _judge.Judge(path, facts, _last.GetValueOrDefault(path), Written(path), trainer);
        }
        foreach (var log in found.Values.Where(f => f.HeldSince is not null && !f.IsGivenUp).ToList())
        {
            if (!found.Values.Any(f => f.HeldSince is null && !f.IsGivenUp && f.Facts.Changed > log.HeldSince)) { continue; }
            // Wherever a log was cut, it is one: it comes along as soon as nobody writes to it any more.
            found[log.Path] = log with { IsGivenUp = true, Standing = log.Standing == Standing.Left ? Standing.Settled : log.Standing };
        }
        return found;
    }

    private WholeFolder Together(FolderScan scan, SortedDictionary<string, FoundFile> found, TrainerState trainer)
    {
        var gone = Gone(found);
        var judge = new UnitJudge(found, _last, Succeeds, gone, trainer, Read, _judge.IsSound, _root);
        var taken = new SortedDictionary<string, FoundFile>(StringComparer.Ordinal);
        var isTorn = false;
        foreach (var unit in FolderUnits.Of([.. found.Keys, .. gone.Keys]))
        {
            var judged = judge.Judge(unit);
            isTorn |= judged.IsTorn;
            foreach (var file in judged.Taken) { taken[file.Path] = file; }
        }
        var links = Links(scan, found, taken, ref isTorn);
        var wait = trainer != TrainerState.Killed && _judge.Wait > TimeSpan.Zero ? _judge.Wait : (TimeSpan?)null;

        // What was moved into place or declared waits for nobody, also where it was given before and is not in the store yet.
        bool WaitsForNobody(FoundFile f) => f.Standing == Standing.AtOnce || (f.Standing == Standing.Known && _moved.Contains(f.Path) && !_taken.Contains(f.Path));
        if (taken.Count == 0 || (isTorn && !taken.Values.Any(WaitsForNobody))) { return new(null, wait); }
        _moved = [.. taken.Values.Where(f => f.Standing == Standing.AtOnce || (f.Standing == Standing.Known && _moved.Contains(f.Path))).Select(f => f.Path)];
        _last = taken.ToDictionary(f => f.Key, f => f.Value.Facts, StringComparer.Ordinal);
        _looks++;
        foreach (var path in _given.Keys.Where(p => !taken.ContainsKey(p) && !_gone.ContainsKey(p)).ToList()) { _given.Remove(path); }
        foreach (var path in taken.Keys) { _given.TryAdd(path, _looks); }
        return new(new([.. taken.Values.Select(f => new WholeFile(f.Path, f.Facts))], links), wait);
    }

    private FileFacts? Written(string path) => _last.GetValueOrDefault(path) is { } last && last != _restored.GetValueOrDefault(path) ? last : null;

    // By path, whether it was missed only just now.
    private Dictionary<string, bool> Gone(SortedDictionary<string, FoundFile> found)
    {
        var now = _clock.GetTimestamp();
        foreach (var path in _last.Keys.Where(p => !found.ContainsKey(p))) { _gone.TryAdd(path, now); }
        foreach (var (path, since) in _gone.ToList())
        {
            if (found.ContainsKey(path) || _clock.GetElapsedTime(since, now) >= FileJudge.Patience) { _gone.Remove(path); }
            else { _judge.WaitFor(_settle - _clock.GetElapsedTime(since, now)); }
        }
        return _gone.ToDictionary(g => g.Key, g => _clock.GetElapsedTime(g.Value, now) < _settle, StringComparer.Ordinal);
    }

    // A newer file has come, and is not in the store yet: what went since was not needed any more.
    private bool Succeeds(string path, string gone) =>
        !_taken.Contains(path) && (_last.ContainsKey(path) ? _given.GetValueOrDefault(path) : int.MaxValue) > _given.GetValueOrDefault(gone);

    // A link to something that is not whole yet must neither dangle nor be lost.
    private static ImmutableArray<CheckpointLink> Links(
        FolderScan scan, SortedDictionary<string, FoundFile> found, SortedDictionary<string, FoundFile> taken, ref bool isTorn)
    {
        var links = ImmutableArray.CreateBuilder<CheckpointLink>();
        foreach (var link in scan.Links)
        {
            var target = Resolved(link);
            if (IsThere(target, taken)) { links.Add(link); }
            else { isTorn |= found.TryGetValue(target, out var file) && !file.IsGivenUp; }
        }
        return links.ToImmutable();
    }

    private static bool IsThere(string target, SortedDictionary<string, FoundFile> taken) =>
        taken.ContainsKey(target) || taken.Keys.Any(p => p.StartsWith($"{target}/", StringComparison.Ordinal));

    private static string Resolved(CheckpointLink link)
    {
        var parts = new List<string>(FolderUnits.FolderOf(link.Path).Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in link.Target.Split('/'))
        {
            if (part == "..") { parts.RemoveAt(parts.Count - 1); }
            else if (part is not ("" or ".")) { parts.Add(part); }
        }
        return string.Join('/', parts);
    }

    private byte[]? Read(FoundFile file)
    {
        var fd = Native.Open($"{_root}/{file.Path}", Native.NonBlocking | Native.NoFollow | Native.CloseOnExec, 0);
        if (fd < 0) { return null; }
        var bytes = new byte[file.Facts.Size];
        var isRead = new FileBytes(fd, file.Path, file.Facts.Size).TryRead(0, bytes);
        _ = Native.Close(fd);
        return isRead ? bytes : null;
    }

    private void Heard(string path, FolderEvents.Event what)
    {
        switch (what)
        {
            case FolderEvents.Event.Moved:
                Mark(path);
                break;
            case FolderEvents.Event.Closed:
                if (_judge.NotAtOnce(path)) { _refuted++; }
                break;
            default:
                _judge.NothingAtOnce();
                _refuted++;
                break;
        }
    }

    // With the facts it has now: whatever is written to it later is another matter.
    private void Mark(string path)
    {
        var left = new Stack<string>([path]);
        while (left.TryPop(out var next))
        {
            try
            {
                var entry = new FileInfo(next.Length == 0 ? _root : $"{_root}/{next}");
                if (entry.LinkTarget is not null) { continue; }
                if (Directory.Exists(entry.FullName))
                {
                    if (next.Count('/') >= FolderScan.MostDepth || (next.Length > 0 && _ignored.Folder(next))) { continue; }
                    foreach (var below in Directory.EnumerateFileSystemEntries(entry.FullName)) { left.Push(below[(_root.Length + 1)..]); }
                }
                else if (_disk.StatAsync(entry.FullName).AsTask().GetAwaiter().GetResult() is { } facts)   // answers at once
                {
                    _judge.AtOnce(next, facts);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It went, or cannot be read; then the look says so. What was only heard is no evidence of what is there.
            }
        }
    }
}
