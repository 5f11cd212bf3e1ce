using System.Diagnostics;
using Pawl.Tests.Shell;
using Pawl.Tests.Storage;
using Xunit;

namespace Pawl.Tests.Bench;

/// <summary>The program with its own loader and libraries, in an image that has none of them (docs/decisions/0008).</summary>
[Trait("Category", "Slow")]
public sealed class ContainerTests : IDisposable
{
    private const int NotHere = 77;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_packed_pawl_supervises_in_a_container_that_offers_it_nothing()
    {
        // With nothing packed it says only whether it could be tried.
        var (code, said) = await RunAsync("try", _folder["packed"]);
        Assert.SkipWhen(code == NotHere, said.Trim());

        (code, said) = await RunAsync("pack", _folder["packed"]);
        Assert.True(code == 0, said);
        (code, said) = await RunAsync("try", _folder["packed"]);
        Assert.True(code == 0, said);
    }

    private static async Task<(int Code, string Said)> RunAsync(string script, string folder)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", "exec \"$@\" 2>&1", "sh", Checkout.At($"bench/container/{script}"), folder },
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }
}
