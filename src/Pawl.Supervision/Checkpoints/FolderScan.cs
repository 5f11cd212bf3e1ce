using Pawl.Core.Checkpoints;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Checkpoints;

/// <summary>What is in the checkpoint folder now, without what is ignored. Something that goes meanwhile is as if it had gone before.</summary>
internal sealed class FolderScan(IDisk disk, string root, IgnoredNames ignored)
{
    public const int MostDepth = 32;
    private const int MostFiles = 100_000;

    private readonly SortedDictionary<string, FileFacts> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _links = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, FileFacts> Files => _files;

    public IEnumerable<CheckpointLink> Links => _links.Select(l => new CheckpointLink(l.Key, l.Value));

    /// <exception cref="IOException">The folder cannot be read, or holds more than a checkpoint may.</exception>
    public async ValueTask RunAsync()
    {
        var left = new Stack<string>([""]);
        while (left.TryPop(out var folder))
        {
            foreach (var entry in await disk.ListAsync(folder.Length == 0 ? root : $"{root}/{folder}"))
            {
                var path = folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}";
                if (entry.Kind == FileKind.Folder)
                {
                    if (ignored.Folder(path)) { continue; }
                    left.Push(path.Count('/') < MostDepth ? path
                        : throw new IOException($"{root}/{path}: more than {MostDepth} folders deep; no checkpoint is taken of it"));
                }
                else if (!ignored.File(path)) { await AddAsync(path, entry.Kind); }
            }
        }
    }

    private async ValueTask AddAsync(string path, FileKind kind)
    {
        if (kind == FileKind.Link)
        {
            if (Target(path) is { } target) { _links[path] = target; }
        }
        else if (kind == FileKind.File && await disk.StatAsync($"{root}/{path}") is { Kind: FileKind.File } facts) { _files[path] = facts; }
        if (_files.Count + _links.Count > MostFiles)
        {
            throw new IOException(
                $"{root}: more than {MostFiles:N0} files; no checkpoint is taken of it; name what does not belong to one as ignored");
        }
    }

    // One that leaves the folder would name something else wherever it is restored.
    private string? Target(string path)
    {
        if (new FileInfo($"{root}/{path}").LinkTarget is not { Length: > 0 } written) { return null; }
        var target = FolderContent.TargetOf(root, path, written);
        if (target.StartsWith('/')) { return null; }
        var depth = path.Count('/');
        foreach (var part in target.Split('/'))
        {
            depth += part switch { ".." => -1, "" or "." => 0, _ => 1 };
            if (depth < 0) { return null; }
        }
        return target;
    }
}
