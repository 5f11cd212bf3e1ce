using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Supervision.Processes;
using Xunit;

namespace Pawl.Tests.Supervision.Engines;

/// <summary>Podman with images of its own, as <c>tests/containers</c> prepares it.</summary>
internal static class Containers
{
    public const string Busybox = "localhost/pawl-busybox:1";

    /// <summary>With <c>echo entrypoint</c> as its entrypoint, <c>command</c> as its command, and OF_IMAGE in its environment.</summary>
    public const string Said = "localhost/pawl-said:1";

    private static readonly Lazy<string?> Absent = new(Prepare);

    /// <summary>Skips the test, and says why, where there is no podman that works.</summary>
    public static Rig Rig()
    {
        Assert.SkipUnless(Absent.Value is null, $"no containers on this machine: {Absent.Value}");
        return new Rig(new Containment(wholeProcess: false));
    }

    public static AttemptSpec Shell(string script) => Supervision.Rig.Shell(script) with { Schema = AttemptSpec.CurrentSchema, Executor = Executors.Container, Image = Busybox };

    // Its environment is this process's: the engine and all it starts inherit it.
    private static string? Prepare()
    {
        var script = Path.Combine(Manifests.Checkout.Root(), "tests", "containers");
        using var process = Process.Start(new ProcessStartInfo(script) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) { return error.Result.Trim(); }
        foreach (var word in output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.Contains('=')))
        {
            var at = word.IndexOf('=');
            Environment.SetEnvironmentVariable(word[..at], word[(at + 1)..]);
        }
        return null;
    }
}
