using System.Collections.Immutable;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>What the phases of a finished run must be, by walking its whole tree and counting nothing.</summary>
internal static class Oracle
{
    public static void Agrees(RunState run)
    {
        foreach (var dag in run.Nodes.Values.Where(n => n.Type == NodeType.DAG)) { DependsHolds(run, dag); }
        foreach (var node in run.Nodes.Values.Where(n => n.Type is not (NodeType.Pod or NodeType.Suspend or NodeType.Skipped)))
        {
            // A stop, a bad output and the limits of a retry end a node from outside.
            if (run.ShutDown is not null || IsOfItself(run, node) || HasDaemons(run, node)) { continue; }
            Assert.True(PhaseOf(run, node) == node.Phase, $"{node.Id} ({node.Type}) should be {PhaseOf(run, node)}, not {node.Phase}: {node.Message}");
        }
        // Stopped before it began.
        if (run.Find(run.EntryId) is not { Phase: var entry })
        {
            Assert.Equal(Phase.Failed, run.Phase);
            return;
        }
        HooksBegan(run);
        var exit = run.Find(run.ExitId)?.Phase ?? Phase.Succeeded;
        if (!exit.IsBad() && run.Nodes.Values.Any(n => n is { Hook: not null, Owner: null, Type: NodeType.Skipped, Phase: Phase.Error })) { exit = Phase.Error; }
        Assert.Equal(entry.IsBad() ? entry : exit.IsBad() ? exit : Phase.Succeeded, run.Phase);
    }

    // What they came to is not what those around them saw.
    private static bool HasDaemons(RunState run, Node node) => node.Daemoned || node.Children.Any(c => run.Nodes[c].Daemoned);

    // Also what a shutdown ended before a manual retry, where something excused it.
    private static bool IsOfItself(RunState run, Node node) =>
        node.Message.StartsWith("Stopped with strategy", StringComparison.Ordinal)
        || node.Hooks.Any(h => run.Nodes[h] is { Type: NodeType.Skipped, Phase: Phase.Error })
        // It never had its locks, was made before, or could not be kept.
        || node.MemoHit is true
        || node.Message == "the cache is full"
        || (node.Type == NodeType.Retry && node.Children.IsEmpty)
        || node.Message is "Step exceeded its deadline" or "template has failed or errored children and failFast enabled"
        || (node.Phase == Phase.Error && node.Type is NodeType.Retry or NodeType.StepGroup or NodeType.Steps && node.Children.All(c => run.Nodes[c].Phase != Phase.Error));

    // After every end that a program can tell of, and never but then.
    private static void HooksBegan(RunState run)
    {
        foreach (var owner in run.Nodes.Values.Where(n => n.HasHooks))
        {
            var hook = run.CallOf(run.Nodes[owner.Parent!.Value], owner.Call).Hooks.FirstOrDefault(h => h is { IsExit: true, Expression: null });
            if (hook is null || run.ShutDown is { Strategy: Shutdown.Terminate }) { continue; }
            var began = run.Find(RunState.HookId(owner.Id, hook)) is not null;
            Assert.True(began == owner.Phase is Phase.Succeeded or Phase.Failed or Phase.Error, $"{owner.Id} is {owner.Phase} and its exit handler was {(began ? "" : "not ")}begun");
        }
    }

    private static Phase PhaseOf(RunState run, Node node)
    {
        var children = node.Children.Select(c => run.Nodes[c]).ToList();
        var body = run.Workflow.Templates.GetValueOrDefault(node.Template)?.Body;
        switch (node.Type)
        {
            case NodeType.Retry:
                return children[^1].Phase.IsBad() ? children[^1].Phase : Phase.Succeeded;
            case NodeType.Steps:
                return children.Any(c => c.Phase.IsBad()) ? Phase.Failed : Phase.Succeeded;
            case NodeType.TaskGroup:
                return children.LastOrDefault(c => c.Phase.IsBad())?.Phase ?? Phase.Succeeded;
            case NodeType.StepGroup:
                var steps = (TemplateBody.Steps)run.Workflow.Templates[run.Nodes[node.Parent!.Value].Template].Body;
                var bad = children.Where(c => c.Phase.IsBad() && !IsExcused(steps.CallNamed(c.Call), c)).ToList();
                return bad.Count == 0 ? Phase.Succeeded : bad.Any(c => c.Type == NodeType.Skipped) && node.Phase == Phase.Error ? Phase.Error : Phase.Failed;
            default:
                var dag = (TemplateBody.Dag)body!;
                foreach (var target in Targets(dag))
                {
                    // A dag that gave up has tasks that were never made.
                    if (run.Find(new NodeId($"{node.Id}.{target}")) is null) { continue; }
                    var call = dag.Tasks.Single(t => t.Name == target);
                    var phase = Branch(run, node, dag, target);
                    if ((phase == Phase.Failed && !call.ContinueOnFailed) || (phase == Phase.Error && !call.ContinueOnError)) { return phase; }
                }
                return Phase.Succeeded;
        }
    }

    private static bool IsExcused(Call call, Node child) => child.Type != NodeType.Skipped
        && (child.Phase == Phase.Failed ? call.ContinueOnFailed : call.ContinueOnError);

    private static IEnumerable<string> Targets(TemplateBody.Dag dag) => dag.Target is { } target
        ? target.Split(' ')
        : dag.Tasks.Select(t => t.Name).Where(n => !dag.Tasks.Any(t => Before(t).Contains(n))).Order(StringComparer.Ordinal);

    private static ImmutableArray<string> Before(Call task) => task.Depends?.Tasks ?? task.Dependencies;

    // A task is omitted where what it depends on is not so, and nowhere else.
    private static void DependsHolds(RunState run, Node node)
    {
        var dag = (TemplateBody.Dag)run.Workflow.Templates[node.Template].Body;
        foreach (var child in node.Children.Select(c => run.Nodes[c]))
        {
            var call = dag.Tasks.Single(t => t.Name == child.Call);
            if (Before(call).Any(t => run.Nodes[new NodeId($"{node.Id}.{t}")].Daemoned)) { continue; }
            var holds = Holds(call.Depends ?? DependsExpr.Every(call.Dependencies));
            Assert.True(holds == (child.Phase != Phase.Omitted), $"{child.Id} is {child.Phase} though its dependencies {(holds ? "hold" : "do not hold")}");
        }

        bool Holds(DependsExpr expr) => expr switch
        {
            DependsExpr.Const c => c.Value,
            DependsExpr.Not n => !Holds(n.Of),
            DependsExpr.All a => !a.Of.Any(e => !Holds(e)),
            DependsExpr.Any a => a.Of.Any(Holds),
            DependsExpr.Is i => IsSo(i),
            _ => throw new InvalidOperationException($"{expr}"),
        };

        bool IsSo(DependsExpr.Is i)
        {
            var task = run.Nodes[new NodeId($"{node.Id}.{i.Task}")];
            var call = dag.Tasks.Single(t => t.Name == i.Task);
            var items = task.Children.Select(c => run.Nodes[c].Phase).ToList();
            return i.Result switch
            {
                null => task.Phase is Phase.Succeeded or Phase.Skipped || (task.Phase == Phase.Failed && call.ContinueOnFailed) || (task.Phase == Phase.Error && call.ContinueOnError),
                TaskResult.Errored => task.Phase == Phase.Error,
                TaskResult.Daemoned => false,
                TaskResult.AnySucceeded => task.Type == NodeType.TaskGroup && items.Contains(Phase.Succeeded),
                TaskResult.AllFailed => task.Type == NodeType.TaskGroup && items.TrueForAll(p => p == Phase.Failed),
                _ => $"{i.Result}" == $"{task.Phase}",
            };
        }
    }

    private static Phase Branch(RunState run, Node node, TemplateBody.Dag dag, string task)
    {
        var phase = run.Nodes[new NodeId($"{node.Id}.{task}")].Phase;
        if (phase is not (Phase.Skipped or Phase.Omitted)) { return phase; }
        var before = Before(dag.Tasks.Single(t => t.Name == task)).Select(d => Branch(run, node, dag, d)).ToList();
        return before.Contains(Phase.Failed) ? Phase.Failed : before.Contains(Phase.Error) ? Phase.Error : Phase.Succeeded;
    }
}
