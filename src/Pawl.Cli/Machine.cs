using Pawl.Core.Errors;
using Pawl.Core.Scheduling;
using Pawl.Supervision.Machine;

namespace Pawl.Cli;

/// <summary>What this machine has to give to a run.</summary>
internal static class Machine
{
    public const int FewestSlots = 8;

    // Steps mostly wait for each other or for the disk; their cpu and memory requests bound them where it matters.
    public static int Slots => Math.Max(FewestSlots, 2 * Environment.ProcessorCount);

    /// <exception cref="VerbException">A variable of the environment is no usable pattern, or no number.</exception>
    public static RunLimits Limits(int slots, TimeSpan grace)
    {
        var pattern = Environment.GetEnvironmentVariable("TRANSIENT_ERROR_PATTERN") is { Length: > 0 } given ? given : null;
        if (pattern is not null && Transient.PatternProblem(pattern) is { } problem) { throw new VerbException($"{problem}; no run was created"); }
        try
        {
            var size = MachineSize.Measure();
            return new RunLimits(slots, size.CpuMillis, size.MemoryBytes, grace, pattern) { Gpus = size.Gpus > 0 ? (int)size.Gpus : null };
        }
        catch (IOException e)
        {
            throw new VerbException($"{e.Message}; no run was created");
        }
    }
}
