using System.Globalization;
using Pawl.Core.Attempts;

namespace Pawl.Supervision.Machine;

/// <summary>What this machine has to give to the steps of all runs.</summary>
public static class MachineSize
{
    /// <summary>Names the number of GPUs, where it is not what can be seen.</summary>
    public const string GpusVariable = "PAWL_GPUS";

    /// <exception cref="IOException">PAWL_GPUS is no number.</exception>
    public static Needs Measure() => new(Environment.ProcessorCount * 1000L, Memory(), Gpus(Environment.GetEnvironmentVariable(GpusVariable)));

    /// <summary>Those of which there is a device here; where none is made yet, those that the driver knows.</summary>
    private static int Gpus(string? told)
    {
        if (!string.IsNullOrEmpty(told))
        {
            return int.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new IOException($"{GpusVariable} is '{told}'; write the number of GPUs, such as 2, or leave it out");
        }
        const string Device = "nvidia";
        var devices = Names("/dev", Device + "*").Count(n => n.Length > Device.Length && n.AsSpan(Device.Length).IndexOfAnyExceptInRange('0', '9') < 0);
        return devices > 0 ? devices : Names("/proc/driver/nvidia/gpus", "*").Count();
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

    private static IEnumerable<string> Names(string folder, string pattern)
    {
        try { return Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder, pattern).Select(p => Path.GetFileName(p))] : []; }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return []; }       // then there is nothing to use either
    }
}
