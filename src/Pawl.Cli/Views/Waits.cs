using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;
using Pawl.Storage.Files;
using Pawl.Supervision;

namespace Pawl.Cli.Views;

/// <summary>What attempts that have started wait for before their programs begin, as their supervisors show it.</summary>
public static class Waits
{
    /// <returns>Null where the leaf does not run, or waits for nothing.</returns>
    public static async ValueTask<string?> OfAsync(IDisk disk, Home home, RunState run, Node node) =>
        Trainings.IsRunning(node) && run.Workflow.Templates.TryGetValue(node.Template, out var template) && !Requests.Of(template).IsNothing
            ? await AttemptFiles.ReadWaitingAsync(disk, home.Run(run.RunId).AttemptFolder(run.StepOf(node).Value, node.CurrentAttempt))
            : null;

    /// <returns>The run to be shown, in which they say so.</returns>
    public static async Task<RunState> SaidAsync(IDisk disk, Home home, RunState run)
    {
        var nodes = run.Nodes;
        foreach (var id in run.Running)
        {
            if (await OfAsync(disk, home, run, run.Nodes[id]) is { } text) { nodes = nodes.SetItem(id, run.Nodes[id] with { Message = text }); }
        }
        return run with { Nodes = nodes };
    }
}
