using System.Globalization;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;

namespace Pawl.Cli;

/// <summary>Promoted artifacts whose bytes are no longer those that were promoted.</summary>
internal static class Corruption
{
    /// <summary>Names every corrupt artifact on stderr.</summary>
    /// <exception cref="VerbException">There is one; nothing was started.</exception>
    public static async Task RefuseAsync(Session session, RunState run)
    {
        var corrupt = await session.Runs.CorruptAsync(run);
        foreach (var sentence in corrupt) { Screen.Error.WriteLine($"pawl: {Text.Clean(sentence)}"); }
        if (corrupt.Length > 0)
        {
            throw new VerbException(string.Create(CultureInfo.InvariantCulture,
                $"{run.Name} has {(corrupt.Length == 1 ? "a corrupt artifact" : $"{corrupt.Length} corrupt artifacts")}; nothing was started. Put the bytes back, or run the workflow anew"));
        }
    }
}
