using System.Runtime.CompilerServices;
using System.Text;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>Where these tests find their files, and shorthand for reading a manifest.</summary>
internal static class Checkout
{
    public static string Golden { get; } = Path.Combine(Root(), "tests", "Pawl.Tests", "Manifests", "golden");

    /// <summary>The folder with manifests of others, beside the checkout or where PAWL_SHARED points; null when absent.</summary>
    public static string? Corpus { get; } = new[] { Environment.GetEnvironmentVariable("PAWL_SHARED"), Path.Combine(Root(), "..", "shared") }
        .Where(folder => !string.IsNullOrEmpty(folder))
        .Select(folder => Path.Combine(folder!, "corpus"))
        .FirstOrDefault(Directory.Exists);

    /// <summary>A file of the checkout.</summary>
    public static string At(params string[] relative) => Path.Combine([Root(), .. relative]);

    public static ManifestResult Read(string yaml) => ManifestReader.Read("test.yaml", Encoding.UTF8.GetBytes(yaml));

    /// <summary>A manifest with one entry template, given from <c>  - name: main</c> on.</summary>
    public static string WithTemplates(string templates, string spec = "") =>
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {generateName: t-}\nspec:\n  entrypoint: main\n" + spec + "  templates:\n" + templates;

    public static string[] Messages(this ManifestResult result, Severity severity, [CallerMemberName] string test = "")
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{test}: {string.Join('\n', result.Problems)}");
        return [.. result.Problems.Where(p => p.Severity == severity).Select(p => p.Message)];
    }

    internal static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Pawl.slnx"))) { folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no Pawl.slnx above the tests"); }
        return folder;
    }
}
