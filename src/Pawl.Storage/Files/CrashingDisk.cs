using System.Globalization;

namespace Pawl.Storage.Files;

/// <summary>Where a process is to die: the question "what does a crash exactly here leave behind?", put to the real program.</summary>
/// <param name="After">Die when the call has returned, else before it begins.</param>
/// <param name="Call">One of create, append, write, flush, flush-folder, link, rename, remove, lock; or any.</param>
/// <param name="PathPart">A text that the path of the call contains; empty is any.</param>
/// <param name="Count">The how manieth such call, from 1.</param>
public sealed record CrashPoint(string Role, bool After, string Call, string PathPart, int Count)
{
    /// <summary>The variable that holds the points, separated by semicolons: <c>engine:after:flush:/journal/:2</c>.</summary>
    public const string Variable = "PAWL_CRASH";

    /// <summary>The variable that may name a folder: who dies leaves a file of the point's name there, and where it lies already nobody dies.</summary>
    public const string MarksVariable = "PAWL_CRASH_MARKS";

    /// <summary>Name of the file that says the point was reached.</summary>
    public string Mark =>
        string.Create(CultureInfo.InvariantCulture, $"{Role}-{(After ? "after" : "before")}-{Call}-{PathPart.Replace('/', '_')}-{Count}");

    /// <returns>The points of one kind of process.</returns>
    /// <exception cref="FormatException">A point does not have its five parts.</exception>
    public static IReadOnlyList<CrashPoint> Read(string? text, string role) =>
        [.. (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Parse).Where(p => p.Role == role)];

    private static CrashPoint Parse(string text) =>
        text.Split(':') is [var role, "before" or "after", var call, var part, var count]
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new CrashPoint(role, text.Split(':')[1] == "after", call, part, number)
            : throw new FormatException($"{Variable}: '{text}' is not ROLE:before|after:CALL:PATHPART:COUNT");
}

/// <summary>A disk on which this process kills itself at chosen calls. Nothing else differs.</summary>
public sealed class CrashingDisk(IDisk disk, IReadOnlyList<CrashPoint> points) : IDisk
{
    private const int SigKill = 9;

    private readonly int[] _seen = new int[points.Count];

    /// <summary>The disk itself where no point is given.</summary>
    public static IDisk Around(IDisk disk, string role) =>
        Environment.GetEnvironmentVariable(CrashPoint.Variable) is { } text && CrashPoint.Read(text, role) is { Count: > 0 } points
            ? new CrashingDisk(disk, points)
            : disk;

    public async ValueTask<IDiskFile> CreateAsync(string path, int mode) =>
        new File(this, await AroundAsync("create", path, () => disk.CreateAsync(path, mode)));

    public async ValueTask<IDiskFile> OpenAppendAsync(string path) =>
        new File(this, await AroundAsync("append", path, () => disk.OpenAppendAsync(path)));

    public ValueTask<IDiskFile?> OpenReadAsync(string path) => disk.OpenReadAsync(path);

    public ValueTask<IDiskFile?> OpenReadBeneathAsync(string root, string relative) => disk.OpenReadBeneathAsync(root, relative);

    public ValueTask<bool> TryLinkAsync(string existing, string name) => AroundAsync("link", name, () => disk.TryLinkAsync(existing, name));

    public ValueTask RenameAsync(string from, string to) => AroundAsync("rename", to, () => disk.RenameAsync(from, to));

    public ValueTask<bool> TryRenameNewAsync(string from, string to) => AroundAsync("rename", to, () => disk.TryRenameNewAsync(from, to));

    public ValueTask RemoveAsync(string path) => AroundAsync("remove", path, () => disk.RemoveAsync(path));

    public ValueTask RemoveTreeAsync(string path) => AroundAsync("remove", path, () => disk.RemoveTreeAsync(path));

    public ValueTask MakeFolderAsync(string path) => disk.MakeFolderAsync(path);

    public ValueTask FlushFolderAsync(string path) => AroundAsync("flush-folder", path, () => disk.FlushFolderAsync(path));

    public ValueTask<IReadOnlyList<DiskEntry>> ListAsync(string folder) => disk.ListAsync(folder);

    public ValueTask<FileFacts?> StatAsync(string path) => disk.StatAsync(path);

    public ValueTask SetModeAsync(string path, int mode) => disk.SetModeAsync(path, mode);

    public ValueTask SetModifiedAsync(string path, long modified) => disk.SetModifiedAsync(path, modified);

    public ValueTask MakeLinkAsync(string target, string path) => AroundAsync("link", path, () => disk.MakeLinkAsync(target, path));

    public ValueTask<string?> ReadLinkAsync(string path) => disk.ReadLinkAsync(path);

    public ValueTask<IHeldLock?> TryLockAsync(string path) => AroundAsync("lock", path, () => disk.TryLockAsync(path));

    public ValueTask<IHeldLock> LockAsync(string path, CancellationToken stop) => AroundAsync("lock", path, () => disk.LockAsync(path, stop));

    private async ValueTask<T> AroundAsync<T>(string call, string path, Func<ValueTask<T>> act)
    {
        var after = Pass(call, path);
        var result = await act();
        if (after is not null) { Die(after); }
        return result;
    }

    private async ValueTask AroundAsync(string call, string path, Func<ValueTask> act)
    {
        var after = Pass(call, path);
        await act();
        if (after is not null) { Die(after); }
    }

    // Dies here where a point says before; returns the one that says after.
    private CrashPoint? Pass(string call, string path)
    {
        CrashPoint? after = null;
        for (var i = 0; i < points.Count; i++)
        {
            var p = points[i];
            if ((p.Call != call && p.Call != "any") || !path.Contains(p.PathPart, StringComparison.Ordinal) || Interlocked.Increment(ref _seen[i]) != p.Count) { continue; }
            if (!p.After) { Die(p); }
            after = p;
        }
        return after;
    }

    private static void Die(CrashPoint point)
    {
        if (Environment.GetEnvironmentVariable(CrashPoint.MarksVariable) is { Length: > 0 } marks)
        {
            // Not through the disk: a mark is the observer's, not the program's.
            var mark = Disk.Open($"{marks}/{point.Mark}", LibC.ReadWrite | LibC.Create | LibC.Exclusive | LibC.CloseOnExec, 0b110_100_100);
            if (mark < 0 && Errno.Last == Errno.Exists) { return; }
        }
        _ = LibC.Kill(Environment.ProcessId, SigKill);
        Thread.Sleep(Timeout.Infinite);
    }

    private sealed class File(CrashingDisk owner, IDiskFile file) : IDiskFile
    {
        public string Path => file.Path;

        public ValueTask<FileFacts> FactsAsync() => file.FactsAsync();

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset) => file.ReadAsync(buffer, offset);

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => owner.AroundAsync("write", Path, () => file.WriteAsync(bytes));

        public ValueTask FlushAsync() => owner.AroundAsync("flush", Path, file.FlushAsync);

        public ValueTask TruncateAsync(long length) => file.TruncateAsync(length);

        public ValueTask DisposeAsync() => file.DisposeAsync();
    }
}
