using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;

namespace Pawl.Tests.Crash;

/// <summary>A point at which processes of a run kill themselves, and what it must cost.</summary>
/// <param name="Crash">As in <see cref="CrashPoint.Variable"/>; <c>B</c> stands for the folder of step b.</param>
/// <param name="Repeats">Step b ran to its end but was not yet completed: exactly this once a finished step runs again.</param>
/// <param name="NoRun">It is so early that there is no run yet.</param>
/// <param name="Quick">Belongs to the quick set of tests.</param>
internal sealed record NamedPoint(string Name, string Crash, bool Repeats = false, bool NoRun = false, bool Quick = false)
{
    public ImmutableArray<CrashPoint> Points =>
        [.. CrashPoint.Read(Text, "engine"), .. CrashPoint.Read(Text, "supervisor")];

    public string Text => Crash.Replace("B/", $"/{Names.Folder("crash.b")}/", StringComparison.Ordinal);

    /// <summary>The engine dies too, not only a supervisor that it replaces.</summary>
    public bool KillsEngine => Points.Any(p => p.Role == "engine");
}

/// <summary>The points around journal, spec and dispatch, claim, command, commit and outcome.</summary>
internal static class NamedPoints
{
    // Turns of the chain of four: 1 submitted, 2 opened, 3 to 6 a step ended. The second flush is that of opening a journal.
    public static ImmutableArray<NamedPoint> All { get; } =
    [
        new("before the manifest is named", "engine:before:link:/manifest.yaml:1", NoRun: true),
        new("after the manifest is named", "engine:after:link:/manifest.yaml:1", NoRun: true),
        new("before the journal's first file", "engine:before:create:/journal/:1", NoRun: true),
        new("before the first write", "engine:before:write:/journal/:1", NoRun: true),
        new("before submitted is flushed", "engine:after:write:/journal/:1"),
        new("after submitted is flushed", "engine:after:flush:/journal/:1"),
        new("before the label", "engine:before:rename:/run.json:1"),
        new("after the label", "engine:after:rename:/run.json:1"),
        new("after the run's lock", "engine:after:lock:/lock:1"),
        new("half-written owner", "engine:before:write:/lock:1"),
        new("before the settling flush", "engine:before:flush:/journal/:2"),
        new("before opened is written", "engine:before:write:/journal/:2"),
        new("before opened is flushed", "engine:before:flush:/journal/:3"),
        new("after opened is flushed", "engine:after:flush:/journal/:3"),
        new("before b is started in the journal", "engine:before:write:/journal/:3"),
        new("before b's start is flushed", "engine:before:flush:/journal/:4"),
        new("after b's start is flushed", "engine:after:flush:/journal/:4", Quick: true),
        new("before b's end is written", "engine:before:write:/journal/:4"),
        new("before b's end is flushed", "engine:before:flush:/journal/:5", Quick: true),
        new("after b's end is flushed", "engine:after:flush:/journal/:5"),
        new("before c's end is flushed", "engine:before:flush:/journal/:6"),
        new("after c's end is flushed", "engine:after:flush:/journal/:6"),
        new("before the run's end is written", "engine:before:write:/journal/:6"),
        new("before the run's end is flushed", "engine:before:flush:/journal/:7"),
        new("after the run's end is flushed", "engine:after:flush:/journal/:7"),
        new("before the attempt's lock", "engine:before:lock:B/1/lock:1"),
        new("after the attempt's lock", "engine:after:lock:B/1/lock:1"),
        new("half-written spec", "engine:after:create:B/1/spec.json:1"),
        new("before the spec is named", "engine:before:rename:B/1/spec.json:1"),
        new("after the spec is named", "engine:after:rename:B/1/spec.json:1", Quick: true),
        new("after the supervisor's start", "engine:before:lock:B/1/lock:2", Quick: true),
        new("after the supervisor's end", "engine:after:lock:B/1/lock:2"),

        new("supervisor before its claim", "supervisor:before:link:B/1.json:1"),
        new("supervisor after its claim", "supervisor:after:link:B/1.json:1", Quick: true),
        new("supervisor lays out an input", "supervisor:after:create:B/1/work/in:1"),
        new("supervisor before the script", "supervisor:before:create:B/1/script:1"),
        new("supervisor before the artifact is named", "supervisor:before:rename:B/1/out:1", Repeats: true),
        new("supervisor after staging", "supervisor:after:rename:B/1/out:1", Repeats: true),
        new("supervisor before Completed", "supervisor:before:link:B/2.json:1", Repeats: true, Quick: true),
        new("supervisor after Completed", "supervisor:after:link:B/2.json:1", Quick: true),
        new("supervisor before the outcome is named", "supervisor:before:rename:B/1/outcome.json:1"),
        new("supervisor after the outcome is named", "supervisor:after:rename:B/1/outcome.json:1"),

        new("both before the claim", "engine:before:lock:B/1/lock:2;supervisor:before:link:B/1.json:1"),
        new("both after the claim", "engine:before:lock:B/1/lock:2;supervisor:after:link:B/1.json:1"),
        new("both before Completed", "engine:before:lock:B/1/lock:2;supervisor:before:link:B/2.json:1", Repeats: true),
        new("both after Completed", "engine:before:lock:B/1/lock:2;supervisor:after:link:B/2.json:1"),
        new("both before the outcome", "engine:before:lock:B/1/lock:2;supervisor:before:rename:B/1/outcome.json:1"),
    ];
}
