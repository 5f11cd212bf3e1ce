using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Views;

/// <summary>What stands below a run when its engine leaves it: how it ended, where its outputs are, and the one command to go on.</summary>
public static class Ending
{
    private const int MostOutputs = 20;
    private const int LongestValue = 120;

    /// <param name="command">Makes a command on this run from a verb and what follows it.</param>
    public static IEnumerable<string> Lines(RunState run, Home home, Func<string, string> command)
    {
        if (!run.IsDone)
        {
            foreach (var line in Unfinished(run, command)) { yield return line; }
            yield break;
        }
        var look = Look.Of(run.Phase);
        var time = Text.Duration((run.FinishedAt ?? run.StartedAt) - run.StartedAt);
        var message = run.Message.Length > 0 ? $": {Text.Clean(run.Message)}" : "";
        yield return $"{look.Mark} {run.Name} {run.Phase} after {time}{message}";
        var outputs = Outputs(run, home).ToList();
        if (outputs.Count > 0) { yield return "Outputs:"; }
        foreach (var line in outputs.Take(MostOutputs)) { yield return $"  {line}"; }
        if (outputs.Count > MostOutputs) { yield return string.Create(CultureInfo.InvariantCulture, $"  … and {outputs.Count - MostOutputs} more"); }
        yield return run.Phase.IsBad() && FirstBad(run) is { } bad
            ? $"Closer look: {command($"logs {run.Name} {Text.Quoted(Text.Clean(bad.DisplayName))}")}"
            : $"Closer look: {command($"get {run.Name}")}";
    }

    /// <summary>The outputs of the workflow itself; where it has none, those of its steps.</summary>
    public static IEnumerable<string> Outputs(RunState run, Home home)
    {
        var own = Lines("", run.Globals, home).Concat(run.Find(run.EntryId) is { } entry ? Lines("", entry.Outputs, home) : []).Distinct().ToList();
        return own.Count > 0 ? own : run.Nodes.Values.Where(n => n is { Type: NodeType.Pod, Phase: Phase.Succeeded })
            .OrderBy(n => n.FinishedAt).ThenBy(n => n.Id)
            .SelectMany(n => Lines($"{Text.Clean(n.DisplayName)}  ", n.Outputs, home));
    }

    /// <summary>How to pass the gates at which a run waits.</summary>
    public static IEnumerable<string> Gates(RunState run, Func<string, string> command)
    {
        if (run.Suspended)
        {
            yield return $"{run.Name} is suspended. With an engine running, lift it by: {command($"resume {run.Name}")}";
        }
        foreach (var id in run.Gates)
        {
            var name = Text.Clean(run.Nodes[id].DisplayName);
            yield return $"ǁ {run.Name} waits at {name}. Pass it with: {command($"resume {run.Name} --node-field-selector {Text.Quoted($"displayName={name}")}")}";
        }
    }

    private static IEnumerable<string> Unfinished(RunState run, Func<string, string> command)
    {
        if (run.Paused is { } paused) { yield return $"ǁ {run.Name} is Paused: {Text.Clean(paused.Reason)}. Go on with: {command($"resume {run.Name}")}"; }
        else
        {
            foreach (var line in Gates(run, command)) { yield return line; }
        }
    }

    private static Node? FirstBad(RunState run) => run.Nodes.Values
        .Where(n => n.Type == NodeType.Pod && n.Phase.IsBad())
        .OrderByDescending(n => n.FinishedAt).ThenBy(n => n.Id).FirstOrDefault();

    private static IEnumerable<string> Lines(string node, NodeOutputs outputs, Home home)
    {
        foreach (var (name, value) in outputs.Parameters) { yield return $"{node}{name} = {Text.Cut(Text.Clean(value), LongestValue)}"; }
        foreach (var (name, artifact) in outputs.Artifacts) { yield return $"{node}{name}: {home.Store}/{artifact.Key} ({Text.Size(artifact.Size)})"; }
    }
}
