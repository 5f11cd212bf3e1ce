using System.Runtime.InteropServices;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision;

/// <summary>The folder of this user for what lives no longer than the machine runs: sockets, whose paths must be short, and news of the machine.</summary>
public static class RuntimeFolder
{
    /// <summary>Names another folder.</summary>
    public const string Variable = "PAWL_RUNTIME_DIR";

    private const int OwnerOnly = 0b111_000_000;

    /// <summary>Its path, whether it exists or not.</summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } own
        ? System.IO.Path.GetFullPath(own)
        : $"/tmp/pawl-{Native.EffectiveUser()}";

    /// <summary>Makes it.</summary>
    /// <exception cref="IOException">It cannot be made, or is somebody else's: then nothing in it may be trusted.</exception>
    public static string Ensure() => Ensure(Path);

    /// <summary>Makes the one at a path.</summary>
    /// <exception cref="IOException">As above.</exception>
    internal static string Ensure(string path)
    {
        if (Native.MakeFolder(path, OwnerOnly) != 0 && Marshal.GetLastPInvokeError() is not Native.Exists)
        {
            throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}; {Variable} names another folder");
        }

        // Changing the mode is allowed to the owner alone, and a link is not followed: /tmp is everybody's.
        var folder = Native.Open(path, Native.FolderOnly | Native.NoFollow | Native.CloseOnExec, 0);
        if (folder < 0) { throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}; remove it, or name another folder in {Variable}"); }
        try
        {
            if (Native.ChangeMode(folder, OwnerOnly) != 0)
            {
                throw new IOException($"{path} is not this user's own: {Marshal.GetLastPInvokeErrorMessage()}; name another folder in {Variable}");
            }
        }
        finally
        {
            _ = Native.Close(folder);
        }
        return path;
    }
}
