using System.Collections.Immutable;

namespace Pawl.Core.Workflows;

/// <summary>Argo's <c>http</c>: a request that a template makes instead of running a program. Texts may hold tags.</summary>
/// <param name="Timeout">Null is no limit of its own.</param>
/// <param name="SuccessCondition">An expression over <c>request</c> and <c>response</c>; null wants a status of 200 to 299.</param>
public sealed record HttpCall(
    string Method,
    string Url,
    ImmutableArray<HttpHeader> Headers,
    string? Body,
    TimeSpan? Timeout,
    bool AnyCertificate,
    string? SuccessCondition);

/// <summary>Argo's <c>data</c>: the keys below a place, put through expressions.</summary>
/// <param name="Transformation">Expressions over <c>data</c>, each given what the one before made.</param>
public sealed record KeyListing(ArtifactLocation.InRepository Source, ImmutableArray<string> Transformation);
