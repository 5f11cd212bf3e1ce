namespace Pawl.Core.Scheduling;

/// <summary>What the steps of a run are started by, as it is journaled.</summary>
public static class Executors
{
    /// <summary>As processes of this machine, each in a mount view of its own where there are any.</summary>
    public const string Process = "process";

    /// <summary>In containers of their images, by podman or docker.</summary>
    public const string Container = "container";
}
