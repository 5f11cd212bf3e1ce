using System.Globalization;

namespace Pawl.Supervision.Processes;

/// <summary>Makes this process give way to the step it supervises.</summary>
internal static class BackgroundPriority
{
    private const int OfProcess = 0;
    private const int Niceness = 10;

    /// <summary>Lowers every thread there is; those to come inherit it. Disk priority follows from it.</summary>
    public static void Lower()
    {
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            // One that has just ended needs none.
            _ = Native.SetPriority(OfProcess, int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), Niceness);
        }
    }
}
