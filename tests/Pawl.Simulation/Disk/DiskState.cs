using Pawl.Storage.Files;

namespace Pawl.Simulation.Disk;

/// <summary>
/// The one disk of a world. A call has its whole effect at once; what of it outlasts a power cut is decided when the power goes:
/// the data of a file that was not flushed, and each change of a name whose folder was not flushed, may be kept or lost.
/// </summary>
public sealed class DiskState(World world)
{
    private readonly Inode _root = new(1, FileKind.Folder, 0x1FF);
    private readonly List<NameChange> _unflushed = [];
    private readonly HashSet<Inode> _dirty = [];
    private long _inodes = 1;

    /// <summary>Hears of each name that comes to be, by path: the judge looks at some of them at once.</summary>
    public Action<string>? Appeared { get; set; }

    /// <summary>Hears of each name that is removed.</summary>
    public Action<string>? Vanished { get; set; }

    /// <summary>Files that the medium has changed where they lay, by path.</summary>
    public HashSet<string> Rotted { get; } = new(StringComparer.Ordinal);

    private Dictionary<string, List<SimFolderWatch>> Watches { get; } = new(StringComparer.Ordinal);

    public Inode Create(string path, int mode)
    {
        var (folder, name) = Parent(path);
        if (folder.Names.ContainsKey(name)) { throw new IOException($"{path} exists"); }
        var made = New(FileKind.File, mode);
        Change(path, (folder, name, made));
        return made;
    }

    public Inode? Find(string path, bool followLast = false) => Walk(path, followLast);

    /// <summary>Opens a regular file; null where nothing is there.</summary>
    public Inode? FindFile(string path) => Walk(path, followLast: false) switch
    {
        null => null,
        { Kind: FileKind.File } file => file,
        { Kind: FileKind.Link } => throw new IOException($"{path} is a symbolic link"),
        _ => throw new IOException($"{path} is not a file"),
    };

    /// <summary>As <see cref="FindFile"/> beneath a folder that a stranger may have written to.</summary>
    public Inode? FindBeneath(string root, string relative)
    {
        if (relative.StartsWith('/') || relative.Split('/').Contains("..")) { throw new UnsafePathException($"{relative} leaves {root}"); }
        var at = Find(root, followLast: true);
        foreach (var part in relative.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at is null) { return null; }
            if (at.Kind is FileKind.Link) { throw new UnsafePathException($"{relative} passes a symbolic link"); }
            if (at.Kind is not FileKind.Folder) { return null; }
            at = part == "." ? at : at.Names.GetValueOrDefault(part);
        }
        return at is null or { Kind: FileKind.File } ? at : throw new UnsafePathException($"{relative} in {root} is not a regular file");
    }

    public bool TryLink(string existing, string path)
    {
        var file = FindFile(existing) ?? throw new IOException($"{existing} is not there to be linked");
        var (folder, name) = Parent(path);
        if (folder.Names.ContainsKey(name)) { return false; }
        Change(path, (folder, name, file));
        return true;
    }

    public void Rename(string from, string to)
    {
        var (source, name) = Parent(from);
        var moved = source.Names.GetValueOrDefault(name) ?? throw new IOException($"{from} is not there to be renamed");
        var (target, newName) = Parent(to);
        Change(to, (source, name, null), (target, newName, moved));
    }

    public bool TryRenameNew(string from, string to)
    {
        var (target, name) = Parent(to);
        if (target.Names.ContainsKey(name)) { return false; }
        Rename(from, to);
        return true;
    }

    public void Remove(string path)
    {
        if (Walk(path, followLast: false) is not { } there) { return; }
        if (there.Kind is FileKind.Folder) { throw new IOException($"{path} is a folder"); }
        var (folder, name) = Parent(path);
        Change(path, (folder, name, null));
    }

    public void RemoveTree(string path)
    {
        if (Walk(path, followLast: false) is not { } there) { return; }
        if (there.Kind is FileKind.Folder)
        {
            foreach (var name in there.Names.Keys.Order(StringComparer.Ordinal).ToList()) { RemoveTree($"{path}/{name}"); }
        }
        var (folder, last) = Parent(path);
        Change(path, (folder, last, null));
    }

    /// <summary>Makes a folder and those above it, durably.</summary>
    /// <exception cref="UnsafePathException">The path goes up again.</exception>
    public void MakeFolder(string path)
    {
        if (path.Split('/').Contains("..")) { throw new UnsafePathException($"{path} has dots in it"); }
        var at = _root;
        var walked = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            walked = $"{walked}/{part}";
            if (!at.Names.TryGetValue(part, out var next))
            {
                next = New(FileKind.Folder, 0x1ED);
                Change(walked, (at, part, next));
                Flush(at);
            }
            if (next.Kind is not FileKind.Folder) { throw new IOException($"{walked} is not a folder"); }
            at = next;
        }
    }

    public void MakeLink(string target, string path)
    {
        var (folder, name) = Parent(path);
        Change(path, (folder, name, new Inode(++_inodes, FileKind.Link, 0x1FF) { Target = target }));
    }

    public void FlushFolder(string path) => Flush(Folder(path));

    public IReadOnlyList<DiskEntry> List(string path)
    {
        if (Find(path, followLast: true) is not { } folder) { return []; }
        if (folder.Kind is not FileKind.Folder) { throw new IOException($"{path} is not a folder"); }
        return [.. folder.Names.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => new DiskEntry(n.Key, n.Value.Kind))];
    }

    public void Append(Inode file, ReadOnlySpan<byte> bytes, string path)
    {
        file.Append(bytes);
        Touch(file);
        Hint(path);
    }

    public void Truncate(Inode file, int length)
    {
        file.Truncate(length);
        Touch(file);
    }

    public void CutPower(Dice dice)
    {
        KeepSomeNames(dice);
        foreach (var file in _dirty.OrderBy(i => i.Number)) { file.LosePower(dice); }
        _dirty.Clear();
        Watches.Clear();
    }

    /// <summary>True once the medium failed somewhere.</summary>
    public bool HasRotted => Rotted.Count > 0;

    /// <summary>Changes a byte of some file below a folder.</summary>
    /// <returns>False where no file with content is there.</returns>
    public bool RotOne(Dice dice, string folder)
    {
        var files = Find(folder) is { } from ? FilesBelow(folder, from).Where(f => f.File.Length > 0).ToList() : [];
        if (files.Count == 0) { return false; }
        var (path, file) = dice.Pick(files);
        world.Note(null, "rot", path);
        file.Rot(dice.Next(file.Length));
        return Rotted.Add(path);
    }

    /// <summary>Somebody closed a file that he has written.</summary>
    public void Closed(string path) => Hint(path);

    private static IEnumerable<(string Path, Inode File)> FilesBelow(string path, Inode folder) => folder.Names.OrderBy(n => n.Key, StringComparer.Ordinal)
        .SelectMany(n => n.Value.Kind is FileKind.Folder ? FilesBelow($"{path}/{n.Key}", n.Value) : [($"{path}/{n.Key}", n.Value)]);

    public void Watch(string folder, SimFolderWatch watch)
    {
        if (!Watches.TryGetValue(folder, out var there)) { Watches[folder] = there = []; }
        there.Add(watch);
    }

    public void Unwatch(string folder, SimFolderWatch watch) => Watches.GetValueOrDefault(folder)?.Remove(watch);

    // Either as a journaling file system loses names, all after a moment, or as POSIX lets it: each for itself.
    private void KeepSomeNames(Dice dice)
    {
        var cut = dice.Next(3) switch
        {
            0 => _unflushed.Count,
            1 => dice.Next(_unflushed.Count + 1),
            _ => -1,
        };
        for (var i = _unflushed.Count - 1; i >= 0; i--)
        {
            foreach (var effect in _unflushed[i].Effects.AsSpan()) { Set(effect.Folder, effect.Name, effect.Before); }
        }
        for (var i = 0; i < _unflushed.Count; i++)
        {
            if (cut >= 0 ? i >= cut : dice.OneIn(2)) { continue; }
            foreach (var effect in _unflushed[i].Effects.AsSpan()) { Set(effect.Folder, effect.Name, effect.After); }
        }
        _unflushed.Clear();
    }

    private void Change(string path, params ReadOnlySpan<(Inode Folder, string Name, Inode? After)> effects)
    {
        var made = new Effect[effects.Length];
        for (var i = 0; i < effects.Length; i++)
        {
            var (folder, name, after) = effects[i];
            made[i] = new Effect(folder, name, folder.Names.GetValueOrDefault(name), after);
            Set(folder, name, after);
            folder.Changed = folder.Modified = Now();
        }
        _unflushed.Add(new NameChange(made));
        Hint(path);
        if (effects[^1].After is not null) { Appeared?.Invoke(path); }
        else { Vanished?.Invoke(path); }
    }

    private static void Set(Inode folder, string name, Inode? to)
    {
        if (to is null) { folder.Names.Remove(name); }
        else { folder.Names[name] = to; }
    }

    private void Flush(Inode folder) => _unflushed.RemoveAll(c => Array.Exists(c.Effects, e => e.Folder == folder));

    private void Touch(Inode file)
    {
        file.Changed = file.Modified = Now();
        _dirty.Add(file);
    }

    private void Hint(string path)
    {
        if (Watches.TryGetValue(path[..path.LastIndexOf('/')], out var watches))
        {
            foreach (var watch in watches.ToArray()) { watch.Hint(); }
        }
    }

    private Inode New(FileKind kind, int mode) => new(++_inodes, kind, mode) { Changed = Now(), Modified = Now() };

    private long Now() => world.Timeline.Ticks * 100;

    private (Inode Folder, string Name) Parent(string path)
    {
        var slash = path.LastIndexOf('/');
        return (Folder(path[..Math.Max(slash, 0)]), path[(slash + 1)..]);
    }

    private Inode Folder(string path) => Walk(path, followLast: true) switch
    {
        { Kind: FileKind.Folder } folder => folder,
        null => throw new IOException($"the folder {path} is not there"),
        _ => throw new IOException($"{path} is not a folder"),
    };

    private Inode? Walk(ReadOnlySpan<char> path, bool followLast, Inode? from = null)
    {
        var at = from ?? _root;
        while (!path.IsEmpty)
        {
            var slash = path.IndexOf('/');
            var part = slash < 0 ? path : path[..slash];
            path = slash < 0 ? [] : path[(slash + 1)..];
            if (part.IsEmpty) { continue; }
            if (at.Kind is not FileKind.Folder) { return null; }
            if (!at.Names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(part, out var next)) { return null; }
            if (next.Kind is FileKind.Link && (followLast || !path.IsEmpty))
            {
                next = Walk(next.Target, followLast: true, next.Target.StartsWith('/') ? _root : at);
                if (next is null) { return null; }
            }
            at = next;
        }
        return at;
    }

    private readonly record struct Effect(Inode Folder, string Name, Inode? Before, Inode? After);

    private sealed record NameChange(Effect[] Effects);
}
