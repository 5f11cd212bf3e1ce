using System.Collections.Immutable;
using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

// What is called beside a node or a run: when it has ended, or once a condition is first true. Its failure is nobody's but its own.
internal sealed partial class Turn
{
    /// <summary>What ties a node to hooks: that it has some, or that it is one.</summary>
    private readonly record struct Ties(bool HasHooks = false, bool Watches = false, string? Hook = null, NodeId? Owner = null)
    {
        public RunEvent.NodeStarted On(RunEvent.NodeStarted e) => e with
        {
            HasHooks = HasHooks ? true : null,
            Watches = Watches ? true : null,
            Hook = Hook,
            Owner = Owner,
        };
    }

    private static Ties TiesOf(Call call) => call.Hooks.IsEmpty
        ? default
        : new(HasHooks: true, Watches: call.Hooks.Any(h => !h.IsExit && AsksAboutOthers(h.Expression ?? "", call.Name)));

    private static bool AsksAboutOthers(string expression, string self)
    {
        foreach (var own in (string[])[$"steps.{self}", $"tasks.{self}", $"steps['{self}']", $"tasks['{self}']", $"steps[\"{self}\"]", $"tasks[\"{self}\"]"])
        {
            expression = expression.Replace(own, "", StringComparison.Ordinal);
        }
        return expression.Contains("steps", StringComparison.Ordinal) || expression.Contains("tasks", StringComparison.Ordinal);
    }

    // An owner that is fulfilled and whose hooks are through is settled; until then they may still begin.
    private void ExamineHooks(Node owner)
    {
        var inside = Run.Nodes[owner.Boundary!.Value];
        string? problem = null;
        foreach (var hook in Run.CallOf(Run.Nodes[owner.Parent!.Value], owner.Call).Hooks)
        {
            if (owner.Hooks.Contains(RunState.HookId(owner.Id, hook))) { continue; }
            // Once settled it is too late for all but the end of a daemon.
            if ((owner.IsSettled && !(hook.IsExit && owner.Daemoned)) || !MayBegin(owner, inside, hook)) { continue; }
            var scope = Scopes.Beside(Run, inside, owner);
            try
            {
                if (hook.Expression is { } expression && !Holds(expression, Scopes.NamesBeside(Run, inside, owner), scope, owner.Id)) { continue; }
                problem ??= NameTaken(owner, hook);
                if (problem is null) { LaunchHook(owner, inside, hook, scope); }
            }
            catch (ExpressionException e)
            {
                // What it asks for may still come while its owner runs.
                if (owner.IsEnded) { Skip(owner, inside, hook, $"hook {hook.Name}: {e.Message}"); }
            }
        }
        owner = Run.Nodes[owner.Id];
        if (!owner.IsFulfilled || owner.OpenHooks > 0 || owner.IsSettled) { return; }
        problem ??= owner.Hooks.Select(id => Run.Nodes[id]).FirstOrDefault(Scheduler.IsUnresolved)?.Message;
        if (problem is not null && owner.IsEnded && !owner.Phase.IsBad())
        {
            EndAtOnce(owner, Phase.Error, problem, owner.Outputs, owner.ExitCode);
        }
        Emit(new RunEvent.NodeSettled(now, owner.Id));
    }

    private bool MayBegin(Node owner, Node inside, Hook hook) => hook.IsExit
        ? owner.IsEnded && owner.Phase is Phase.Succeeded or Phase.Failed or Phase.Error && Run.ShutDown is not { Strategy: Shutdown.Terminate }
        : Run.ShutDown is null || (inside.Hooked && Run.ShutDown.Strategy != Shutdown.Terminate);

    // The children of a dag are named after it: one of them may have the name that the hook would get.
    private string? NameTaken(Node owner, Hook hook) =>
        owner.Type == NodeType.DAG && Run.PlanOf(owner).Tasks.Any(t => t.Name == (hook.IsExit ? "onExit" : "hooks"))
            ? $"hook {hook.Name} was not run: its name {RunState.HookId(owner.Id, hook)} is that of a task; rename the task"
            : null;

    private bool Holds(string expression, RunNames names, Scope scope, NodeId of) =>
        Expression.Parse(Substitution.Apply(expression, scope)).Holds(names, ExpressionTags.Moment(Run, $"{of.Value} {expression}"));

    private void LaunchHook(Node owner, Node inside, Hook hook, Scope scope)
    {
        var template = Run.Workflow.Templates[hook.Template];
        var variables = Inherited(inside);
        var bound = hook is { IsExit: true, Arguments: null }
            ? OfTheRun(hook.Template, variables)
            : Binding.Bind(Run, template, hook.Arguments ?? Arguments.None, scope, literal: false, variables, Scopes.ArtifactsBeside(Run, inside, owner));
        Launch(RunState.HookId(owner.Id, hook), Display(owner, hook), hook.Template, null, inside.Id, "", bound, hook.IsExit || inside.Hooked, new(Hook: hook.Name, Owner: owner.Id));
    }

    private void Skip(Node owner, Node inside, Hook hook, string message) =>
        Emit(new RunEvent.NodeSkipped(now, RunState.HookId(owner.Id, hook), Display(owner, hook), hook.Template, null, inside.Id, "", Phase.Error, message, hook.IsExit || inside.Hooked)
        {
            Hook = hook.Name,
            Owner = owner.Id,
        });

    private static string Display(Node owner, Hook hook) => RunState.HookId(new NodeId(owner.DisplayName), hook).Value;

    /// <summary>Hooks of the run that begin now.</summary>
    /// <param name="status">Of the run, as they see it: that of the entry node.</param>
    private bool LookAtHooks(Phase status)
    {
        if (Run.Workflow.Hooks.IsEmpty || Run.ShutDown is not null || IsHeld) { return false; }
        foreach (var hook in Run.Workflow.Hooks.Where(h => !h.IsExit && Run.Find(RunState.HookId(Run.EntryId, h)) is null))
        {
            var id = RunState.HookId(Run.EntryId, hook);
            try
            {
                var variables = RunVariables(status);
                if (!Holds(hook.Expression ?? "false", Scopes.NamesOfRun(Run, variables), Scopes.OfRun(Run, variables), id)) { continue; }
                if (NameTaken(Run.Nodes[Run.EntryId], hook) is not { } problem) { return LaunchHook(id, hook, status); }
                if (status == Phase.Running) { continue; }
                Emit(new RunEvent.RunEnded(now, Phase.Error, problem));
                return true;
            }
            catch (ExpressionException e) when (status != Phase.Running)
            {
                SkipOfRun(id, hook, $"hook {hook.Name}: {e.Message}");
                return true;
            }
            catch (ExpressionException)
            {
                // What it asks for may still come.
            }
        }
        return false;
    }

    // The exit handler, or another hook of the run.
    private bool LaunchHook(NodeId id, Hook hook, Phase status)
    {
        var variables = hook.IsExit ? ExitVariables(status) : RunVariables(status);
        try
        {
            var bound = hook is { IsExit: true, Arguments: null }
                ? OfTheRun(hook.Template, variables)
                : Binding.Bind(Run, Run.Workflow.Templates[hook.Template], hook.Arguments ?? Arguments.None, Scopes.OfRun(Run, variables), literal: false, variables, Scopes.ArtifactsOfRun(Run));
            Launch(id, id.Value, hook.Template, null, null, "", bound, hook.IsExit, new(Hook: hook.Name));
        }
        catch (ExpressionException e) { SkipOfRun(id, hook, e.Message); }
        return true;
    }

    private void SkipOfRun(NodeId id, Hook hook, string message) =>
        Emit(new RunEvent.NodeSkipped(now, id, id.Value, hook.Template, null, null, "", Phase.Error, message, hook.IsExit) { Hook = hook.Name });

    private static ImmutableSortedDictionary<string, string> RunVariables(Phase status) => Bound.NoText.Add("workflow.status", status.ToString());

    private Node? Unresolved(ImmutableArray<Hook> hooks) =>
        hooks.Select(h => Run.Find(RunState.HookId(Run.EntryId, h))).FirstOrDefault(n => n is not null && Scheduler.IsUnresolved(n));
}
