using System.Globalization;
using System.Text;
using Pawl.Supervision.Mounts;

namespace Pawl.Supervision.Processes;

/// <summary>Starts programs in a mount view of their own, through bubblewrap.</summary>
/// <remarks>
/// Bubblewrap stays as the parent of what it starts, passes no signal on, and makes one number of exit code and signal. So it is ended as
/// soon as the view stands, while the program waits: the kernel hands its child to the nearest subreaper, which is this process
/// meanwhile. From then on a step in a view is a child like any other. The mounts end with the last process that sees them.
/// </remarks>
internal static class Bubblewrap
{
    /// <summary>
    /// Run by a shell before anything else: it says its pid where only bubblewrap has spoken, takes its own stderr, and waits until it is
    /// a child of the supervisor. At the end of the line instead of a word it knows that there is no supervisor any more.
    /// </summary>
    public const string Enter = "echo $$ >&2; exec 2>&4 4>&-; read -r go <&3 || exit 126; exec 3<&-; ";

    private const int SetupDescriptor = 2;
    private const int GoDescriptor = 3;
    private const int ErrorDescriptor = 4;

    // Being a subreaper is a property of the whole process.
    private static readonly Lock Gate = new();

    /// <summary>Finds out by doing it whether a view can be had.</summary>
    /// <returns>Null where it can; else why not.</returns>
    public static string? WhyNot(MountView view)
    {
        if (Find() is not { } bubblewrap) { return "bubblewrap (bwrap) is not installed"; }
        try
        {
            using var said = Pipe.Open();
            var pid = Spawn.Start(new SpawnRequest(bubblewrap, [.. Arguments(view, "/"), "/bin/sh", "-c", "echo $$ >&2"], [], "/", [new(said.WriteEnd, SetupDescriptor)]));
            said.CloseWriteEnd();
            var (found, complaints) = ReadPid(said);
            _ = Spawn.Wait(pid);
            return found is not null ? null : $"bubblewrap does not work here: {complaints}";
        }
        catch (IOException e)
        {
            return $"bubblewrap does not work here: {e.Message}";
        }
    }

    /// <param name="view">What the program sees.</param>
    /// <param name="folder">Where it starts, in the view.</param>
    /// <param name="shell">Arguments of <c>/bin/sh</c>, whose script begins with <see cref="Enter"/>.</param>
    /// <param name="environment">Of bubblewrap itself and of the shell.</param>
    /// <param name="stdin">Null is empty.</param>
    /// <returns>The pid of the program; the caller must wait for it.</returns>
    /// <exception cref="IOException">Nothing runs.</exception>
    public static int Start(MountView view, string folder, IReadOnlyList<string> shell, IReadOnlyList<string> environment, int stdout, int stderr, int? stdin)
    {
        var bubblewrap = Find() ?? throw new IOException("bubblewrap (bwrap) is not installed any more");
        using var setup = Pipe.Open();
        using var go = Pipe.OpenToChild();
        Handover[] descriptors = [.. stdin is { } input ? (Handover[])[new(input, 0)] : [], new(stdout, 1), new(setup.WriteEnd, SetupDescriptor), new(go.ReadEnd, GoDescriptor), new(stderr, ErrorDescriptor)];
        lock (Gate)
        {
            var was = IsSubreaper();
            Become(subreaper: 1);
            try
            {
                var parent = Spawn.Start(new SpawnRequest(bubblewrap, [.. Arguments(view, folder), "/bin/sh", .. shell], environment, "/", descriptors));
                setup.CloseWriteEnd();
                var (number, complaints) = ReadPid(setup);
                _ = Native.Kill(parent, Native.SigKill);
                _ = Spawn.Wait(parent);
                var pid = number ?? throw new IOException($"the mount view could not be made: {complaints}");
                if (ProcessTable.Find(pid)?.Parent != Environment.ProcessId)
                {
                    throw new IOException($"process {pid} in the mount view was not handed to its supervisor");
                }
                go.Write((byte)'\n');
                return pid;
            }
            finally
            {
                if (!was) { Become(subreaper: 0); }
            }
        }
    }

    // Devices as a plain process sees them; a session of its own, as every step has.
    private static IEnumerable<string> Arguments(MountView view, string folder) =>
    [
        "bwrap", "--new-session", "--dev-bind", view.Root, "/",
        .. view.Binds.SelectMany(b => (string[])[b.ReadOnly ? "--ro-bind" : "--dev-bind", b.Source, b.Target]),
        "--chdir", folder, "--",
    ];

    private static string? Find()
    {
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin"))
        {
            var path = Path.Combine(folder, "bwrap");
            if (Path.IsPathRooted(path) && File.Exists(path)) { return path; }
        }
        return null;
    }

    // Bubblewrap may have something to say before the shell does.
    private static (int? Pid, string Complaints) ReadPid(Pipe setup)
    {
        var complaints = new List<string>();
        while (ReadLine(setup) is { } line)
        {
            if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) { return (pid, ""); }
            complaints.Add(line);
        }
        return (null, complaints.Count == 0 ? "bubblewrap ended without a word" : string.Join("; ", complaints));
    }

    /// <returns>Without the newline; null at the end.</returns>
    private static string? ReadLine(Pipe pipe)
    {
        var line = new List<byte>();
        byte? next;
        while ((next = pipe.ReadByte()) is { } some && some != (byte)'\n') { line.Add(some); }
        return line.Count == 0 && next is null ? null : Encoding.UTF8.GetString([.. line]);
    }

    private static unsafe bool IsSubreaper()
    {
        int answer;
        _ = Native.ProcessControl(Native.AskSubreaper, (nint)(&answer), 0, 0, 0);
        return answer != 0;
    }

    private static void Become(int subreaper) => _ = Native.ProcessControl(Native.BecomeSubreaper, subreaper, 0, 0, 0);
}
