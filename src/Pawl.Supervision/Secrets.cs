using Pawl.Core.Attempts;
using Pawl.Core.Workflows;

namespace Pawl.Supervision;

public sealed partial class Attempt
{
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

    private async ValueTask<bool> SecretAsync(AttemptSpec spec, EnvSource source, List<EnvVar> variables)
    {
        if (await new SecretFolders(disk, host.Home, spec.RunId).FindAsync(source) is not { } found) { return false; }
        variables.AddRange(found);
        return true;
    }
}
