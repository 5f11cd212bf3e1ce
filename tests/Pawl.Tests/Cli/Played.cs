using System.Collections.Immutable;
using System.Text;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Cli;

/// <summary>A run brought to where a test wants it by the real rules, from a manifest and outcomes.</summary>
internal sealed class Played
{
    public static DateTimeOffset Noon { get; } = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private Played(RunState run) => Run = run;

    public RunState Run { get; private set; }

    public DateTimeOffset Now { get; private set; } = Noon;

    public static Played From(string yaml)
    {
        var read = ManifestReader.Read("w.yaml", Encoding.UTF8.GetBytes(yaml));
        Assert.True(read.CanRun, string.Join('\n', read.Problems));
        var parameters = read.Workflow!.Arguments.Parameters.ToImmutableSortedDictionary(p => p.Name, p => p.Value ?? "");
        var submitted = new RunEvent.Submitted(Noon, "0123abcd", "w", "w.yaml", "", parameters, null, new RunLimits(8, 8000, 1L << 33, TimeSpan.FromSeconds(30), null), "process");
        return new Played(Scheduler.Apply(RunState.Begin(read.Workflow), submitted)).See(new Observation.Opened(Noon, "host", "0"));
    }

    public Played After(int seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return See(new Observation.Tick(Now));
    }

    public Played Succeeds(string node, NodeOutputs? outputs = null) =>
        Ends(node, new Outcome { Kind = OutcomeKind.Succeeded, ExitCode = 0, Outputs = outputs ?? NodeOutputs.None, StartedAt = Now, FinishedAt = Now });

    public Played Fails(string node) =>
        Ends(node, new Outcome { Kind = OutcomeKind.Failed, ExitCode = 7, Class = Pawl.Core.Errors.ErrorClass.Permanent, Message = "main: Error (exit code 7)", StartedAt = Now, FinishedAt = Now });

    public Played Asks(Request request) => See(new Observation.Asked(Now, Guid.NewGuid().ToString("N"), request));

    public Played Ends(string node, Outcome outcome)
    {
        var id = new NodeId(node);
        return See(new Observation.Ended(Now, Run.Nodes[id].CurrentAttempt, outcome));
    }

    private Played See(Observation seen)
    {
        Run = Scheduler.ApplyTurn(Run, Scheduler.Decide(Run, seen));
        return this;
    }
}
