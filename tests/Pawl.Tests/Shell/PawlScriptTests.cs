using System.Diagnostics;
using Xunit;

namespace Pawl.Tests.Shell;

public sealed class PawlScriptTests : IDisposable
{
    private readonly ScriptedClone _clone = new();

    public void Dispose() => _clone.Dispose();

    [Fact]
    public void First_use_builds_and_later_ones_start_at_once()
    {
        var first = _clone.Run(["list", "-o", "json"]);
        var second = _clone.Run(["a b"]);

        Assert.Equal((0, "one list -o json"), (first.Code, first.Output));
        Assert.Contains("building pawl (first use", first.Errors, StringComparison.Ordinal);
        Assert.Equal((0, "one a b", ""), second);
        Assert.Single(_clone.Builds);
    }

    [Fact]
    public void Changed_sources_are_built_and_restored_ones_are_not()
    {
        _clone.Run([]);
        _clone.Source("two");
        var changed = _clone.Run([]);
        _clone.Source("one");
        var restored = _clone.Run([]);

        Assert.Equal(("two", "one"), (changed.Output, restored.Output));
        Assert.Equal(2, _clone.Builds.Length);
    }

    [Fact]
    public void A_source_written_again_with_the_same_content_is_not_built_again()
    {
        _clone.Run([]);
        _clone.Source("one");

        Assert.Equal((0, "one", ""), _clone.Run([]));
        Assert.Single(_clone.Builds);
    }

    [Fact]
    public void Two_first_uses_build_once()
    {
        _clone.HoldBuilds();
        var first = _clone.Start(["first"]);
        Assert.Contains("building", first.StandardError.ReadLine(), StringComparison.Ordinal);
        _clone.AwaitBuild();
        var second = _clone.Start(["second"]);
        Assert.Contains("waiting", second.StandardError.ReadLine(), StringComparison.Ordinal);
        _clone.LetBuildsGo();

        Assert.Equal((0, "one first", ""), ScriptedClone.Finish(first));
        Assert.Equal((0, "one second", ""), ScriptedClone.Finish(second));
        Assert.Single(_clone.Builds);
    }

    [Fact]
    public void A_build_killed_whole_leaves_nothing_that_counts()
    {
        var first = StartedBuild();
        first.Kill(entireProcessTree: true);
        first.WaitForExit();
        _clone.HoldNoBuilds();

        Assert.Equal((0, "one again"), Told(_clone.Run(["again"])));
        Assert.Equal(2, _clone.Builds.Length);
        Assert.Equal(1, _clone.Programs);
    }

    [Fact]
    public void A_build_whose_script_was_killed_is_waited_for()
    {
        var first = StartedBuild();
        first.Kill();
        first.WaitForExit();
        var second = _clone.Start(["second"]);
        Assert.Contains("waiting", second.StandardError.ReadLine(), StringComparison.Ordinal);
        _clone.LetBuildsGo();

        Assert.Equal((0, "one second"), Told(ScriptedClone.Finish(second)));
    }

    [Fact]
    public void Old_programs_go_when_nobody_runs_them_but_for_the_two_newest()
    {
        var running = _clone.Start(["stay"]);
        Assert.Equal("one stay", running.StandardOutput.ReadLine());
        foreach (var source in (string[])["two", "three", "four"])
        {
            _clone.Source(source);
            Assert.Equal(source, _clone.Run([]).Output);
        }
        Assert.Equal(3, _clone.Programs);

        Assert.Equal(0, ScriptedClone.Finish(running).Code);
        _clone.Source("five");
        _clone.Run([]);
        Assert.Equal(2, _clone.Programs);
    }

    [Fact]
    public void It_runs_through_a_link_from_anywhere()
    {
        var link = _clone.At("a link");
        File.CreateSymbolicLink(link, _clone.Script);

        Assert.Equal((0, "one x"), Told(_clone.Run(["x"], link)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("/nowhere")]
    public void Without_a_home_the_build_gets_one_of_its_own(string? home)
    {
        Assert.Equal((0, "one"), Told(_clone.Run([], home: home)));
        Assert.Equal([_clone.At(".build/home")], _clone.Builds);
    }

    [Fact]
    public void Another_sdk_is_named_and_nothing_is_built()
    {
        var run = _clone.Run([], version: "9.0.100");

        Assert.Equal(1, run.Code);
        Assert.Contains("the .NET 10 SDK is needed, and dotnet has: 9.0.100", run.Errors, StringComparison.Ordinal);
        Assert.Empty(_clone.Builds);
    }

    private Process StartedBuild()
    {
        _clone.HoldBuilds();
        var build = _clone.Start([]);
        build.StandardError.ReadLine();
        _clone.AwaitBuild();
        return build;
    }

    private static (int Code, string Output) Told((int Code, string Output, string Errors) run) => (run.Code, run.Output);
}
