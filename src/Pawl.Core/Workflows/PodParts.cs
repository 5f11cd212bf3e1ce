using System.Collections.Immutable;

namespace Pawl.Core.Workflows;

/// <summary>A container beside, before or in place of a template's own.</summary>
/// <param name="Name">Unique among those of its template.</param>
/// <param name="Dependencies">Of a member of a set: those that must have ended well before.</param>
/// <param name="MirrorsMounts">It sees the volumes of the template's own container too.</param>
public sealed record NamedContainer(string Name, Container Container, ImmutableArray<string> Dependencies, bool MirrorsMounts);

/// <summary>Argo's <c>containerSet</c>: containers that run as one node.</summary>
public sealed record ContainerSet(ImmutableArray<NamedContainer> Members, SetRetry? Retry);

/// <summary>A member that fails is run again in place.</summary>
/// <param name="Retries">Runs in all, as Argo counts them; a whole number or a tag.</param>
/// <param name="Duration">The wait before each; null is none.</param>
public sealed record SetRetry(string Retries, string? Duration);

/// <summary>Names under which a pod finds an address, as in <c>/etc/hosts</c>.</summary>
public sealed record HostAlias(string Ip, ImmutableArray<string> Names);
