using Pawl.Manifests;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Yaml;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>The manifests that the repository carries, which tests/Pawl.Conformance plays.</summary>
public sealed class OwnManifests
{
    private static readonly string Folder = Checkout.At("tests", "Pawl.Conformance", "manifests");

    [Fact]
    public void Every_field_that_does_something_stands_in_one_of_them()
    {
        var written = Taken().SelectMany(Documents).SelectMany(Places.In).ToHashSet();
        var missing = ArgoCoverage.AllTables()
            .SelectMany(t => t.Names.Where(f => t[f] is Treatment.Read && !written.Contains((t, f))).Select(f => $"{t.Place}: {f}")).ToArray();
        Assert.True(missing.Length == 0, $"These fields are honoured, and no manifest of tests/Pawl.Conformance/manifests says what comes of them:\n{string.Join('\n', missing)}");
    }

    [Fact]
    public void Every_place_of_the_language_is_looked_at() => Assert.Empty(ArgoCoverage.AllTables().Except(Places.All()).Select(t => t.Place));

    [Fact]
    public void Each_is_in_the_index_once()
    {
        var indexed = Rows().Select(r => r[0]).Order(StringComparer.Ordinal);
        Assert.Equal(Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal), indexed);
    }

    // One that is refused says nothing of its fields.
    private static IEnumerable<string> Taken() => Rows().Where(r => r[3] != "Invalid").Select(r => r[0]);

    private static IEnumerable<string[]> Rows() => File.ReadLines(Path.Combine(Folder, "index.tsv")).Skip(1).Where(l => l.Length > 0).Select(l => l.Split('\t'));

    private static IEnumerable<YamlNode> Documents(string file) => YamlTree.Read(File.ReadAllBytes(Path.Combine(Folder, file)), new Problems(file));
}
