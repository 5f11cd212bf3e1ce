using Pawl.Core.Attempts;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Storage.Artifacts;

/// <summary>Carries files and folders between an attempt and the store, hashing every byte on its way.</summary>
public sealed class ArtifactStore(IObjectStore store, IDisk disk, IDigestMemory memory)
{
    /// <summary>Copies a file or folder into the store under a key that nothing names yet.</summary>
    /// <param name="root">The folder that <paramref name="relative"/> must stay beneath.</param>
    /// <returns>Null where nothing is at the path.</returns>
    /// <exception cref="UnsafePathException">A link leads out of the root, or something is neither file nor folder.</exception>
    public ValueTask<ArtifactRef?> StageAsync(string root, string relative, string key) => throw new NotImplementedException();

    /// <summary>Lays a promoted artifact out as a copy of its own, verified byte by byte on the way.</summary>
    /// <exception cref="CorruptArtifactException">The bytes are not those that were promoted; nothing is left at <paramref name="path"/>.</exception>
    public ValueTask FetchAsync(ArtifactRef artifact, string path) => throw new NotImplementedException();

    /// <summary>Reads and checks without copying; skips what the memory remembers unchanged.</summary>
    /// <returns>What is wrong, in a sentence that names the key; null where all is well.</returns>
    public ValueTask<string?> VerifyAsync(ArtifactRef artifact) => throw new NotImplementedException();
}

/// <summary>Digests of files seen whole before, by what identifies their content (device, inode, size, ctime, boot).</summary>
public interface IDigestMemory
{
    ValueTask<string?> RecallAsync(string identity);

    ValueTask RememberAsync(string identity, string sha256);
}

/// <summary>A stored artifact does not have the digest its entry names.</summary>
public sealed class CorruptArtifactException(string message) : IOException(message);
