using System.Collections.Immutable;

namespace Pawl.Core.Workflows;

/// <summary>What is done with a container from outside: by a hook of its lifecycle, or by a probe. Texts may hold tags.</summary>
public abstract record ContainerAction
{
    private ContainerAction() { }

    /// <summary>Runs a program in it; code 0 is a success.</summary>
    public sealed record Exec(ImmutableArray<string> Command) : ContainerAction;

    /// <summary>Codes from 200 to 399 are a success.</summary>
    /// <param name="Host">Null is the container's own address.</param>
    /// <param name="Tls">Whose certificate is not looked at, as in Kubernetes.</param>
    public sealed record HttpGet(string? Host, int Port, string Path, bool Tls, ImmutableArray<EnvVar> Headers) : ContainerAction;

    /// <summary>A connection that stands is a success.</summary>
    /// <param name="Host">Null is the container's own address.</param>
    public sealed record TcpSocket(string? Host, int Port) : ContainerAction;

    public sealed record Sleep(long Seconds) : ContainerAction;
}

/// <summary>Kubernetes' <c>readinessProbe</c>; times in seconds.</summary>
/// <param name="Successes">In a row, until it is ready.</param>
public sealed record Probe(ContainerAction Action, int InitialDelay, int Period, int Timeout, int Successes);
