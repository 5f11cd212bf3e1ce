using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

// What a hook knows: what the call beside which it stands knows, and what has become of that call; or what the run knows.
internal static partial class Scopes
{
    /// <summary>Names for the arguments of a hook of a node.</summary>
    public static Scope Beside(RunState run, Node inside, Node owner) => ExpressionTags.Scope(
        run, NamesBeside(run, inside, owner), name => Beside(run, inside, owner, name), Unresolved.Fails, $"{owner.Id.Value}.hooks");

    /// <summary>The same for its expression.</summary>
    public static RunNames NamesBeside(RunState run, Node inside, Node owner) => new(run, name => Beside(run, inside, owner, name))
    {
        Inside = inside,
        Item = ItemOf(run, owner),
        Bound = inside.Inputs,
    };

    /// <summary>Artifacts for its arguments.</summary>
    public static ArtifactScope ArtifactsBeside(RunState run, Node inside, Node owner)
    {
        var others = Artifacts(run, inside);
        return name => Rest(name, $"{Word(inside)}{owner.Call}.outputs.artifacts.") is { } own
            ? Stored(owner.Outputs.Artifacts.GetValueOrDefault(own))
            : others(name);
    }

    /// <summary>Names for the arguments of a hook of the run.</summary>
    public static Scope OfRun(RunState run, ImmutableSortedDictionary<string, string> variables) => ExpressionTags.Scope(
        run, NamesOfRun(run, variables), name => variables.GetValueOrDefault(name) ?? Global(run, name), Unresolved.Fails, "hooks");

    /// <summary>The same for its expression.</summary>
    public static RunNames NamesOfRun(RunState run, ImmutableSortedDictionary<string, string> variables) =>
        new(run, name => variables.GetValueOrDefault(name) ?? Global(run, name)) { Extra = variables };

    /// <summary>Artifacts for its arguments.</summary>
    public static ArtifactScope ArtifactsOfRun(RunState run) =>
        name => Rest(name, "workflow.outputs.artifacts.") is { } global ? Stored(run.Globals.Artifacts.GetValueOrDefault(global)) : null;

    // By its own name it means the very node, of all the items of a loop.
    private static string? Beside(RunState run, Node inside, Node owner, string name) => Rest(name, $"{Word(inside)}{owner.Call}.") is { } field
        ? Field(run, owner, field)
        : Called(run, inside, owner.Call, ItemOf(run, owner), name);

    // An expanded node ends in (INDEX:ITEM).
    private static Item? ItemOf(RunState run, Node node)
    {
        var group = run.Nodes[node.Parent!.Value];
        if (group.Fanouts.FirstOrDefault(f => f.Call == node.Call) is not { IsEmpty: false } fanout) { return null; }
        var stem = Scheduler.ChildId(group, new Start(node.Call, -1, null)).Value.Length + 1;
        if (node.Id.Value.Length <= stem) { return null; }
        var index = node.Id.Value.AsSpan(stem);
        return fanout.StartAt(int.Parse(index[..index.IndexOf(':')], NumberStyles.None, CultureInfo.InvariantCulture)).Item;
    }
}
