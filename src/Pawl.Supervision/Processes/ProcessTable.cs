using System.Globalization;
using System.Text;

namespace Pawl.Supervision.Processes;

/// <summary>What /proc says about the processes of this machine. Any of it may be over by the time it is read.</summary>
internal static class ProcessTable
{
    /// <param name="State">R, S, D, T, Z, … ; Z and X are dead.</param>
    internal sealed record Row(int Pid, int Parent, int Session, char State)
    {
        public bool IsDead => State is 'Z' or 'X';
    }

    public static IEnumerable<Row> All()
    {
        foreach (var pid in Pids())
        {
            if (Find(pid) is { } row) { yield return row; }
        }
    }

    /// <returns>Null where there is no such process.</returns>
    public static Row? Find(int pid)
    {
        if (KernelFile.TryRead($"/proc/{pid}/stat") is not { } bytes) { return null; }
        var text = Encoding.Latin1.GetString(bytes);

        // The name in parentheses may itself hold spaces and parentheses.
        var rest = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return new Row(pid, Number(rest[1]), Number(rest[3]), rest[0][0]);
    }

    public static IEnumerable<int> Children(int pid) => All().Where(r => r.Parent == pid && !r.IsDead).Select(r => r.Pid);

    /// <summary>The name of the program a process runs, such as <c>bash</c>; empty where it cannot be read.</summary>
    public static string Program(int pid) =>
        KernelFile.TryRead($"/proc/{pid}/comm") is { } name ? Encoding.UTF8.GetString(name).TrimEnd('\n') : "";

    /// <summary>Whether a process has a handler of its own for a signal.</summary>
    public static bool Catches(int pid, int signal)
    {
        if (KernelFile.TryRead($"/proc/{pid}/status") is not { } bytes) { return false; }
        var line = Encoding.Latin1.GetString(bytes).Split('\n').FirstOrDefault(l => l.StartsWith("SigCgt:", StringComparison.Ordinal));
        return line is not null
            && (ulong.Parse(line.AsSpan("SigCgt:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) == 1;
    }

    /// <summary>Which pipe one of its open files is, the same name at both ends; null where it is none, or cannot be read.</summary>
    public static string? Pipe(int pid, int fd) =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd/{fd}")).LinkTarget is { } target && target.StartsWith("pipe:", StringComparison.Ordinal)
            ? target
            : null;

    /// <summary>Living processes whose environment holds a line; those of other users cannot be seen.</summary>
    public static IEnumerable<int> WithEnvironment(string line)
    {
        var sought = Encoding.UTF8.GetBytes(line);
        foreach (var pid in Pids())
        {
            // The dead have none.
            if (pid != Environment.ProcessId && KernelFile.TryRead($"/proc/{pid}/environ") is { } environment && Holds(environment, sought))
            {
                yield return pid;
            }
        }
    }

    private static IEnumerable<int> Pids()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) { yield return pid; }
        }
    }

    private static bool Holds(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> line)
    {
        for (var at = environment.IndexOf(line); at >= 0;)
        {
            var end = at + line.Length;
            if ((at == 0 || environment[at - 1] == 0) && (end == environment.Length || environment[end] == 0)) { return true; }
            var next = environment[end..].IndexOf(line);
            at = next < 0 ? -1 : end + next;
        }
        return false;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
