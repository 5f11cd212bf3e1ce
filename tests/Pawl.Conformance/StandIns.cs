using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Pawl.Core.Workflows;

namespace Pawl.Conformance;

/// <summary>What the manifests find on a cluster and this machine has not: the programs of their images.</summary>
internal static partial class StandIns
{
    public static string ImagesFile { get; } = Checkout.Own("StandIns", "images.yaml");

    public static ImmutableSortedDictionary<string, LocalImage> Images { get; } = Read();

    /// <summary>The buckets that a manifest and what it refers to name: here each is a folder.</summary>
    public static ImmutableHashSet<string> BucketsOf(Row row, Library library) =>
        [.. library.ClosureOf(row).Prepend(File.ReadAllText(row.File)).SelectMany(text => Bucket().Matches(text)).Select(m => m.Groups[1].Value)];

    /// <summary>Argo's own test of it (TestInvalidNameParameterSubstitution) makes no config map, and expects an error for that.</summary>
    public static bool HasNoConfigMaps(Row row) => row.Path.EndsWith("-testinvalidnameparametersubstitution.yaml", StringComparison.Ordinal);

    [GeneratedRegex(@"\b(?:bucket|container): *[""']?([a-z0-9][-.a-z0-9]*)\b")]
    private static partial Regex Bucket();

    private static ImmutableSortedDictionary<string, LocalImage> Read()
    {
        var (images, problems) = Pawl.Manifests.ImagesFile.Read(ImagesFile, File.ReadAllBytes(ImagesFile), Path.GetDirectoryName(ImagesFile)!);
        return problems.IsEmpty ? images : throw new InvalidDataException(string.Join('\n', problems));
    }
}
