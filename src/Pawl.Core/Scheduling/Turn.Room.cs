using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

internal sealed partial class Turn
{
    /// <summary>There is a slot, and the cores, bytes and GPUs asked for; a request larger than the machine, which nobody submits, runs alone.</summary>
    private bool HasRoom(string template)
    {
        if (Run.Workflow.Templates[template].Body is not TemplateBody.Leaf leaf) { return true; }
        if (Run.Running.Count >= Run.Slots && Busy.Count() >= Run.Slots) { return false; }
        if (Run.Running.IsEmpty) { return true; }
        var needs = Requests.Of(leaf.Resources);
        if (needs.IsNothing) { return true; }
        var room = Requests.Room(Run.Submitted!.Limits);
        var alone = true;
        foreach (var id in Run.Running)
        {
            room -= Requests.Of(Run.Workflow.Templates[Run.Nodes[id].Template]);
            alone &= Run.Nodes[id].Daemoned;
        }
        // Beside daemons alone nothing would ever be given back: whoever shares out the machine says so.
        return alone || needs.FitIn(room);
    }

    // Daemons that are ready hold no slot: those for whom they run could never begin.
    private IEnumerable<NodeId> Busy => Run.Running.Where(id => !Run.Nodes[id].Daemoned);

    /// <summary>The template around a node allows one more active child.</summary>
    private bool HasPlace(Node inside) =>
        (Run.Workflow.Templates[inside.Template].Parallelism is not { } limit || inside.Active < limit) && !Run.FailsFast(inside);

    // One start of the first group or dag that has room; the order is that of the names.
    private bool Grow()
    {
        if (IsHeld) { return false; }
        Node? first = null;
        foreach (var (template, parents) in Run.Fertile.ByTemplate)
        {
            if (!HasRoom(template)) { continue; }
            foreach (var id in parents)
            {
                if (first is not null && first.Id.CompareTo(id) < 0) { break; }
                if (Run.Nodes[id] is var parent && !Stops(parent) && HasPlace(Around(parent)) && !IsBehindLocks(parent))
                {
                    first = parent;
                    break;
                }
            }
        }
        if (first is null) { return false; }
        var start = first.Ready.Peek();
        Begin(first, Around(first), Run.CallOf(first, start.Call), start);
        return true;
    }

    // The steps or dag node whose calls a group or dag starts.
    private Node Around(Node parent) => parent.Type == NodeType.DAG ? parent : Run.Nodes[parent.Boundary!.Value];

    // Leaves to be attempted again and retries: those whose wait is over, then those that waited for room alone.
    private bool Reattempt()
    {
        if (IsHeld) { return false; }
        foreach (var wake in Run.Wakes)
        {
            if (wake.At > now) { break; }
            var node = Run.Nodes[wake.Node];
            if (node.Type != NodeType.Suspend && node.Phase != Phase.Pending && HasRoom(node.Template) && TryAgain(node)) { return true; }
        }
        foreach (var (template, ids) in Run.Waiting.ByTemplate)
        {
            if (!HasRoom(template)) { continue; }
            foreach (var id in ids)
            {
                if (TryAgain(Run.Nodes[id])) { return true; }
            }
        }
        return false;
    }

    private bool TryAgain(Node node)
    {
        if (Stops(node) || IsBehindLocks(node)) { return false; }
        if (node.Type != NodeType.Retry && IsUnneeded(node))
        {
            End(node, Phase.Succeeded, "");
            return true;
        }
        if (node.Type != NodeType.Retry)
        {
            Emit(new RunEvent.AttemptStarted(now, node.Id, node.Attempt + 1) { Seed = Seed });
            return true;
        }
        if (node is { Hook: null, Boundary: { } boundary } && !HasPlace(Run.Nodes[boundary])) { return false; }
        var before = Events.Count;
        // While it waited for room its time may have run out.
        JudgeTry(node);
        if (Events.Count == before && node.Open == 0) { LaunchTry(node); }
        return Events.Count > before;
    }
}
