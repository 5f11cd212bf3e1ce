using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Workflows;
using Pawl.Simulation.Processes;
using Pawl.Storage.Chains;

namespace Pawl.Simulation;

/// <summary>A small workflow with a script for each of its programs.</summary>
public sealed class Workload
{
    public const string RunName = "wf";

    public required Workflow Workflow { get; init; }

    /// <summary>By template.</summary>
    public required ImmutableSortedDictionary<string, Script> Scripts { get; init; }

    /// <summary>Templates whose programs may start only when the gate was opened.</summary>
    public required ImmutableHashSet<string> AfterGate { get; init; }

    public bool HasGate { get; init; }

    public required Foretold Foretold { get; init; }

    /// <summary>Faults of this seed may end a step otherwise than its script says.</summary>
    public bool ChangesResults { get; init; }

    /// <summary>How often the user paused, or another engine made the run pause.</summary>
    public int Pauses { get; set; }

    public string RunId { get; set; } = "";

    public string ChainFolder(string step) => $"{Places.Store}/{Chain.Prefix(RunId, step)}".TrimEnd('/');

    public bool HasPreStop(string template) => Workflow.Templates[template].Body is TemplateBody.Leaf { Container.PreStop: not null };

    public ImmutableHashSet<string> LocksOf(string template) => [.. Workflow.Templates[template].Locks.OfType<LockRef.Mutex>().Select(m => m.Name)];

    public long CpuOf(string template) => (Workflow.Templates[template].Body as TemplateBody.Leaf)?.Container.Resources.CpuRequest ?? 0;

    public int RetryLimitOf(string template) => Workflow.Templates[template].RetryStrategy switch
    {
        null => 0,
        { RetryLimit: null } => int.MaxValue,
        var strategy => int.Parse(strategy.RetryLimit, CultureInfo.InvariantCulture),
    };

    /// <param name="retry">From 1.</param>
    public TimeSpan BackoffBefore(string template, int retry)
    {
        if (Workflow.Templates[template].RetryStrategy?.Backoff is not { Duration: { } duration } backoff) { return TimeSpan.Zero; }
        var factor = backoff.Factor is { } f ? double.Parse(f, CultureInfo.InvariantCulture) : 1;
        var seconds = double.Parse(duration, CultureInfo.InvariantCulture) * Math.Pow(factor, retry - 1);
        return TimeSpan.FromSeconds(backoff.Cap is { } cap ? Math.Min(seconds, double.Parse(cap, CultureInfo.InvariantCulture)) : seconds);
    }
}

/// <summary>How a run must end when nothing but its own programs decides.</summary>
/// <param name="Phase">In Argo's words.</param>
/// <param name="Starts">By step: how often its program is started at least and at most.</param>
public sealed record Foretold(string Phase, IReadOnlyDictionary<string, (int Least, int Most)> Starts);
