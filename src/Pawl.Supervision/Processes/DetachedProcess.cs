using System.Collections;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pawl.Supervision.Processes;

/// <summary>A program that goes on when whoever started it and his terminal are gone.</summary>
public static class DetachedProcess
{
    private const int OwnerWrites = 0b110_100_100;

    /// <summary>Starts a program in a session of its own, without input, its output appended to a file.</summary>
    /// <param name="command">Program, absolute, and arguments.</param>
    /// <returns>Its pid. Nobody waits for it: when it ends before this process, it stays a zombie until this process ends too.</returns>
    /// <exception cref="IOException">Nothing was started.</exception>
    public static int Start(ImmutableArray<string> command, string folder, string outputPath)
    {
        var output = Native.Open(outputPath, Native.WriteOnly | Native.Create | Native.Append | Native.CloseOnExec, OwnerWrites);
        if (output < 0) { throw new IOException($"{outputPath}: {Marshal.GetLastPInvokeErrorMessage()}; {command[0]} was not started"); }
        try
        {
            string[] environment = [.. from DictionaryEntry v in Environment.GetEnvironmentVariables() select $"{v.Key}={v.Value}"];
            return Spawn.Start(new SpawnRequest(command[0], command, environment, folder, [new(output, 1), new(output, 2)]));
        }
        finally
        {
            _ = Native.Close(output);
        }
    }
}
