using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pawl.Storage.Json;

namespace Pawl.Supervision.Processes;

/// <summary>What holds the processes of an attempt together, written beside its spec so that anybody can empty it later.</summary>
/// <param name="Token">Value of the variable that every process of the attempt inherits.</param>
/// <param name="Folders">Control groups, absolute.</param>
public sealed record ContainerRecord(int Schema, string Token, ImmutableArray<string> Folders);

/// <summary>The processes of one attempt, whoever started them: control groups where there are any, and always a variable they all inherit.</summary>
internal sealed class Container
{
    public const string Variable = "PAWL_CONTAINER";

    private const string Record = "container.json";
    private const int CurrentSchema = 1;
    private const long CpuPeriodMicroseconds = 100_000;

    private readonly ImmutableArray<string> _folders;
    private readonly Func<long> _oomKills;

    private Container(string kind, string token, ImmutableArray<string> folders, Func<long> oomKills) =>
        (Kind, Token, _folders, _oomKills) = (kind, token, folders, oomKills);

    /// <summary><c>cgroup2</c>, <c>cgroup1</c> or <c>subreaper</c>.</summary>
    public string Kind { get; }

    public string Token { get; }

    /// <summary>Files to which a process writes its pid to be in the container.</summary>
    public IEnumerable<string> Doors => _folders.Select(f => Path.Combine(f, "cgroup.procs"));

    /// <summary>Whether the kernel killed something in it for want of memory.</summary>
    public bool RanOutOfMemory => _oomKills() > 0;

    /// <param name="notes">Gets a line for every limit that this machine cannot enforce.</param>
    public static Container Create(string attemptFolder, Cgroups groups, long? memory, long? cpu, List<string> notes)
    {
        var token = TokenOf(attemptFolder);
        var folders = ImmutableArray.CreateBuilder<string>();
        string? In(string? parent) => parent is null ? null : Path.Combine(parent, token);

        var memoryInUnified = groups.Unified is { } u && Cgroups.TryEnable(u, "memory");
        var cpuInUnified = groups.Unified is { } v && cpu is not null && Cgroups.TryEnable(v, "cpu");
        if (In(groups.Unified) is { } unified) { folders.Add(unified); }
        var ownMemory = !memoryInUnified && (memory is not null || groups.Unified is null) ? In(groups.Memory) : null;
        if (ownMemory is not null) { folders.Add(ownMemory); }
        var ownCpu = !cpuInUnified && cpu is not null ? In(groups.Cpu) : null;
        if (ownCpu is not null && ownCpu != ownMemory) { folders.Add(ownCpu); }

        // Named before they exist: whoever dies in between leaves nothing that cannot be found.
        Write(attemptFolder, new ContainerRecord(CurrentSchema, token, folders.ToImmutable()));
        foreach (var folder in folders) { Make(folder); }

        if (memory is { } bytes && !LimitMemory(memoryInUnified ? folders[0] : null, ownMemory, bytes))
        {
            notes.Add($"the memory limit of {bytes:N0} bytes is not enforced: this machine offers no writable memory cgroup");
        }
        if (cpu is { } thousandths && !LimitCpu(cpuInUnified ? folders[0] : null, ownCpu, thousandths))
        {
            notes.Add($"the cpu limit of {thousandths}m is not enforced: this machine offers no writable cpu cgroup");
        }
        var kind = groups.Unified is not null ? "cgroup2" : folders.Count > 0 ? "cgroup1" : "subreaper";
        return new Container(kind, token, folders.ToImmutable(), Counter(memoryInUnified ? folders[0] : null, ownMemory));
    }

    /// <summary>Kills until nothing is left, then removes the control groups.</summary>
    /// <param name="alsoOurs">Further processes that only the starter knows to belong to the attempt.</param>
    /// <remarks>Waits for as long as a process cannot be killed (a disk that hangs): nothing may start beside it.</remarks>
    public static void Empty(string attemptFolder, Func<IEnumerable<ProcessTable.Row>, IEnumerable<int>>? alsoOurs = null)
    {
        var record = Read(attemptFolder) ?? new ContainerRecord(CurrentSchema, TokenOf(attemptFolder), []);
        foreach (var folder in record.Folders) { EmptyGroup(folder); }

        // The second net: what left its group, or never had one. A killed process has no environment some time before it is dead.
        var killed = new List<int>();
        for (var pause = 1; ; pause = Math.Min(2 * pause, 50))
        {
            var left = Strays(record.Token, alsoOurs);
            if (left.Count == 0 && !killed.Exists(p => ProcessTable.Find(p) is { IsDead: false })) { break; }
            foreach (var pid in left) { _ = Native.Kill(pid, Native.SigKill); }
            killed.AddRange(left);
            Thread.Sleep(pause);
        }
        foreach (var folder in record.Folders) { RemoveGroup(folder); }
    }

    private static void Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the control group {folder} cannot be made: {e.Message}", e);
        }
    }

    private static HashSet<int> Strays(string token, Func<IEnumerable<ProcessTable.Row>, IEnumerable<int>>? alsoOurs)
    {
        var found = new HashSet<int>();
        foreach (var pid in ProcessTable.WithEnvironment($"{Variable}={token}")) { found.Add(pid); }
        if (found.Count == 0 && alsoOurs is null) { return found; }

        var living = ProcessTable.All().Where(r => !r.IsDead && r.Pid != Environment.ProcessId).ToList();
        if (alsoOurs is not null) { found.UnionWith(alsoOurs(living)); }
        while (living.FindAll(r => found.Contains(r.Parent) && found.Add(r.Pid)) is not []) { }
        return found;
    }

    private static void EmptyGroup(string folder)
    {
        for (var pause = 1; Directory.Exists(folder); pause = Math.Min(2 * pause, 50))
        {
            var pids = Members(folder).FindAll(p => ProcessTable.Find(p) is { IsDead: false });
            if (pids.Count == 0) { return; }
            if (!KernelFile.TryWrite(Path.Combine(folder, "cgroup.kill"), "1"))
            {
                foreach (var pid in pids) { _ = Native.Kill(pid, Native.SigKill); }
            }
            Thread.Sleep(pause);
        }
    }

    private static List<int> Members(string folder)
    {
        var found = new List<int>();
        foreach (var line in KernelFile.Lines(Path.Combine(folder, "cgroup.procs"))) { found.Add(int.Parse(line, CultureInfo.InvariantCulture)); }
        foreach (var inner in Inner(folder)) { found.AddRange(Members(inner)); }
        return found;
    }

    private static string[] Inner(string folder)
    {
        try
        {
            return Directory.GetDirectories(folder);
        }
        catch (IOException)
        {
            // Removed meanwhile, with everything that was in it.
            return [];
        }
    }

    // An empty group that the kernel will not remove yet harms nothing; its name is used again by nobody but this attempt.
    private static void RemoveGroup(string folder)
    {
        for (var pause = 1; pause < 200; pause *= 2)
        {
            foreach (var inner in Inner(folder)) { RemoveGroup(inner); }

            // Its last process is not quite gone, or somebody else removed it first.
            if (Native.RemoveFolder(folder) == 0 || !Directory.Exists(folder)) { return; }
            Thread.Sleep(pause);
        }
    }

    private static bool LimitMemory(string? unified, string? own, long bytes)
    {
        var text = bytes.ToString(CultureInfo.InvariantCulture);
        if (unified is not null)
        {
            _ = KernelFile.TryWrite(Path.Combine(unified, "memory.swap.max"), "0");
            return KernelFile.TryWrite(Path.Combine(unified, "memory.max"), text);
        }
        if (own is null || !KernelFile.TryWrite(Path.Combine(own, "memory.limit_in_bytes"), text)) { return false; }

        // Absent where the kernel does not account for swap; then there is nothing to limit.
        _ = KernelFile.TryWrite(Path.Combine(own, "memory.memsw.limit_in_bytes"), text);
        return true;
    }

    private static bool LimitCpu(string? unified, string? own, long thousandths)
    {
        var quota = thousandths * CpuPeriodMicroseconds / 1000;
        if (unified is not null) { return KernelFile.TryWrite(Path.Combine(unified, "cpu.max"), $"{quota} {CpuPeriodMicroseconds}"); }
        return own is not null
            && KernelFile.TryWrite(Path.Combine(own, "cpu.cfs_period_us"), $"{CpuPeriodMicroseconds}")
            && KernelFile.TryWrite(Path.Combine(own, "cpu.cfs_quota_us"), $"{quota}");
    }

    private static Func<long> Counter(string? unified, string? own) => (unified, own) switch
    {
        ({ } folder, _) => () => Cgroups.Count(Path.Combine(folder, "memory.events"), "oom_kill"),
        (_, { } folder) => () => Cgroups.Count(Path.Combine(folder, "memory.oom_control"), "oom_kill"),
        _ => () => 0,
    };

    private static string TokenOf(string attemptFolder) =>
        $"pawl-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(attemptFolder))))[..32]}";

    private static void Write(string attemptFolder, ContainerRecord record)
    {
        var path = Path.Combine(attemptFolder, Record);
        File.WriteAllBytes(path + ".new", SupervisionJson.Write(record));
        File.Move(path + ".new", path, overwrite: true);
    }

    private static ContainerRecord? Read(string attemptFolder)
    {
        var path = Path.Combine(attemptFolder, Record);
        if (!File.Exists(path)) { return null; }
        var bytes = File.ReadAllBytes(path);
        return IsTorn(bytes) ? null : AttemptFiles.Parse(path, bytes, SupervisionJson.ReadContainer);
    }

    // Not flushed, so a power cut can tear it; but then no process outlived it either.
    private static bool IsTorn(byte[] bytes)
    {
        try
        {
            _ = JsonFields.Parse(bytes);
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }
}
