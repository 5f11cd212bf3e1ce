using System.Text.RegularExpressions;
using Pawl.Tests.Shell;
using Xunit;

namespace Pawl.Tests.Pages;

public sealed partial class PagesTests
{
    public static TheoryData<string> Pages { get; } =
        [.. Directory.EnumerateFiles(Checkout.Folder, "*.md")
            .Concat(Directory.EnumerateFiles(Checkout.At("docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Checkout.At("examples"), "*.md", SearchOption.AllDirectories))
            .Select(page => Path.GetRelativePath(Checkout.Folder, page))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_somewhere(string page)
    {
        var folder = Path.GetDirectoryName(Checkout.At(page))!;
        var dead = Link().Matches(File.ReadAllText(Checkout.At(page))).Select(m => m.Groups["to"].Value)
            .Where(to => !to.StartsWith("http", StringComparison.Ordinal) && !Path.Exists(Path.Combine(folder, to)));

        Assert.Empty(dead);
    }

    [Fact]
    public void The_architecture_names_files_that_exist()
    {
        var named = SourcePath().Matches(File.ReadAllText(Checkout.At("ARCHITECTURE.md"))).Select(m => m.Groups["path"].Value).ToArray();

        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, path => !Path.Exists(Checkout.At("src/" + path)));
    }

    [GeneratedRegex(@"\]\((?<to>[^)#\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(src/)?(?<path>Pawl\.[A-Z]\w+(/[\w./]+)?)`")]
    private static partial Regex SourcePath();
}
