namespace Pawl.Tests.Shell;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Checkout
{
    public static string Folder { get; } = Find();

    public static string At(string relative) => Path.Combine(Folder, relative);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pawl.slnx"))) { return folder.FullName; }
        }
        throw new InvalidOperationException($"no Pawl.slnx above {AppContext.BaseDirectory}");
    }
}
