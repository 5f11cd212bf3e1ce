using System.Security.Cryptography;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Storage.Artifacts;

/// <summary>Carries files and folders between an attempt and the store, hashing every byte on its way.</summary>
/// <remarks>
/// A file is one object under its key. A folder is one object per file, <c>&lt;key&gt;/&lt;path&gt;</c>, and a listing,
/// <c>&lt;key&gt;.tree.json</c>, so that one changed file is named and a big folder needs no second copy on its way.
/// </remarks>
public sealed class ArtifactStore(IObjectStore store, IDisk disk, IDigestMemory memory)
{
    /// <summary>Copies a file or folder into the store under a key that nothing names yet.</summary>
    /// <param name="root">The folder that <paramref name="relative"/> must stay beneath.</param>
    /// <returns>Null where nothing is at the path.</returns>
    /// <exception cref="UnsafePathException">A link leads out of the root, or something is neither file nor folder.</exception>
    /// <exception cref="IOException">It cannot be read or stored, it is too many files, or it changed meanwhile. Nothing counts as saved.</exception>
    public ValueTask<ArtifactRef?> StageAsync(string root, string relative, string key) =>
        new Staging(store, disk, root, Keys.Checked(key)).RunAsync(relative);

    /// <summary>Saves chosen files of a folder as a folder named by its digest; content that is stored whole already is not written again.</summary>
    /// <param name="files">Regular files, relative to <paramref name="root"/>, slash-separated; none passes a link.</param>
    /// <param name="prefix">The key is this, a slash, and the start of the digest.</param>
    /// <exception cref="UnsafePathException">A path leaves the root, passes a link, or is no regular file.</exception>
    /// <exception cref="IOException">A file cannot be read or stored, or changed meanwhile. Nothing counts as saved.</exception>
    public async ValueTask<ArtifactRef> StageByDigestAsync(string root, IEnumerable<string> files, string prefix)
    {
        var staging = new StagingByDigest(store, disk, root);
        var (artifact, listing) = await staging.HashAsync(files, Keys.Checked(prefix));
        if (await VerifyAsync(artifact) is not null) { await staging.WriteAsync(artifact, listing); }
        return artifact;
    }

    /// <summary>Lays a promoted artifact out as a copy of its own, verified byte by byte on the way.</summary>
    /// <param name="path">A file there is replaced; a folder there is refused. Missing folders above it are made.</param>
    /// <exception cref="CorruptArtifactException">The bytes are not those that were promoted; nothing is left at <paramref name="path"/>.</exception>
    public async ValueTask FetchAsync(ArtifactRef artifact, string path)
    {
        var aside = path + ".pawl-part";
        await disk.MakeFolderAsync(path[..Math.Max(1, path.LastIndexOf('/'))]);
        await ClearAsync(artifact.Kind, aside);
        try
        {
            if (artifact.Kind == ArtifactKind.File)
            {
                await FetchFileAsync(artifact, aside);
                await disk.RenameAsync(aside, path);
                return;
            }
            await FetchFolderAsync(artifact, aside);
            if (!await disk.TryRenameNewAsync(aside, path)) { throw new IOException($"{path}: is there already; {artifact.Key} was not laid out"); }
        }
        catch
        {
            await ClearAsync(artifact.Kind, aside);
            throw;
        }
    }

    /// <summary>Reads and checks without copying; skips what the memory remembers unchanged.</summary>
    /// <returns>What is wrong, in a sentence that names the key; null where all is well.</returns>
    public async ValueTask<string?> VerifyAsync(ArtifactRef artifact)
    {
        try
        {
            if (artifact.Kind == ArtifactKind.File) { return await VerifyFileAsync(artifact); }
            foreach (var file in Files(artifact, await ListingAsync(artifact)))
            {
                if (await VerifyFileAsync(file) is { } wrong) { return wrong; }
            }
            return null;
        }
        catch (CorruptArtifactException e) { return e.Message; }
    }

    /// <summary>Keeps an artifact under a key that is made of its content, where it stays when the first is removed.</summary>
    /// <param name="prefix">The key is this, a slash, and the start of the digest.</param>
    /// <exception cref="CorruptArtifactException">The artifact is not what was promoted.</exception>
    /// <exception cref="IOException">The store refused. Nothing counts as kept.</exception>
    public async ValueTask<ArtifactRef> KeepAsync(ArtifactRef artifact, string prefix)
    {
        var kept = artifact with { Key = $"{Keys.Checked(prefix)}/{(artifact.Kind == ArtifactKind.File ? "f" : "d")}-{artifact.Sha256[..32]}" };
        if (await VerifyAsync(kept) is null) { return kept; }
        if (artifact.Kind == ArtifactKind.File)
        {
            await store.CopyAsync(artifact.Key, kept.Key, artifact.Mode);
            return kept;
        }
        foreach (var file in Files(artifact, await ListingAsync(artifact))) { await store.CopyAsync(file.Key, kept.Key + file.Key[artifact.Key.Length..], file.Mode); }
        // The listing last: it makes a whole of what is there by then.
        await store.CopyAsync(Listing.Key(artifact.Key), Listing.Key(kept.Key), 0b110_100_100);
        return kept;
    }

    /// <summary>The digest that a stored folder would have without one of its files.</summary>
    /// <param name="path">Relative to the folder; where nothing is there, the digest is the folder's own.</param>
    /// <exception cref="CorruptArtifactException">The folder's listing is not what was promoted.</exception>
    public async ValueTask<string> DigestWithoutAsync(ArtifactRef folder, string path)
    {
        var listing = await ListingAsync(folder);
        return Convert.ToHexStringLower(SHA256.HashData((listing with { Entries = [.. listing.Entries.Where(e => e.Path != path)] }).Bytes()));
    }

    private async ValueTask<string?> VerifyFileAsync(ArtifactRef file)
    {
        string? identity;
        await using (var reader = await store.OpenReadAsync(file.Key))
        {
            if (reader is null) { return Missing(file); }
            identity = reader.Identity;
            if (identity is not null && reader.Length == file.Size && await memory.RecallAsync(identity) == file.Sha256) { return null; }
            var (sha256, size) = await Copying.HashAsync(reader.ReadAsync, null);
            if (sha256 != file.Sha256 || size != file.Size) { return Differs(file, sha256, size); }
        }
        // Only what stayed the same from before the first byte until after the last may be taken for checked.
        await using var again = await store.OpenReadAsync(file.Key);
        if (identity is not null && again?.Identity == identity) { await memory.RememberAsync(identity, file.Sha256); }
        return null;
    }

    private async ValueTask FetchFileAsync(ArtifactRef file, string path)
    {
        await using var reader = await store.OpenReadAsync(file.Key) ?? throw new CorruptArtifactException(Missing(file));
        await using (var copy = await disk.CreateAsync(path))
        {
            var (sha256, size) = await Copying.HashAsync(reader.ReadAsync, copy.WriteAsync);
            if (sha256 != file.Sha256 || size != file.Size) { throw new CorruptArtifactException(Differs(file, sha256, size)); }
        }
        await disk.SetModeAsync(path, file.Mode);
    }

    private async ValueTask FetchFolderAsync(ArtifactRef folder, string path)
    {
        var listing = await ListingAsync(folder);
        await disk.MakeFolderAsync(path);
        foreach (var entry in listing.Entries.Where(e => e.Sha256 is null)) { await disk.MakeFolderAsync($"{path}/{entry.Path}"); }
        foreach (var file in Files(folder, listing)) { await FetchFileAsync(file, path + file.Key[folder.Key.Length..]); }
        // Modes last and inside out: a folder may forbid what was just done in it.
        foreach (var entry in listing.Entries.Where(e => e.Sha256 is null).Reverse()) { await disk.SetModeAsync($"{path}/{entry.Path}", entry.Mode); }
        await disk.SetModeAsync(path, folder.Mode);
    }

    private ValueTask ClearAsync(ArtifactKind kind, string path) =>
        kind == ArtifactKind.File ? disk.RemoveAsync(path) : disk.RemoveTreeAsync(path);

    private static IEnumerable<ArtifactRef> Files(ArtifactRef folder, Listing listing) => listing.Entries
        .Where(e => e.Sha256 is not null)
        .Select(e => new ArtifactRef($"{folder.Key}/{e.Path}", e.Sha256!, e.Size, ArtifactKind.File, e.Mode));

    /// <exception cref="CorruptArtifactException">It is missing, is not the one that was promoted, or names a path outside the folder.</exception>
    private async ValueTask<Listing> ListingAsync(ArtifactRef folder)
    {
        var file = new ArtifactRef(Listing.Key(folder.Key), folder.Sha256, 0, ArtifactKind.File, 0);
        await using var reader = await store.OpenReadAsync(file.Key) ?? throw new CorruptArtifactException(Missing(file));
        if (reader.Length > Listing.MaxSize)
        {
            throw new CorruptArtifactException($"{file.Key}: {reader.Length} bytes, more than a listing can have; nothing of it is used");
        }
        using var bytes = new MemoryStream((int)reader.Length);
        var (sha256, size) = await Copying.HashAsync(reader.ReadAsync, block =>
        {
            bytes.Write(block.Span);
            return default;
        });
        if (sha256 != folder.Sha256) { throw new CorruptArtifactException(Differs(file with { Size = size }, sha256, size)); }
        var listing = Parse(file.Key, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        foreach (var entry in listing.Entries) { _ = Keys.Checked(entry.Path); }
        return listing;
    }

    // The bytes are those that were promoted; whether this program understands them is another question.
    private static Listing Parse(string key, ReadOnlySpan<byte> json)
    {
        try
        {
            return Listing.Read(json);
        }
        catch (JsonException)
        {
            throw new CorruptArtifactException(
                $"{key}: is not a listing of schema {Listing.CurrentSchema}, the one this program reads; use the program that wrote it, or a newer one");
        }
    }

    private static string Missing(ArtifactRef file) =>
        $"{file.Key}: is missing; promoted with SHA-256 {file.Sha256}, {file.Size} bytes. Nothing of it is used; retry the step that made it";

    private static string Differs(ArtifactRef file, string sha256, long size) =>
        $"{file.Key}: has SHA-256 {sha256}, {size} bytes, but was promoted with {file.Sha256}, {file.Size} bytes. "
        + "Nothing of it is used; retry the step that made it";
}

/// <summary>Digests of files seen whole before, by what identifies their content (device, inode, size, ctime, boot).</summary>
public interface IDigestMemory
{
    ValueTask<string?> RecallAsync(string identity);

    ValueTask RememberAsync(string identity, string sha256);
}

/// <summary>A stored artifact does not have the digest its entry names.</summary>
public sealed class CorruptArtifactException(string message) : IOException(message);
