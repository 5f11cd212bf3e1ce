using System.Collections.Immutable;
using System.Text;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Mounts;

/// <summary>The names of hosts that a step knows beside those of the machine.</summary>
internal static class HostsFile
{
    private const string Place = "/etc/hosts";
    private const string Name = "hosts";

    public static async Task<Bind> MakeAsync(IDisk disk, string attemptFolder, ImmutableArray<HostAlias> aliases)
    {
        var text = new StringBuilder(await AttemptFiles.ReadAsync(disk, Place) is { } known ? Encoding.UTF8.GetString(known) : "");
        if (text.Length > 0 && text[^1] != '\n') { text.Append('\n'); }
        foreach (var alias in aliases) { text.Append(alias.Ip).Append('\t').AppendJoin('\t', alias.Names).Append('\n'); }
        await AttemptFiles.WriteAsync(disk, attemptFolder, Name, Encoding.UTF8.GetBytes(text.ToString()), durable: false);
        return new Bind(Path.Combine(attemptFolder, Name), Place, ReadOnly: true);
    }
}
