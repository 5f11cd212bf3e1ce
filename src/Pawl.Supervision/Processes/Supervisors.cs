using System.Collections;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Processes;

/// <summary>Starts real supervisors: detached processes, each in a session of its own, each holding the lock of its attempt.</summary>
/// <param name="program">The program and what stands before <c>supervise</c>, such as <c>[dotnet, pawl.dll]</c>; the first is absolute.</param>
/// <param name="home">Handed down as PAWL_HOME, so that supervisor and steps agree on it.</param>
public sealed class Supervisors(ImmutableArray<string> program, string home) : ISupervisors
{
    public const string LogName = "supervisor.log";

    private const int LockDescriptor = 3;
    private const int OwnerWrites = 0b110_100_100;

    private readonly Reaper _reaper = new();

    /// <summary>The running program itself.</summary>
    public static Supervisors OfThisProgram(string home) =>
        new([Environment.ProcessPath ?? throw new IOException("the path of the running program is unknown; no supervisor can be started")], home);

    public async ValueTask StartAsync(string attemptFolder, IHeldLock held)
    {
        // Closing this copy does not unlock: the lock belongs to the open file, which the child then shares.
        await using (held)
        {
            if (held is not HeldLock real) { throw new ArgumentException($"{held.Path} is not a lock of the real disk", nameof(held)); }
            var log = Native.Open(
                Path.Combine(attemptFolder, LogName), Native.WriteOnly | Native.Create | Native.Append | Native.CloseOnExec, OwnerWrites);
            if (log < 0) { throw new IOException($"{attemptFolder}/{LogName}: {Marshal.GetLastPInvokeErrorMessage()}; no supervisor was started"); }
            try
            {
                string[] arguments = [.. program, "supervise", attemptFolder, "--lock-fd", $"{LockDescriptor}"];
                Handover[] descriptors = [new(log, 1), new(log, 2), new(real.Descriptor, LockDescriptor)];
                _reaper.Add(Spawn.Start(new SpawnRequest(program[0], arguments, Inherited(), attemptFolder, descriptors)));
            }
            finally
            {
                _ = Native.Close(log);
            }
        }
    }

    private List<string> Inherited()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables()) { all[(string)variable.Key] = (string?)variable.Value ?? ""; }
        all["PAWL_HOME"] = home;

        // Each saves some milliseconds of a start that every attempt pays for; a supervisor runs no code of others, and steps inherit neither.
        all["DOTNET_EnableWriteXorExecute"] = "0";
        all["DOTNET_EnableDiagnostics"] = "0";
        return [.. all.Select(v => $"{v.Key}={v.Value}")];
    }
}
