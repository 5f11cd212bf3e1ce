using System.Text;

namespace Pawl.Tests.Supervision.Checkpoints;

/// <summary>The file operations of a framework's writer, in their order, to be played up to any of them.</summary>
internal sealed class Replay
{
    private readonly List<Action<Played>> _operations = [];

    public int Length => _operations.Count;

    /// <summary>Writes a file in place: opened (and cut), filled in pieces, closed.</summary>
    public Replay InPlace(string path, byte[] content, int pieces = 3)
    {
        Open(path);
        for (var piece = 0; piece < pieces; piece++) { Write(path, content[(content.Length * piece / pieces)..(content.Length * (piece + 1) / pieces)]); }
        return Close(path);
    }

    public Replay Write(string path, byte[] part)
    {
        _operations.Add(p => p.Open[path].Write(part));
        return this;
    }

    public Replay Open(string path)
    {
        _operations.Add(p => p.Open[path] = new FileStream(p.At(path), FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        return this;
    }

    public Replay Close(string path)
    {
        _operations.Add(p =>
        {
            p.Open[path].Dispose();
            p.Open.Remove(path);
        });
        return this;
    }

    public Replay Rename(string from, string to)
    {
        _operations.Add(p =>
        {
            if (Directory.Exists(p.At(from))) { Directory.Move(p.At(from), p.At(to)); }
            else { File.Move(p.At(from), p.At(to), overwrite: true); }
        });
        return this;
    }

    public Replay Folder(string path)
    {
        _operations.Add(p => Directory.CreateDirectory(p.At(path)));
        return this;
    }

    public Replay Remove(string path)
    {
        _operations.Add(p =>
        {
            if (Directory.Exists(p.At(path))) { Directory.Delete(p.At(path)); }
            else { File.Delete(p.At(path)); }
        });
        return this;
    }

    public Replay Link(string path, string target)
    {
        _operations.Add(p => File.CreateSymbolicLink(p.At(path), target));
        return this;
    }

    /// <summary>What these files and links are now is a checkpoint: all of them, and nothing else.</summary>
    public Replay Complete(params string[] paths)
    {
        var last = _operations[^1];
        _operations[^1] = p =>
        {
            last(p);
            p.Complete.Add(paths.ToDictionary(f => f, f => new FileInfo(p.At(f)).LinkTarget is { } to ? Encoding.UTF8.GetBytes(to) : File.ReadAllBytes(p.At(f))));
        };
        return this;
    }

    public Replay Then(Func<Replay, Replay> next) => next(this);

    public void Play(Played on, int operation) => _operations[operation](on);
}

/// <summary>A writer at work in a folder.</summary>
internal sealed class Played(string folder)
{
    public Dictionary<string, FileStream> Open { get; } = [];

    /// <summary>The complete checkpoints up to now: bytes of each file, target of each link.</summary>
    public List<Dictionary<string, byte[]>> Complete { get; } = [];

    public string At(string path) => Path.Join(folder, path);

    /// <summary>As the kernel does for one that is killed.</summary>
    public void CloseAll()
    {
        foreach (var file in Open.Values) { file.Dispose(); }
        Open.Clear();
    }
}
