using System.Runtime.InteropServices;
using System.Text;

namespace Pawl.Supervision.Processes;

/// <summary>Files below /proc and /sys: small, made by the kernel on every read, and gone at any time.</summary>
/// <remarks>By bare system calls: <see cref="File"/> asks five questions of each, and throws where one is gone, which costs milliseconds.</remarks>
internal static unsafe class KernelFile
{
    // Of an environment: a token stands early or late in it, but no environment of a step is longer than ARG_MAX.
    private const int MostBytes = 4 << 20;

    /// <returns>Null where it is gone or belongs to somebody else.</returns>
    public static byte[]? TryRead(string path)
    {
        var file = Native.Open(path, Native.CloseOnExec, 0);
        if (file < 0) { return null; }
        var all = new byte[4096];
        for (var at = 0; ;)
        {
            nint read;
            fixed (byte* bytes = all) { read = Native.Read(file, bytes + at, all.Length - at); }
            if (read < 0 && Marshal.GetLastPInvokeError() == Native.Interrupted) { continue; }
            at += (int)Math.Max(read, 0);
            if (read <= 0 || at >= MostBytes)
            {
                _ = Native.Close(file);
                return read < 0 ? null : all[..at];
            }
            if (at == all.Length) { Array.Resize(ref all, all.Length * 2); }
        }
    }

    /// <returns>Empty where there is no such file.</returns>
    public static string[] Lines(string path) =>
        TryRead(path) is { } bytes ? Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    /// <returns>False where the kernel does not take it.</returns>
    public static bool TryWrite(string path, string text)
    {
        var file = Native.Open(path, Native.WriteOnly | Native.CloseOnExec, 0);
        if (file < 0) { return false; }
        var bytes = Encoding.UTF8.GetBytes(text);
        nint written;
        fixed (byte* first = bytes) { written = Native.Write(file, first, bytes.Length); }
        _ = Native.Close(file);
        return written == bytes.Length;
    }
}
