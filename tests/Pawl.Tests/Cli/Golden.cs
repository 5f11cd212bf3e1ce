using Pawl.Tests.Manifests;
using Xunit;

namespace Pawl.Tests.Cli;

/// <summary>Output as it was reviewed. With PAWL_GOLDEN=write the files are written anew, to be looked at in the diff.</summary>
internal static class Golden
{
    public static void Matches(string name, string actual)
    {
        var path = Path.Join(Checkout.Golden, "..", "..", "Cli", "golden", name);
        if (Environment.GetEnvironmentVariable("PAWL_GOLDEN") == "write") { File.WriteAllText(path, actual); }
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
