using System.Text;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;

namespace Pawl.Supervision;

/// <summary>Where secrets are: each is a folder, each key a file in it, as Kubernetes mounts them. Those given with the run win over those of the home.</summary>
/// <param name="home">Absolute.</param>
/// <param name="runId">The run's uid.</param>
public sealed class SecretFolders(IDisk disk, string home, string runId)
{
    private const int MostBytes = 1 << 20;

    /// <returns>Null where there is no such secret or key.</returns>
    /// <exception cref="IOException">It cannot be read, or is too long.</exception>
    public async ValueTask<IReadOnlyList<EnvVar>?> FindAsync(EnvSource source)
    {
        if (!IsFileName(source.Object) || (source.Key is { } name && !IsFileName(name))) { return null; }
        foreach (var root in (string[])[$"{home}/runs/{runId}/secrets", $"{home}/secrets"])
        {
            var folder = $"{root}/{source.Object}";
            if (await disk.StatAsync(folder) is not { Kind: FileKind.Folder }) { continue; }
            if (source.Key is { } key)
            {
                if (await ReadAsync(folder, key) is not { } value) { continue; }
                return [new EnvVar(source.Name, value)];
            }
            var variables = new List<EnvVar>();
            foreach (var entry in (await disk.ListAsync(folder)).Where(e => e.Kind == FileKind.File).OrderBy(e => e.Name, StringComparer.Ordinal))
            {
                if (await ReadAsync(folder, entry.Name) is { } value) { variables.Add(new EnvVar(source.Name + entry.Name, value)); }
            }
            return variables;
        }
        return null;
    }

    private async ValueTask<string?> ReadAsync(string folder, string key)
    {
        if (await disk.OpenReadBeneathAsync(folder, key) is not { } file) { return null; }
        await using (file)
        {
            var size = (await file.FactsAsync()).Size;
            if (size > MostBytes) { throw new IOException($"{folder}/{key} has {size} bytes; no secret of an environment is that long"); }
            var bytes = new byte[size];
            var length = 0;
            while (length < bytes.Length && await file.ReadAsync(bytes.AsMemory(length), length) is > 0 and var read) { length += read; }
            return Encoding.UTF8.GetString(bytes, 0, length);
        }
    }

    private static bool IsFileName(string name) => name is not ("" or "." or "..") && !name.Contains('/', StringComparison.Ordinal);
}
