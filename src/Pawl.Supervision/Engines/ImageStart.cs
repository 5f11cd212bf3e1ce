using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Supervision.Mounts;

namespace Pawl.Supervision;

/// <summary>How a container engine is to start an image.</summary>
/// <param name="Entrypoint">In place of the image's own; empty is that.</param>
/// <param name="Args">After the entrypoint; where both are empty the image's own.</param>
/// <param name="PullPolicy">Kubernetes' word; null is to pull what is missing.</param>
/// <param name="Outputs">From paths in the container to where they are copied at its end, where they are there.</param>
public sealed record ImageStart(
    string Image, ImmutableArray<string> Entrypoint, ImmutableArray<string> Args, string? PullPolicy, ImmutableArray<HostAlias> Hosts, ImmutableArray<Bind> Outputs)
{
    /// <summary>Numbers of those that it gets.</summary>
    public ImmutableArray<int> Gpus { get; init; } = [];
}
