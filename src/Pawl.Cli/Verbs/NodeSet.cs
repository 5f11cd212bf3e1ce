using System.Collections.Immutable;
using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Engine;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl node set RUN</c>: gives gates their outputs, a message, or an end.</summary>
internal static class NodeSet
{
    private static readonly string[] Phases = ["Succeeded", "Failed", "Error", "Skipped"];

    public static Verb Group() => new("node", "Set what a gate of a run gives to the steps after it.",
        "pawl node set @latest --node-field-selector displayName=approve --output-parameter verdict=yes")
    {
        Command(),
    };

    /// <summary>The gates that wait and match.</summary>
    /// <exception cref="VerbException">There is none.</exception>
    public static ImmutableArray<Node> Meant(RunState state, string selector)
    {
        ImmutableArray<Node> gates = [.. state.Gates.Select(g => state.Nodes[g]).Where(n => NodeSelector.Matches(selector, state.Name, n))];
        if (!gates.IsEmpty) { return gates; }
        var waiting = string.Join(", ", state.Gates.Select(g => Text.Clean(state.Nodes[g].DisplayName)));
        throw new VerbException($"{state.Name} waits at no gate that matches '{Text.Clean(selector)}'{(waiting.Length > 0 ? $"; it waits at {waiting}" : "")}");
    }

    private static Verb Command()
    {
        var run = Common.Run();
        var selector = new Option<string>("--node-field-selector")
        {
            Description = "Which gates, such as displayName=approve",
            HelpName = "FIELD=VALUE,…",
            Required = true,
        };
        var outputs = new Option<string[]>("--output-parameter", "-p") { Description = "An output of the gate, given once", HelpName = "NAME=VALUE" };
        var phase = new Option<string?>("--phase") { Description = $"End it: {string.Join(", ", Phases)}", HelpName = "PHASE" };
        phase.AcceptOnlyFromAmong(Phases);
        var message = new Option<string?>("--message", "-m") { Description = "What it says", HelpName = "TEXT" };
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("set", "Give gates their outputs, a message, or an end.",
            "pawl node set @latest --node-field-selector displayName=approve --output-parameter verdict=yes",
            "pawl node set @latest --node-field-selector displayName=approve --phase Failed --message rejected")
        {
            run, selector, outputs, phase, message, home, output,
        };
        verb.SetAction(async (parsed, _) =>
        {
            var meant = parsed.GetRequiredValue(selector);
            if (NodeSelector.Problem(meant) is { } problem) { throw new VerbException(problem, ExitCodes.Usage); }
            var given = Given(parsed.GetValue(outputs) ?? []);
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            var state = await session.Runs.ReadAsync(folder);
            foreach (var gate in Meant(state, meant)) { Refuse(state, gate, given); }
            var request = new Request.Set(meant, parsed.GetValue(phase) is { } p ? Enum.Parse<Phase>(p) : null, parsed.GetValue(message), given);
            if (await session.Runs.OwnerAsync(folder) is not null) { state = await Asking.AskAsync(session, folder, request); }
            else
            {
                if (await Run.TakeAsync(session, folder) is not TakeResult.Taken taken)
                {
                    throw new VerbException($"somebody took {state.Name} just now; ask again with the same command");
                }
                await using var owned = taken.Run;
                await owned.ApplyAsync(Session.Nonce(), request, session.Clock.GetUtcNow());
                state = owned.State;
            }
            await Asking.ReportAsync(session, state, parsed.GetValue(output), $"{state.Name} is set");
            return ExitCodes.Done;
        });
        return verb;
    }

    private static ImmutableSortedDictionary<string, string> Given(IEnumerable<string> outputs)
    {
        var given = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var text in outputs)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) { throw new VerbException($"--output-parameter {text} is not NAME=VALUE", ExitCodes.Usage); }
            given[text[..at]] = text[(at + 1)..];
        }
        return given.ToImmutable();
    }

    private static void Refuse(RunState state, Node gate, ImmutableSortedDictionary<string, string> given)
    {
        var declared = state.Workflow.Templates[gate.Template].Outputs.Parameters;
        foreach (var name in given.Keys)
        {
            if (declared.All(p => p.Name != name || p.ValueFrom is not { Supplied: true }))
            {
                throw new VerbException($"{Text.Clean(gate.DisplayName)} has no output parameter '{Text.Clean(name)}' that is to be supplied");
            }
            if (gate.Outputs.Parameters.ContainsKey(name)) { throw new VerbException($"output parameter '{Text.Clean(name)}' of {Text.Clean(gate.DisplayName)} was set already"); }
        }
    }
}
