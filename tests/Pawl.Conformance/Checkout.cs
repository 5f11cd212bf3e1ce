namespace Pawl.Conformance;

/// <summary>The checkout that the tests were built from, and what lies beside it.</summary>
internal static class Checkout
{
    private static readonly string Root = Find();

    /// <summary>Argo's own manifests and what Argo makes of them; null where they are not there.</summary>
    public static string? Argo { get; } = new[] { Environment.GetEnvironmentVariable("PAWL_SHARED"), Path.Combine(Root, "..", "shared") }
        .Where(folder => !string.IsNullOrEmpty(folder))
        .Select(folder => Path.GetFullPath(Path.Combine(folder!, "corpus", "argo")))
        .FirstOrDefault(Directory.Exists);

    public static string At(params string[] relative) => Path.Combine([Root, .. relative]);

    /// <summary>A file or folder of this project.</summary>
    public static string Own(params string[] relative) => At(["tests", "Pawl.Conformance", .. relative]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pawl.slnx"))) { return folder.FullName; }
        }
        throw new InvalidOperationException($"no Pawl.slnx above {AppContext.BaseDirectory}");
    }
}
