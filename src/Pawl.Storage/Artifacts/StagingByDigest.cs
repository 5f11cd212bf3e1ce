using System.Security.Cryptography;
using Pawl.Core.Attempts;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Storage.Artifacts;

/// <summary>Saves chosen files of a folder under a key that is made of their content, so that equal content is stored once.</summary>
internal sealed class StagingByDigest(IObjectStore store, IDisk disk, string root)
{
    private const int Permissions = 0b111_111_111;
    private const int FolderMode = 0b111_101_101;

    /// <summary>Hashes the files without writing anything.</summary>
    /// <param name="files">Relative to the root, slash-separated.</param>
    /// <returns>What the artifact will be, and its listing.</returns>
    internal async ValueTask<(ArtifactRef Artifact, Listing Listing)> HashAsync(IEnumerable<string> files, string prefix)
    {
        var entries = new SortedDictionary<string, ListingEntry>(StringComparer.Ordinal);
        foreach (var path in files)
        {
            for (var slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                entries.TryAdd(path[..slash], new(path[..slash], FolderMode, 0, null));
            }
            await using var file = await OpenAsync(path);
            var (sha256, size) = await Copying.HashAsync(file.ReadAsync, null);
            entries[path] = new(path, (await file.FactsAsync()).Mode & Permissions, size, sha256);
        }
        if (entries.Count > Listing.MaxEntries)
        {
            throw new IOException($"{root}: has more than {Listing.MaxEntries} files and folders to save; not saved");
        }
        var listing = new Listing(Listing.CurrentSchema, [.. entries.Values]);
        var digest = Convert.ToHexStringLower(SHA256.HashData(listing.Bytes()));
        return (new($"{prefix}/{digest[..32]}", digest, entries.Values.Sum(e => e.Size), ArtifactKind.Folder, FolderMode), listing);
    }

    /// <exception cref="IOException">A file is another than when it was hashed; nothing counts as saved.</exception>
    internal async ValueTask WriteAsync(ArtifactRef artifact, Listing listing)
    {
        foreach (var entry in listing.Entries.Where(e => e.Sha256 is not null))
        {
            await using var file = await OpenAsync(entry.Path);
            await using var writer = await store.OpenWriteAsync($"{artifact.Key}/{entry.Path}", entry.Mode);
            var (sha256, _) = await Copying.HashAsync(file.ReadAsync, writer.WriteAsync);
            if (sha256 != entry.Sha256)
            {
                throw new IOException($"{root}/{entry.Path}: changed while it was being saved; not saved, end what still writes to it");
            }
            await writer.CommitAsync();
        }
        // The listing last: it makes a whole of what is there by then.
        await using var last = await store.OpenWriteAsync(Listing.Key(artifact.Key), 0b110_100_100);
        await last.WriteAsync(listing.Bytes());
        await last.CommitAsync();
    }

    private async ValueTask<IDiskFile> OpenAsync(string path) =>
        await disk.OpenReadBeneathAsync(root, path) ?? throw new IOException($"{root}/{path}: vanished while it was being saved; not saved");
}
