namespace Pawl.Core.Scheduling;

/// <summary>Argo's phases of a node, and of a run (which uses the first five).</summary>
public enum Phase
{
    Pending,
    Running,
    Succeeded,
    Failed,
    Error,
    Skipped,
    Omitted,
}

public static class Phases
{
    /// <summary>Dependents may be evaluated.</summary>
    public static bool IsFulfilled(this Phase phase) => phase is not (Phase.Pending or Phase.Running);

    public static bool IsBad(this Phase phase) => phase is Phase.Failed or Phase.Error;
}

/// <summary>Argo's node types that one machine has.</summary>
public enum NodeType
{
    Pod,
    Steps,
    StepGroup,
    DAG,
    TaskGroup,
    Retry,
    Skipped,
    Suspend,

    /// <summary>A member of a containerSet; only shown, see <see cref="SetMembers"/>.</summary>
    Container,
}
