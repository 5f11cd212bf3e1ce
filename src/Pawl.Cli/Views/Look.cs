using Pawl.Core.Scheduling;

namespace Pawl.Cli.Views;

/// <summary>How a node looks: Argo's mark, a word, and a colour.</summary>
/// <param name="Colour">An SGR number; 0 is none.</param>
public readonly record struct Look(string Mark, string Word, int Colour)
{
    private const int Red = 31;
    private const int Green = 32;
    private const int Yellow = 33;
    private const int Cyan = 36;
    private const int Grey = 90;

    public static Look Of(Node node) => node switch
    {
        { Type: NodeType.Suspend, Phase: Phase.Running } => new("ǁ", "Running", Yellow),
        { Type: NodeType.Pod, Phase: Phase.Running, AttemptRuns: false } => Of(Phase.Pending),
        _ => Of(node.Phase),
    };

    public static Look Of(Phase phase) => phase switch
    {
        Phase.Succeeded => new("✔", "Succeeded", Green),
        Phase.Running => new("●", "Running", Cyan),
        Phase.Pending => new("◷", "Pending", Yellow),
        Phase.Skipped => new("○", "Skipped", Grey),
        Phase.Failed => new("✖", "Failed", Red),
        Phase.Error => new("⚠", "Error", Red),
        _ => new(" ", phase.ToString(), Grey),
    };

    /// <summary>The run's phase with what holds it: <c>Running (Suspended)</c>, <c>Running (Paused)</c>.</summary>
    public static string Status(RunState run) => Status(run.Phase, RunViews.StateOf(run));

    public static string Status(Phase phase, string state) => state is "Paused" or "Suspended" or "no engine" ? $"{phase} ({state})" : phase.ToString();
}
