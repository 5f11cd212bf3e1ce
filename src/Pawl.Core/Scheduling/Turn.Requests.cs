using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

internal sealed partial class Turn
{
    // The request is a fact before its effects are, so that its file can go and a repeat is known.
    private void Answer(Observation.Asked asked)
    {
        Emit(new RunEvent.Requested(now, asked.Name, asked.Request));
        switch (asked.Request)
        {
            case Request.Pause p:
                if (!Run.IsDone && Run.Paused is not { Kill: true } && (Run.Paused is null || p.Kill))
                {
                    Emit(new RunEvent.Paused(now, p.Kill, "paused by the user"));
                }
                break;
            case Request.Suspend:
                if (!Run.IsDone && !Run.Suspended) { Emit(new RunEvent.Suspended(now)); }
                break;
            case Request.Resume r:
                if (!Run.IsDone) { Pass(r.Selector); }
                break;
            case Request.Stop s:
                ShutDown(Shutdown.Stop, s.Message ?? "workflow shutdown with strategy:  Stop");
                break;
            case Request.Terminate:
                ShutDown(Shutdown.Terminate, "workflow shutdown with strategy:  Terminate");
                break;
            case Request.Preempt p:
                Preempt(p);
                break;
            case Request.Retry:
                if (Run.Phase.IsBad() && Retrying.Plan(Run) is var (removed, reset)) { Emit(new RunEvent.Retried(now, removed, reset)); }
                break;
            default:
                throw new UnreachableException($"{asked.Request.GetType().Name} is not handled");
        }
    }

    private void ShutDown(Shutdown strategy, string message)
    {
        if (!Run.IsDone && (Run.ShutDown is null || (strategy == Shutdown.Terminate && Run.ShutDown.Strategy != Shutdown.Terminate)))
        {
            Emit(new RunEvent.ShutdownBegan(now, strategy, message));
        }
    }

    // Argo: without a selector the suspension of the run is lifted too; with one only the nodes that match.
    private void Pass(string? selector)
    {
        if (selector is null && Run.Suspended) { Emit(new RunEvent.Resumed(now)); }
        foreach (var id in Run.Gates)
        {
            var gate = Run.Nodes[id];
            if (selector is null || NodeSelector.Matches(selector, gate)) { PassGate(gate); }
        }
    }

    private void PassGate(Node gate)
    {
        var outputs = NodeOutputs.None;
        foreach (var p in Run.Workflow.Templates[gate.Template].Outputs.Parameters)
        {
            if ((gate.Inputs.Parameters.GetValueOrDefault(p.Name) ?? p.ValueFrom?.Default ?? p.Default) is not { } value)
            {
                End(gate, Phase.Error, $"raw output parameter '{p.Name}' has not been set and does not have a default value");
                return;
            }
            outputs = outputs with { Parameters = outputs.Parameters.SetItem(p.Name, value) };
        }
        End(gate, Phase.Succeeded, "", outputs);
    }
}

/// <summary>Argo's node field selectors: <c>displayName=approve,phase!=Failed</c>; a comma means and.</summary>
public static class NodeSelector
{
    public static bool Matches(string selector, Node node) =>
        selector.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(term => Holds(term, node));

    /// <returns>What is wrong with a selector; null where it can be used.</returns>
    public static string? Problem(string selector)
    {
        foreach (var term in selector.Split(',', StringSplitOptions.TrimEntries))
        {
            var (field, _, _) = Split(term);
            if (field is not ("displayName" or "name" or "id" or "templateName" or "phase")
                && !(field.StartsWith("inputs.parameters.", StringComparison.Ordinal) && field.EndsWith(".value", StringComparison.Ordinal)))
            {
                return $"'{term}' is not a node field selector; write FIELD=VALUE or FIELD!=VALUE with FIELD one of "
                    + "displayName, name, id, templateName, phase, inputs.parameters.NAME.value";
            }
        }
        return null;
    }

    private static bool Holds(string term, Node node)
    {
        var (field, value, equal) = Split(term);
        var actual = field switch
        {
            "displayName" => node.DisplayName,
            "name" => node.Id.Value,
            "id" => Names.ArgoId(node.Id.Value.Split('.', '[')[0], node.Id),
            "templateName" => TemplateKey.Of(node.Template)?.Template ?? node.Template,
            "phase" => node.Phase.ToString(),
            _ when field.StartsWith("inputs.parameters.", StringComparison.Ordinal) && field.EndsWith(".value", StringComparison.Ordinal) =>
                node.Inputs.Parameters.GetValueOrDefault(field["inputs.parameters.".Length..^".value".Length]),
            _ => null,
        };
        return string.Equals(actual, value, StringComparison.Ordinal) == equal;
    }

    private static (string Field, string Value, bool Equal) Split(string term)
    {
        var at = term.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0) { return (term, "", true); }
        var equal = term[at - 1] != '!';
        return (term[..(equal ? at : at - 1)].Trim(), term[(at + 1)..].TrimStart('=').Trim(), equal);
    }
}
