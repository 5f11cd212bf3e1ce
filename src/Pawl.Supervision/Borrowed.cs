using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;

namespace Pawl.Supervision;

/// <summary>What an attempt borrows from the machine: written before anything is touched, so that a successor can give it back.</summary>
public sealed record BorrowedPaths(int Schema, ImmutableArray<BorrowedPath> Paths);

/// <param name="Existed">Something of the machine's own was there; it is moved aside until the attempt has ended.</param>
public sealed record BorrowedPath(string Path, bool Existed);

/// <summary>
/// Absolute paths that a step declares: without a mount view of its own they are the machine's, so one attempt at a time has each,
/// and what was there before is put back.
/// </summary>
internal sealed class Borrowed(IDisk disk, string lockFolder, string attemptFolder) : IAsyncDisposable
{
    private const string Record = "laid.json";
    private const string Aside = "displaced";
    private const int CurrentSchema = 1;

    private readonly List<IHeldLock> _locks = [];

    /// <summary>Waits for the paths, gives back what attempts before this one left there, and moves aside what is the machine's own.</summary>
    /// <param name="predecessors">Folders of earlier attempts of the step, which nothing of runs any more.</param>
    /// <exception cref="OperationCanceledException">Asked to stop while waiting.</exception>
    public async Task TakeAsync(IEnumerable<string> paths, IReadOnlyList<string> predecessors, CancellationToken stop)
    {
        var left = new List<(string Folder, BorrowedPaths Record)>();
        foreach (var folder in predecessors)
        {
            if (await ReadAsync(folder) is { } record) { left.Add((folder, record)); }
        }

        // Most steps borrow nothing and follow nobody.
        string[] wanted = [.. paths];
        if (wanted.Length == 0 && left.Count == 0) { return; }
        var mine = new SortedSet<string>(wanted, StringComparer.Ordinal);
        await LockAsync([.. mine, .. left.SelectMany(l => l.Record.Paths).Select(p => p.Path)], stop);

        // Newest first: each put aside what the one before it had left.
        foreach (var (folder, record) in Enumerable.Reverse(left)) { await GiveBackAsync(folder, record); }
        if (mine.Count > 0) { await MoveAsideAsync(mine); }
    }

    /// <summary>Removes what the attempt left at the borrowed paths and puts back what was there.</summary>
    public async Task GiveBackAsync()
    {
        if (await ReadAsync(attemptFolder) is { } record) { await GiveBackAsync(attemptFolder, record); }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var held in Enumerable.Reverse(_locks)) { await held.DisposeAsync(); }
    }

    // In one order everywhere, so that two attempts never wait for each other.
    private async Task LockAsync(IEnumerable<string> paths, CancellationToken stop)
    {
        var names = new SortedSet<string>(paths.Select(Names.Folder), StringComparer.Ordinal);
        await disk.MakeFolderAsync(lockFolder);
        foreach (var name in names) { _locks.Add(await disk.LockAsync(Path.Combine(lockFolder, name), stop)); }
    }

    private async Task MoveAsideAsync(SortedSet<string> paths)
    {
        var found = new List<BorrowedPath>();
        foreach (var path in paths)
        {
            // Below one that is moved aside nothing is left to move.
            var inside = found.Any(f => path.StartsWith(f.Path + "/", StringComparison.Ordinal));
            found.Add(new BorrowedPath(path, !inside && await disk.StatAsync(path) is not null));
        }
        var record = new BorrowedPaths(CurrentSchema, [.. found]);
        await AttemptFiles.WriteAsync(disk, attemptFolder, Record, SupervisionJson.Write(record), durable: true);

        await disk.MakeFolderAsync(Path.Combine(attemptFolder, Aside));
        foreach (var path in found.Where(f => f.Existed).Select(f => f.Path)) { await MoveAsync(path, AsideOf(attemptFolder, path)); }
    }

    private async Task GiveBackAsync(string folder, BorrowedPaths record)
    {
        foreach (var (path, existed) in record.Paths.Reverse())
        {
            var aside = AsideOf(folder, path);
            if (!existed)
            {
                await AttemptFiles.RemoveAnyAsync(disk, path);
            }
            else if (await disk.StatAsync(aside) is not null)
            {
                await AttemptFiles.RemoveAnyAsync(disk, path);
                await MoveAsync(aside, path);
            }
        }
        await disk.RemoveAsync(Path.Combine(folder, Record));
        await disk.RemoveTreeAsync(Path.Combine(folder, Aside));
    }

    private async ValueTask<BorrowedPaths?> ReadAsync(string folder)
    {
        var path = Path.Combine(folder, Record);
        return await AttemptFiles.ReadAsync(disk, path) is { } bytes ? AttemptFiles.Parse(path, bytes, SupervisionJson.ReadBorrowed) : null;
    }

    private static string AsideOf(string folder, string path) => Path.Combine(folder, Aside, Names.Folder(path));

    private async Task MoveAsync(string from, string to)
    {
        var source = await disk.StatAsync(from);
        var target = await disk.StatAsync(Path.GetDirectoryName(to)!);
        if (source is null || target is null) { throw new IOException($"{from} cannot be moved to {to}: it is gone"); }
        if (source.Device == target.Device)
        {
            if (await disk.TryRenameNewAsync(from, to)) { return; }
            throw new IOException($"{from} cannot be moved to {to}: something is there already");
        }

        // On another file system: whole under its name at once, and only then removed from its place.
        var part = to + ".part";
        await AttemptFiles.RemoveAnyAsync(disk, part);
        await CopyAsync(from, part, source);
        await disk.RenameAsync(part, to);
        await disk.FlushFolderAsync(Path.GetDirectoryName(to)!);
        await AttemptFiles.RemoveAnyAsync(disk, from);
    }

    private async Task CopyAsync(string from, string to, FileFacts facts)
    {
        if (facts.Kind is FileKind.Folder)
        {
            await disk.MakeFolderAsync(to);
            foreach (var entry in await disk.ListAsync(from))
            {
                var inner = Path.Combine(from, entry.Name);
                var found = await disk.StatAsync(inner) ?? throw new IOException($"{inner} vanished while it was copied");
                await CopyAsync(inner, Path.Combine(to, entry.Name), found);
            }
            await disk.SetModeAsync(to, facts.Mode);
            return;
        }
        if (facts.Kind is not FileKind.File || await disk.OpenReadAsync(from) is not { } source)
        {
            throw new IOException($"{from} is neither file nor folder and cannot be moved to another file system");
        }
        await using (source)
        {
            await using var target = await disk.CreateAsync(to, facts.Mode);
            var buffer = new byte[1 << 16];
            for (var at = 0L; ;)
            {
                var read = await source.ReadAsync(buffer, at);
                if (read == 0) { break; }
                await target.WriteAsync(buffer.AsMemory(0, read));
                at += read;
            }
            await target.FlushAsync();
        }
    }
}
