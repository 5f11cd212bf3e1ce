using System.Text.RegularExpressions;
using Pawl.Tests.Shell;
using Xunit;

namespace Pawl.Tests.Pages;

/// <summary>The rules of the house that a program can check.</summary>
public sealed partial class TidyTests
{
    // From top to bottom: a project may refer to those after it.
    private static readonly string[] Order = ["Cli", "Engine", "Supervision", "Storage", "Manifests", "Core", "Training"];

    [Fact]
    public void References_point_downwards()
    {
        foreach (var project in Order)
        {
            var text = File.ReadAllText(Checkout.At($"src/Pawl.{project}/Pawl.{project}.csproj"));
            var upwards = Reference().Matches(text).Select(m => m.Groups["name"].Value)
                .Where(name => Array.IndexOf(Order, name) <= Array.IndexOf(Order, project));
            Assert.True(!upwards.Any(), $"Pawl.{project} refers to {string.Join(", ", upwards)}, which is not below it");
        }
    }

    [Fact]
    public void Every_project_has_its_place_in_the_order() => Assert.Equal(
        Order.Order(StringComparer.Ordinal),
        Directory.EnumerateDirectories(Checkout.At("src")).Select(d => Path.GetFileName(d)["Pawl.".Length..]).Order(StringComparer.Ordinal));

    [Fact]
    public void No_type_is_named_after_nothing()
    {
        var vague = Sources().SelectMany(file => Vague().Matches(File.ReadAllText(file)).Select(m => $"{Path.GetRelativePath(Checkout.Folder, file)}: {m.Value}"));
        Assert.Empty(vague);
    }

    [Fact]
    public void Versions_stand_in_one_place()
    {
        var pinned = Directory.EnumerateFiles(Checkout.Folder, "*.csproj", SearchOption.AllDirectories)
            .Where(file => PinnedVersion().IsMatch(File.ReadAllText(file)));
        Assert.Empty(pinned);
    }

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Checkout.At("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    [GeneratedRegex(@"Include=""\.\./Pawl\.(?<name>\w+)/")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\b(class|record|struct|interface) \w*(Manager|Helper|Utils?|Impl|Base)\b")]
    private static partial Regex Vague();

    [GeneratedRegex(@"<PackageReference[^>]*\bVersion=")]
    private static partial Regex PinnedVersion();
}
