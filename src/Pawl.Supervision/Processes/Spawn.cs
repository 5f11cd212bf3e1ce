using System.Runtime.InteropServices;
using System.Text;

namespace Pawl.Supervision.Processes;

/// <summary>What a child gets: nothing is inherited but what is named here.</summary>
/// <param name="Program">Absolute.</param>
/// <param name="Arguments">The first is the program's own name.</param>
/// <param name="Environment">Lines <c>NAME=value</c>.</param>
/// <param name="Descriptors">From this process's descriptor to the child's; given in an order in which none is overwritten before it is copied.</param>
internal sealed record SpawnRequest(
    string Program,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    string Folder,
    IReadOnlyList<Handover> Descriptors);

/// <summary>A descriptor of this process, and the number it gets in the child.</summary>
internal sealed record Handover(int From, int To);

/// <summary>Starts a process in a session of its own, with signals as a fresh login would have them and stdin empty.</summary>
/// <remarks>
/// Not by <c>System.Diagnostics.Process</c>: it ignores SIGPIPE on behalf of its children, cannot hand over a descriptor, and cannot tell
/// <c>exit(137)</c> from SIGKILL.
/// </remarks>
internal static unsafe class Spawn
{
    // Larger than glibc's posix_spawn_file_actions_t (80), posix_spawnattr_t (336) and sigset_t (128).
    private const int OpaqueBytes = 512;
    private const int InvalidArgument = 22;

    /// <returns>The pid; the caller must wait for it.</returns>
    /// <exception cref="SpawnException">Nothing was started.</exception>
    public static int Start(SpawnRequest request)
    {
        if (request.Arguments.Concat(request.Environment).FirstOrDefault(t => t.Contains('\0')) is { } cut)
        {
            throw new SpawnException($"{request.Program}: '{cut.Replace("\0", "\\0", StringComparison.Ordinal)}' holds a NUL", InvalidArgument);
        }
        var actions = stackalloc byte[OpaqueBytes];
        var attributes = stackalloc byte[OpaqueBytes];
        var signals = stackalloc byte[OpaqueBytes];
        Check(Native.ActionsInit(actions), request);
        Check(Native.AttributesInit(attributes), request);
        var arguments = Strings(request.Arguments);
        var environment = Strings(request.Environment);
        var program = Marshal.StringToCoTaskMemUTF8(request.Program);
        try
        {
            Check(Native.ActionsAddOpen(actions, 0, "/dev/null", 0, 0), request);
            foreach (var (from, to) in request.Descriptors) { Check(Native.ActionsAddDup2(actions, from, to), request); }
            CloseOthers(actions, request);
            Check(Native.ActionsAddFolder(actions, request.Folder), request);

            Check(Native.AttributesSetFlags(attributes, Native.SetSid | Native.SetSignalDefaults | Native.SetSignalMask), request);
            Check(Native.EmptySignals(signals), request);
            Check(Native.AttributesSetMask(attributes, signals), request);
            Check(Native.FillSignals(signals), request);
            Check(Native.AttributesSetDefaults(attributes, signals), request);

            int pid;
            Check(Native.PosixSpawn(&pid, (byte*)program, actions, attributes, arguments, environment), request);
            return pid;
        }
        finally
        {
            Marshal.FreeCoTaskMem(program);
            Free(arguments);
            Free(environment);
            _ = Native.AttributesDestroy(attributes);
            _ = Native.ActionsDestroy(actions);
        }
    }

    /// <summary>Waits for a child and reaps it.</summary>
    /// <returns>Its code, or 128 + signal; and the signal when it was killed.</returns>
    public static (int ExitCode, int? Signal) Wait(int pid)
    {
        while (true)
        {
            Native.SignalFacts facts;
            if (Native.WaitId(Native.WaitForPid, pid, &facts, Native.WaitExited) == 0)
            {
                return facts.Code == Native.SignalFacts.Exited ? (facts.Status, null) : (128 + facts.Status, facts.Status);
            }
            if (Marshal.GetLastPInvokeError() != Native.Interrupted)
            {
                throw new IOException($"waiting for process {pid} failed: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
    }

    // Ours close themselves on exec; those that whoever started pawl leaked into it do not, and would be held open for days.
    private static void CloseOthers(byte* actions, SpawnRequest request)
    {
        var first = 3;
        foreach (var (_, to) in request.Descriptors) { first = Math.Max(first, to + 1); }
        try
        {
            Check(Native.ActionsAddCloseFrom(actions, first), request);
        }
        catch (EntryPointNotFoundException)
        {
            return;
        }
    }

    private static void Check(int error, SpawnRequest request)
    {
        if (error != 0) { throw new SpawnException($"{request.Program}: {Marshal.GetPInvokeErrorMessage(error)}", error); }
    }

    private static byte** Strings(IReadOnlyList<string> texts)
    {
        var all = (byte**)NativeMemory.AllocZeroed((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(texts[i]);
            all[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
            bytes.CopyTo(new Span<byte>(all[i], bytes.Length));
        }
        return all;
    }

    private static void Free(byte** all)
    {
        for (var text = all; *text is not null; text++) { NativeMemory.Free(*text); }
        NativeMemory.Free(all);
    }
}

/// <summary>The kernel refused to start a program.</summary>
internal sealed class SpawnException(string message, int error) : IOException(message)
{
    public int Error { get; } = error;
}
