using Pawl.Core.Workflows;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Storage.Repositories;

/// <summary>The artifact repository of a home, by keys that people choose: files as they are, to look at and to hand in. What steps pass on to each other is not read from it.</summary>
public static class Repository
{
    /// <summary>In the home: what has a key and no bucket.</summary>
    public const string Folder = "repository";

    /// <summary>In the home: a folder, or a link to one, for each bucket that something on this machine stands for.</summary>
    public const string Buckets = "buckets";

    /// <summary>Where a key is on this machine.</summary>
    /// <exception cref="IOException">Nothing stands for the bucket.</exception>
    /// <exception cref="UnsafePathException">Key or bucket are no names.</exception>
    public static async ValueTask<string> PlaceAsync(IDisk disk, string home, ArtifactLocation.InRepository place)
    {
        if (place.Key.Contains("{{", StringComparison.Ordinal)) { throw new IOException($"the key '{place.Key}' holds a tag that means nothing here: failed to resolve it"); }
        var key = Keys.Checked(place.Key.Trim('/'));
        return $"{await RootAsync(disk, home, place.Bucket)}/{key}";
    }

    /// <summary>The folder that holds what is in a bucket.</summary>
    /// <param name="bucket">Null is the home's own.</param>
    /// <exception cref="IOException">Nothing stands for the bucket.</exception>
    public static async ValueTask<string> RootAsync(IDisk disk, string home, string? bucket)
    {
        if (bucket is null) { return $"{home}/{Folder}"; }
        var root = $"{home}/{Buckets}/{(bucket.Contains('/') ? throw new UnsafePathException($"'{bucket}' is no name of a bucket") : Keys.Checked(bucket))}";
        return await disk.StatAsync(root) is { Kind: FileKind.Link } && await disk.ReadLinkAsync(root) is { } target ? Path.GetFullPath(target, $"{home}/{Buckets}")
            : await disk.StatAsync(root) is { Kind: FileKind.Folder } ? root
            : throw new IOException($"bucket '{bucket}' is not on this machine, and pawl has no credentials for another; make the folder {root}, or a link of that name to one");
    }

    /// <summary>All keys of files below a prefix, in ordinal order.</summary>
    /// <exception cref="IOException">Nothing stands for the bucket.</exception>
    public static async ValueTask<List<string>> KeysAsync(IDisk disk, string home, ArtifactLocation.InRepository place)
    {
        var root = await RootAsync(disk, home, place.Bucket);
        var prefix = place.Key.Trim('/') is { Length: > 0 } key ? Keys.Checked(key) : "";
        var found = new List<string>();
        var open = new Stack<string>([prefix]);
        while (open.TryPop(out var folder))
        {
            foreach (var (name, kind) in await disk.ListAsync(folder.Length == 0 ? root : $"{root}/{folder}"))
            {
                var below = folder.Length == 0 ? name : $"{folder}/{name}";
                if (kind is FileKind.Folder) { open.Push(below); }
                else if (kind is FileKind.File) { found.Add(below); }
            }
        }
        found.Sort(string.CompareOrdinal);
        return found;
    }
}
