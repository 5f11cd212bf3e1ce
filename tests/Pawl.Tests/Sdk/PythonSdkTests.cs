using System.Diagnostics;
using Pawl.Tests.Shell;
using Xunit;

namespace Pawl.Tests.Sdk;

/// <summary>The tests of the Python SDK, which are written in Python.</summary>
public sealed class PythonSdkTests
{
    private const string DebiansPython = "/usr/bin/python3";

    [Theory]
    [InlineData("test_loop")]
    [InlineData("test_report")]
    [InlineData("test_files")]
    [InlineData("test_state")]
    public void The_SDK_does_what_its_tests_say(string module) => Succeed("python3", module);

    // The python3 on the PATH may be another one, which lacks numpy and torch.
    [Fact]
    public void Arrays_tensors_and_their_random_numbers_come_back()
    {
        Assert.SkipUnless(Knows("numpy") && Knows("torch"), $"{DebiansPython} has no numpy or no torch: apt-get install python3-torch python3-numpy");
        Succeed(DebiansPython, "test_state");
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Whatever_ends_a_trainer_it_ends_the_same() => Succeed("python3", "test_interruptions");

    [Fact]
    public void It_is_shipped_beside_the_program() => Assert.All(
        Directory.EnumerateFiles(Checkout.At("sdk/python/src/pawl"), "*.py"),
        file => Assert.Equal(File.ReadAllText(file), File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "python/pawl", Path.GetFileName(file)))));

    private static bool Knows(string module)
    {
        if (!File.Exists(DebiansPython)) { return false; }
        using var python = Start(DebiansPython, "-c", $"import {module}");
        python.StandardError.ReadToEnd();
        python.WaitForExit();
        return python.ExitCode == 0;
    }

    private static void Succeed(string program, string module)
    {
        using var python = Start(program, "-m", "unittest", module);
        var said = python.StandardError.ReadToEnd();
        python.WaitForExit();
        Assert.True(python.ExitCode == 0, said);
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/env", [program, .. arguments])
        {
            WorkingDirectory = Checkout.At("sdk/python/tests"),
            RedirectStandardError = true,
        };
        start.Environment["PYTHONPATH"] = Checkout.At("sdk/python/src");
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        return Process.Start(start)!;
    }
}
