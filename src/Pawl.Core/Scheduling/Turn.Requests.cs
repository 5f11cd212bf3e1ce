using System.Collections.Immutable;
using System.Diagnostics;
using Pawl.Core.Attempts;

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
            case Request.Stop { Selector: { } selector } s:
                FailGates(selector, s.Message ?? "");
                break;
            case Request.Set s:
                Supply(s);
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
            case Request.Retry r:
                if ((Run.Phase.IsBad() || (Run.IsDone && r is { RestartSuccessful: true, Selector: not null })) && Retrying.Plan(Run, r) is var (removed, reset, anew)
                    && (Run.Phase.IsBad() || !reset.IsEmpty || !removed.IsEmpty))
                {
                    Emit(new RunEvent.Retried(now, removed, reset, anew.IsEmpty ? null : anew));
                }
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
            if (selector is null || NodeSelector.Matches(selector, Run.Name, gate)) { PassGate(gate); }
        }
    }

    // Argo: only the gates that match end, the run goes on with what that means for it.
    private void FailGates(string selector, string message)
    {
        foreach (var gate in Meant(selector)) { End(gate, Phase.Failed, message); }
    }

    // What a gate does not declare, or was given already, is refused where it is asked; of a race the first wins.
    private void Supply(Request.Set set)
    {
        foreach (var gate in Meant(set.Selector))
        {
            var declared = Run.Workflow.Templates[gate.Template].Outputs.Parameters;
            var news = set.Outputs.Where(o => declared.Any(p => p.Name == o.Key) && !gate.Outputs.Parameters.ContainsKey(o.Key)).ToImmutableSortedDictionary(StringComparer.Ordinal);
            if (!news.IsEmpty || set.Message is not null) { Emit(new RunEvent.GateSupplied(now, gate.Id, news, set.Message)); }
            switch (set.Phase)
            {
                case Phase.Succeeded:
                    PassGate(Run.Nodes[gate.Id]);
                    break;
                case { } phase when phase.IsFulfilled():
                    End(Run.Nodes[gate.Id], phase, Run.Nodes[gate.Id].Message, Run.Nodes[gate.Id].Outputs);
                    break;
                default:
                    break;
            }
        }
    }

    private ImmutableArray<Node> Meant(string selector) =>
        Run.IsDone ? [] : [.. Run.Gates.Select(id => Run.Nodes[id]).Where(gate => NodeSelector.Matches(selector, Run.Name, gate))];

    private void PassGate(Node gate)
    {
        var outputs = NodeOutputs.None;
        foreach (var p in Run.Workflow.Templates[gate.Template].Outputs.Parameters)
        {
            if ((gate.Outputs.Parameters.GetValueOrDefault(p.Name) ?? gate.Inputs.Parameters.GetValueOrDefault(p.Name) ?? p.ValueFrom?.Default ?? p.Default) is not { } value)
            {
                End(gate, Phase.Error, $"raw output parameter '{p.Name}' has not been set and does not have a default value");
                return;
            }
            outputs = outputs with { Parameters = outputs.Parameters.SetItem(p.Name, value) };
        }
        End(gate, Phase.Succeeded, gate.Message, outputs);
    }
}
