using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>What lint says, word by word. PAWL_UPDATE_GOLDEN=1 rewrites the expected texts; review them like code.</summary>
public sealed class LintMessages
{
    public static TheoryData<string> Manifests() => [.. Directory.GetFiles(Checkout.Golden, "*.yaml").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Are_as_reviewed(string manifest)
    {
        var path = Path.Combine(Checkout.Golden, manifest);
        var result = ManifestReader.Read(manifest, File.ReadAllBytes(path));
        var said = string.Concat(result.Problems.Select(p => p + "\n"));
        var expected = Path.ChangeExtension(path, ".txt");
        if (Environment.GetEnvironmentVariable("PAWL_UPDATE_GOLDEN") == "1") { File.WriteAllText(expected, said); }
        Assert.Equal(File.ReadAllText(expected), said);
    }

    [Fact]
    public void Name_file_line_column_and_severity() =>
        Assert.Equal("f.yaml:3:7: unsupported: x", new Problem(Severity.Unsupported, "f.yaml", 3, 7, "x").ToString());
}
