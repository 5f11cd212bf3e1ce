using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;

namespace Pawl.Supervision.Pods;

/// <summary>What the containers of a step are, and in what order they run.</summary>
/// <param name="Main">The command, or the members of a set.</param>
/// <param name="IsSet">What the manifest calls containers of their own.</param>
internal sealed record PodPlan(
    ImmutableArray<PlannedContainer> Init, ImmutableArray<PlannedContainer> Main, ImmutableArray<PlannedContainer> Sidecars, bool IsSet, SetRuns? Runs, TimeSpan GracePeriod);

/// <summary>One container, ready to start.</summary>
/// <param name="PreStop">Null of the command, whose hook is the attempt's.</param>
internal sealed record PlannedContainer(
    StepStart Start, ImmutableArray<string> Dependencies, ContainerAction? PostStart, ContainerAction? PreStop, Probe? Ready)
{
    public string Name => Start.Container;

    public bool PausesBefore => Pauses(AttemptSpec.PauseBefore);

    public bool PausesAfter => Pauses(AttemptSpec.PauseAfter);

    private bool Pauses(string variable) => Start.Environment.Any(v => v.Name == variable && v.Value == "true");
}
