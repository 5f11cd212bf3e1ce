using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Pawl.Tests.Shell;
using Xunit;

namespace Pawl.Tests.Pages;

/// <summary>The demonstrations of the README, run as they stand there.</summary>
[Trait("Category", "Slow")]
public sealed partial class DemonstrationTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("pawl-demo-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void A_killed_engine_leaves_the_trainer_running_and_the_next_one_takes_it_over()
    {
        var pids = Trainer().Matches(Run("engine")).Select(m => m.Value).ToArray();

        Assert.Equal(2, pids.Length);
        Assert.Equal(pids[0], pids[1]);
    }

    [Fact]
    public void With_everything_killed_only_the_running_step_starts_again()
    {
        var output = Run("everything");
        var before = BeforeAndAfter().Match(output);

        Assert.True(before.Success, output);
        Assert.NotEqual(before.Groups["pid"].Value, before.Groups["newPid"].Value);
        Assert.Contains("'validate'", before.Groups["began"].Value, StringComparison.Ordinal);
        Assert.Equal(before.Groups["began"].Value, before.Groups["stillBegan"].Value);
    }

    [Fact]
    public void A_killed_training_goes_on_from_its_newest_checkpoint()
    {
        Assert.SkipUnless(Torch.IsThere, Torch.Missing);
        var done = StepsDone().Matches(Run("training")).Select(m => int.Parse(m.Value, CultureInfo.InvariantCulture)).ToArray();

        Assert.Equal(2, done.Length);
        Assert.Equal(0, done[0]);
        // A checkpoint comes every second or two, so most of the thousand steps are not done again.
        Assert.True(done[1] >= 200, $"{done[1]} steps were done");
    }

    private string Run(string name)
    {
        var page = File.ReadAllText(Checkout.At("README.md"));
        var start = page.IndexOf($"<!-- demo: {name} -->\n```sh\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"README.md has no demonstration '{name}'");
        var block = page[(page.IndexOf("```sh\n", start, StringComparison.Ordinal) + 6)..];
        var script = Path.Combine(_home, "demo.sh");
        File.WriteAllText(script, block[..block.IndexOf("```", StringComparison.Ordinal)]);

        var info = new ProcessStartInfo("timeout", ["600", "sh", "-eu", script])
        {
            WorkingDirectory = Checkout.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["PAWL_HOME"] = Path.Combine(_home, ".pawl");
        using var demo = Process.Start(info)!;
        var errors = demo.StandardError.ReadToEndAsync();
        var output = demo.StandardOutput.ReadToEnd();
        demo.WaitForExit();
        Assert.True(demo.ExitCode == 0, $"exit code {demo.ExitCode}\n{output}\n{errors.Result}");
        return output;
    }

    [GeneratedRegex(@"(?<=the trainer was process |and is process )\d+")]
    private static partial Regex Trainer();

    [GeneratedRegex(@"\d+(?= of \d+ steps are done)")]
    private static partial Regex StepsDone();

    [GeneratedRegex(@"before: trainer (?<pid>\d+), (?<began>{.*})[\s\S]*after: trainer (?<newPid>\d+), (?<stillBegan>{.*})")]
    private static partial Regex BeforeAndAfter();
}
