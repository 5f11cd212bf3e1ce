using Pawl.Storage.Files;
using Pawl.Supervision.Checkpoints.Formats;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision.Checkpoints;

/// <summary>Says of single files whether they are whole, from what it saw of them at this look and before.</summary>
/// <param name="fingerprint">Of the step: an SDK's checkpoint of another one proves nothing; null is any.</param>
internal sealed class FileJudge(string root, OpenWriters writers, TimeProvider clock, TimeSpan settle, string? fingerprint = null)
{
    // Growing from one close to the next so often is what logs do, and nothing that is written anew.
    private const int LogAppends = 3;

    /// <summary>A file of no known format that is open or cut for so long is a log, or was left behind; the rest does not wait for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HeldLogs _logs = new();
    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    /// <summary>By path, the facts of a file when it was moved into place or declared.</summary>
    private readonly Dictionary<string, FileFacts> _atOnce = new(StringComparer.Ordinal);

    public void AtOnce(string path, FileFacts facts)
    {
        lock (_atOnce) { _atOnce[path] = facts; }
    }

    /// <returns>Whether it was.</returns>
    public bool NotAtOnce(string path)
    {
        lock (_atOnce) { return _atOnce.Remove(path); }
    }

    public void NothingAtOnce()
    {
        lock (_atOnce) { _atOnce.Clear(); }
    }

    /// <summary>A file that has not been sure to be whole for <see cref="Patience"/>; null where there is none.</summary>
    public string? Restless { get; private set; }

    /// <summary>A file that was in no checkpoint yet, and was open or cut for so long that the rest does not wait for it any more; null where there is none.</summary>
    public string? GivenUp { get; private set; }

    /// <summary>The earliest time at which a file that is pending or fresh now may count; zero where none is.</summary>
    public TimeSpan Wait { get; private set; }

    public void Begin(IReadOnlyDictionary<string, FileFacts> files)
    {
        Wait = TimeSpan.Zero;
        writers.Forget();
        foreach (var gone in _seen.Keys.Where(p => !files.ContainsKey(p)).ToList())
        {
            _seen.Remove(gone);
            _logs.Forget(gone);
            NotAtOnce(gone);
        }
    }

    /// <param name="last">Its facts in the content given last; null where it was not in it.</param>
    /// <param name="written">The same, where somebody wrote it since the folder was restored.</param>
    public FoundFile Judge(string path, FileFacts facts, FileFacts? last, FileFacts? written, TrainerState trainer)
    {
        if (facts == last)
        {
            _seen.Remove(path);
            if (HeldLogs.IsNamed(Path.GetFileName(path)) && !_logs.IsGiven(path, facts)) { Remember(path, facts); }
            return new(path, facts, Standing.Known, HasEnd: true, IsGivenUp: false, Before: null);
        }
        var now = clock.GetTimestamp();
        if (!_seen.TryGetValue(path, out var seen)) { _seen[path] = seen = new() { Facts = facts, Since = now, PendingSince = now, HasShrunk = last is not null && IsRewrite(last, facts) }; }
        else if (seen.Facts != facts)
        {
            if (seen.EndOf == seen.Facts && seen.End == Ending.Whole) { (seen.Before, seen.IsAgain) = (seen.Facts, seen.Facts != last); }
            if (IsRewrite(seen.Facts, facts)) { (seen.Rewrites, seen.Appends, seen.HasShrunk) = (seen.Rewrites + 1, 0, true); }
            else if (seen.IsClosed && facts.Size > seen.Facts.Size) { seen.Appends++; }
            (seen.Facts, seen.Since, seen.IsSettled) = (facts, now, false);
        }
        var standing = Stand(path, seen, trainer, out var hasEnd);
        if (standing > Standing.Fresh) { seen.PendingSince = now; }
        var pending = clock.GetElapsedTime(seen.PendingSince, now);
        var isLate = standing <= Standing.Fresh && pending >= Patience;
        var isLog = standing <= Standing.Fresh && seen.Appends >= LogAppends && seen.Rewrites == 0 && !seen.HasFormat;
        var held = HeldSince(seen, standing, now);
        var isGivenUp = isLog || (isLate && !seen.HasFormat && last is null);
        if (standing == Standing.Fresh) { WaitFor(settle - clock.GetElapsedTime(seen.Since, now)); }
        else if (standing == Standing.Pending && !isLate && trainer == TrainerState.Running) { WaitFor(Patience - pending); }
        var rested = clock.GetElapsedTime(seen.Since, now);
        if (standing == Standing.Settled && last is not null && trainer == TrainerState.Running) { WaitFor(Patience - rested); }
        if (isLate && !isLog && held is null)
        {
            if (!isGivenUp || seen.Rewrites > 1) { Restless = path; }
            else { GivenUp = path; }
        }
        return new(path, facts, standing, hasEnd, isGivenUp, seen.Before ?? written, held) { IsAgain = seen.IsAgain, IsOld = rested >= Patience };
    }

    /// <summary>Asks for a look after that time, unless one comes before.</summary>
    public void WaitFor(TimeSpan time)
    {
        if (time > TimeSpan.Zero && (Wait == TimeSpan.Zero || time < Wait)) { Wait = time; }
    }

    /// <summary>Whether a file's content is what its end says of it. Reads it all.</summary>
    public bool IsSound(FoundFile file)
    {
        var isSound = false;
        Open(file.Path, file.Facts.Size, f => isSound = FileFormat.IsSound(f));
        return isSound;
    }

    private void Open(string path, long size, Action<FileBytes> read)
    {
        var fd = Native.Open($"{root}/{path}", Native.NonBlocking | Native.NoFollow | Native.CloseOnExec, 0);
        if (fd < 0) { return; }
        try { read(new FileBytes(fd, Path.GetFileName(path), size)); }
        finally { _ = Native.Close(fd); }
    }

    private void Remember(string path, FileFacts facts) => Open(path, facts.Size, file => _logs.Give(path, facts, file));

    private static bool IsRewrite(FileFacts before, FileFacts now) => now.Size < before.Size || now.Inode != before.Inode;

    private long? HeldSince(Seen seen, Standing standing, long now)
    {
        // Once it was held for so long, it stays a log for as long as it does not rest.
        if (standing > Standing.Fresh || (seen.IsClosed && !seen.IsHeld)) { (seen.Held, seen.IsHeld) = (null, false); }
        if (seen.Held is not { } held || seen.HasFormat || seen.HasShrunk) { return null; }
        var open = clock.GetElapsedTime(held.At, now);
        seen.IsHeld |= open >= HeldLogs.Patience;
        if (seen.IsHeld) { return held.Since; }
        WaitFor(HeldLogs.Patience - open);
        return null;
    }

    private Standing Stand(string path, Seen seen, TrainerState trainer, out bool hasEnd)
    {
        hasEnd = false;
        var fd = Native.Open($"{root}/{path}", Native.NonBlocking | Native.NoFollow | Native.CloseOnExec, 0);
        if (fd < 0) { return Standing.Pending; }
        try
        {
            var file = new FileBytes(fd, Path.GetFileName(path), seen.Facts.Size);
            seen.HasFormat |= FileFormat.IsKnown(file);
            var writing = writers.Ask(fd, $"{root}/{path}");
            seen.IsClosed = writing != Writing.Yes;
            if (writing == Writing.Yes)
            {
                // Written in place after all: that it was moved here once says nothing of what will be in it.
                NotAtOnce(path);
                (seen.Since, seen.IsSettled) = (clock.GetTimestamp(), false);
                if (seen.Held is null && HeldLogs.IsNamed(file.Name))
                {
                    var goesOn = _logs.GoesOn(path, file);
                    seen.HasShrunk |= goesOn == false;
                    seen.Held = (seen.Since, goesOn == true ? HeldLogs.Always : seen.Facts.Changed);
                }
                return Standing.Pending;
            }
            if (IsAtOnce(path, seen.Facts)) { return Standing.AtOnce; }
            if (trainer == TrainerState.Killed && DigestFormat.IsWhole(file, fingerprint)) { return Standing.AtOnce; }
            if (seen.EndOf != seen.Facts)
            {
                (seen.EndOf, seen.End) = (seen.Facts, FileFormat.End(file));
            }
            hasEnd = seen.End == Ending.Whole;
            if (seen.End == Ending.Missing) { return Standing.Pending; }
            var hasRested = clock.GetElapsedTime(seen.Since) >= settle;
            return trainer switch
            {
                TrainerState.Running when hasRested => Settled(seen),
                TrainerState.Running => seen.IsSettled ? Standing.Settled : writing == Writing.No ? Standing.Fresh : Unproven(seen),
                TrainerState.Ended => writing == Writing.No || hasRested ? Standing.Settled : Standing.Fresh,
                // The kernel closed what was open: only the end that is written last, or what was settled before, is proof.
                // Written over without being cut, an old end may stand behind a new beginning.
                _ => seen.IsSettled ? Standing.Settled : !hasEnd ? Standing.Left : FileFormat.IsSound(file) ? Standing.Fresh : Standing.Pending,
            };
        }
        finally { _ = Native.Close(fd); }
    }

    private static Standing Settled(Seen seen)
    {
        seen.IsSettled = true;
        return Standing.Settled;
    }

    // Nobody could be asked whether it is open: only time tells.
    private Standing Unproven(Seen seen)
    {
        WaitFor(settle - clock.GetElapsedTime(seen.Since));
        return Standing.Pending;
    }

    private bool IsAtOnce(string path, FileFacts facts)
    {
        lock (_atOnce) { return _atOnce.TryGetValue(path, out var then) && then == facts; }
    }

    private sealed class Seen
    {
        public required FileFacts Facts { get; set; }

        /// <summary>When the facts were seen first, or a writer was seen last.</summary>
        public required long Since { get; set; }

        /// <summary>Since when it has not been whole.</summary>
        public required long PendingSince { get; set; }

        /// <summary>It rested while the trainer ran.</summary>
        public bool IsSettled { get; set; }

        public FileFacts? EndOf { get; set; }

        /// <summary>Its facts when its end was seen last, before these.</summary>
        public FileFacts? Before { get; set; }

        /// <summary>That was not given.</summary>
        public bool IsAgain { get; set; }

        /// <summary>How often it became smaller or another file.</summary>
        public int Rewrites { get; set; }

        /// <summary>How often it only grew since it was closed, without a rewrite in between.</summary>
        public int Appends { get; set; }

        public bool IsClosed { get; set; }

        /// <summary>It became smaller or another file, also against the content given last.</summary>
        public bool HasShrunk { get; set; }

        /// <summary>When it was seen open first, and what its change time was then.</summary>
        public (long At, long Since)? Held { get; set; }

        public bool IsHeld { get; set; }

        /// <summary>It is of a format that checkpoints have, by its name or its beginning.</summary>
        public bool HasFormat { get; set; }

        public Ending End { get; set; }
    }
}
