using Pawl.Cli.Views;
using Xunit;

namespace Pawl.Tests.Cli.Views;

public sealed class TreeTests
{
    private static readonly Screen Paper = new(TextWriter.Null, false, false, false);

    [Fact]
    public void Steps_of_a_group_hang_together()
    {
        var run = Played.From(Samples.Steps).After(2).Succeeds("w[0].prepare").After(3).Succeeds("w[1].left").Run;
        Golden.Matches("tree-steps.txt", Drawn(run));
    }

    [Fact]
    public void Tries_hang_below_their_step_and_the_exit_handler_stands_apart()
    {
        var run = Played.From(Samples.Dag).After(2).Succeeds("w.a").After(1).Fails("w.b(0)").After(1).Succeeds("w.b(1)")
            .Fails("w.c").After(5).Run;
        Golden.Matches("tree-dag.txt", Drawn(run));
    }

    [Fact]
    public void A_gate_has_its_own_mark() =>
        Assert.Contains("ǁ approve", Drawn(Played.From(Samples.Gate).Succeeds("w[0].prepare").Run), StringComparison.Ordinal);

    [Fact]
    public void A_bounded_tree_shows_what_runs_and_what_encloses_it()
    {
        var run = Played.From(Samples.Steps).Succeeds("w[0].prepare").Succeeds("w[1].left").Run;
        var rows = Tree.Bounded(Tree.Rows(run), 2, out var left);
        Assert.Equal(["w", "right"], rows.Select(r => r.Node.DisplayName));
        Assert.Equal(2, left);
    }

    [Fact]
    public void A_frame_is_never_higher_than_asked()
    {
        var run = Played.From(Samples.Dag).Succeeds("w.a").Run;
        for (var most = 2; most < 8; most++)
        {
            Assert.InRange(LiveView.Lines(run, Paper, 80, most, Played.Noon, _ => "line").Count, 1, most);
        }
    }

    [Fact]
    public void A_frame_shows_the_last_line_of_what_runs_without_its_control_characters()
    {
        var lines = LiveView.Lines(Played.From(Samples.Steps).Run, Paper, 80, 20, Played.Noon, _ => "\e[31mepoch 3\e[0m\a\e]0;title\a");
        Assert.Equal("└───● prepare  Running         0s  epoch 3", lines[1]);
    }

    private static string Drawn(Pawl.Core.Scheduling.RunState run) =>
        string.Join('\n', RunText.TreeLines(run, Paper, Played.Noon + TimeSpan.FromSeconds(60), wide: false)) + "\n";
}
