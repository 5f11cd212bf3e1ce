using System.Text;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;

namespace Pawl.Supervision;

public sealed partial class Attempt
{
    private const int MostSecretBytes = 1 << 20;

    /// <summary>The values of the secrets that a step names, read when it starts and written nowhere.</summary>
    /// <exception cref="IOException">One that is not optional is missing.</exception>
    private async ValueTask<IReadOnlyList<EnvVar>> SecretsAsync(AttemptSpec spec)
    {
        if (spec.Secrets.IsEmpty) { return []; }
        var variables = new List<EnvVar>();
        foreach (var source in spec.Secrets)
        {
            var found = await SecretAsync(spec, source, variables);
            if (!found && !source.Optional)
            {
                throw new IOException(source.Key is { } key
                    ? $"secret '{source.Object}' with the key '{key}' is not there; give it with --secret, or keep it as {host.Home}/secrets/{source.Object}/{key}"
                    : $"secret '{source.Object}' is not there; give it with --secret, or keep it as {host.Home}/secrets/{source.Object}/KEY");
            }
        }
        return variables;
    }

    // Those given with the run win over those of the home. Each is a folder, each key a file in it, as Kubernetes mounts them.
    private async ValueTask<bool> SecretAsync(AttemptSpec spec, EnvSource source, List<EnvVar> variables)
    {
        if (!IsFileName(source.Object) || (source.Key is { } name && !IsFileName(name))) { return false; }
        foreach (var root in (string[])[$"{host.Home}/runs/{spec.RunId}/secrets", $"{host.Home}/secrets"])
        {
            var folder = $"{root}/{source.Object}";
            if (await disk.StatAsync(folder) is not { Kind: FileKind.Folder }) { continue; }
            if (source.Key is { } key)
            {
                if (await ReadSecretAsync(folder, key) is not { } value) { continue; }
                variables.Add(new EnvVar(source.Name, value));
                return true;
            }
            foreach (var entry in (await disk.ListAsync(folder)).Where(e => e.Kind == FileKind.File).OrderBy(e => e.Name, StringComparer.Ordinal))
            {
                if (await ReadSecretAsync(folder, entry.Name) is { } value) { variables.Add(new EnvVar(source.Name + entry.Name, value)); }
            }
            return true;
        }
        return false;
    }

    private async ValueTask<string?> ReadSecretAsync(string folder, string key)
    {
        if (await disk.OpenReadBeneathAsync(folder, key) is not { } file) { return null; }
        await using (file)
        {
            var size = (await file.FactsAsync()).Size;
            if (size > MostSecretBytes) { throw new IOException($"{folder}/{key} has {size} bytes; no secret of an environment is that long"); }
            var bytes = new byte[size];
            var length = 0;
            while (length < bytes.Length && await file.ReadAsync(bytes.AsMemory(length), length) is > 0 and var read) { length += read; }
            return Encoding.UTF8.GetString(bytes, 0, length);
        }
    }

    private static bool IsFileName(string name) => name is not ("" or "." or "..") && !name.Contains('/', StringComparison.Ordinal);
}
