using System.Globalization;
using Pawl.Core.Errors;
using Pawl.Core.Scheduling;

namespace Pawl.Cli;

/// <summary>What this machine has to give to a run.</summary>
internal static class Machine
{
    public const int FewestSlots = 8;

    // Steps mostly wait for each other or for the disk; their cpu and memory requests bound them where it matters.
    public static int Slots => Math.Max(FewestSlots, 2 * Environment.ProcessorCount);

    /// <exception cref="VerbException">TRANSIENT_ERROR_PATTERN is no usable pattern.</exception>
    public static RunLimits Limits(int slots, TimeSpan grace)
    {
        var pattern = Environment.GetEnvironmentVariable("TRANSIENT_ERROR_PATTERN") is { Length: > 0 } given ? given : null;
        if (pattern is not null && Transient.PatternProblem(pattern) is { } problem) { throw new VerbException($"{problem}; no run was created"); }
        return new RunLimits(slots, Environment.ProcessorCount * 1000L, Memory(), grace, pattern);
    }

    /// <summary>Bytes that this process and its children may have: the machine's, or less where a cgroup says so.</summary>
    private static long Memory()
    {
        var total = Math.Min(
            Number(First("/proc/meminfo", "MemTotal:")?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) is var kib and < long.MaxValue ? kib * 1024 : long.MaxValue,
            Math.Min(Number(First("/sys/fs/cgroup/memory.max", "")), Number(First("/sys/fs/cgroup/memory/memory.limit_in_bytes", ""))));
        return total == long.MaxValue ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : total;
    }

    private static long Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;

    private static string? First(string file, string start)
    {
        try { return File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(start, StringComparison.Ordinal)) : null; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }     // then there is no such limit to know
    }
}
