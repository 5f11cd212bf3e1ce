using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Linking;

namespace Pawl.Manifests;

/// <summary>How a manifest is read.</summary>
public sealed record ManifestOptions
{
    public static ManifestOptions Default { get; } = new();

    /// <summary>
    /// False reads as Argo does with <c>--strict=false</c>: unknown fields count for nothing, names of fields fit in any case, the last
    /// of two equal keys wins, a number or truth value is text where text belongs, and what has no kind is a Workflow.
    /// </summary>
    public bool Strict { get; init; } = true;

    /// <summary>What stands for container images on this machine, by <see cref="LocalImages.Key"/>.</summary>
    public ImmutableSortedDictionary<string, LocalImage> Images { get; init; } = LocalImages.None;

    /// <summary>A container engine starts the images themselves, so that none needs a stand-in.</summary>
    public bool HasEngine { get; init; }

    /// <summary>What the manifest may refer to besides its own file; null where nobody says.</summary>
    public Library? Library { get; init; }

    /// <summary>Buckets for which a folder of this machine stands.</summary>
    public ImmutableHashSet<string> Buckets { get; init; } = [];

    /// <summary>Which of the Workflows in the file is meant, from 0.</summary>
    public int Number { get; init; }
}
