using System.Collections.Immutable;
using Pawl.Core.Workflows;

namespace Pawl.Conformance;

/// <summary>What the manifests find on a cluster and this machine has not: the programs of their images.</summary>
internal static class StandIns
{
    public static string ImagesFile { get; } = Checkout.Own("StandIns", "images.yaml");

    public static ImmutableSortedDictionary<string, LocalImage> Images { get; } = Read();

    private static ImmutableSortedDictionary<string, LocalImage> Read()
    {
        var (images, problems) = Pawl.Manifests.ImagesFile.Read(ImagesFile, File.ReadAllBytes(ImagesFile), Path.GetDirectoryName(ImagesFile)!);
        return problems.IsEmpty ? images : throw new InvalidDataException(string.Join('\n', problems));
    }
}
