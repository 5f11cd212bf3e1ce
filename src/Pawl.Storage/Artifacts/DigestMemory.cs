using System.Security.Cryptography;
using System.Text;
using Pawl.Storage.Files;

namespace Pawl.Storage.Artifacts;

/// <summary>Digests of verified files, one small file each, so that every process on this machine and boot reads an artifact once.</summary>
/// <param name="folder">Absolute; <c>cache/verified</c> of the home. It can be deleted at any time.</param>
/// <remarks>Nothing here is flushed: after a power cut the boot is another one, and a torn record does not match its own hash.</remarks>
public sealed class DigestMemory(IDisk disk, string folder) : IDigestMemory
{
    private const int MaxRecord = 1024;

    public async ValueTask<string?> RecallAsync(string identity)
    {
        try
        {
            await using var file = await disk.OpenReadAsync(PathOf(identity));
            if (file is null) { return null; }
            var bytes = new byte[MaxRecord];
            var record = Encoding.UTF8.GetString(bytes, 0, await file.ReadAsync(bytes, 0));
            return record.Split('\n') is [var named, var sha256, ..] && named == identity && record == Record(identity, sha256) ? sha256 : null;
        }
        // Not remembering costs a second read of the artifact; it must never cost the step.
        catch (IOException) { return null; }
    }

    public async ValueTask RememberAsync(string identity, string sha256)
    {
        var path = PathOf(identity);
        try
        {
            await disk.MakeFolderAsync(path[..path.LastIndexOf('/')]);
            await disk.RemoveAsync(path);
            // Of two processes that remember at once one finds the file there and leaves it; a reader in between sees a torn record.
            await using var file = await disk.CreateAsync(path);
            await file.WriteAsync(Encoding.UTF8.GetBytes(Record(identity, sha256)));
        }
        catch (IOException) { }   // as above
    }

    private string PathOf(string identity)
    {
        var parts = identity.Split(':');
        var name = parts.Length > 2 ? $"{parts[0]}-{parts[1]}" : Hash(identity);
        return $"{folder}/{Hash(name)[..2]}/{name}";
    }

    private static string Record(string identity, string sha256) => $"{identity}\n{sha256}\n{Hash($"{identity}\n{sha256}")}\n";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
