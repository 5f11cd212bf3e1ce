using System.Collections.Immutable;

namespace Pawl.Simulation.Processes;

/// <summary>What the program of a template does: the same in every attempt of a retry, so that the end of a run can be foretold.</summary>
public sealed record Script
{
    /// <summary>In place of an exit code: the trainer hangs.</summary>
    public const int Hangs = -1;

    /// <summary>Exit code by retry number; the last counts for all that follow.</summary>
    public required ImmutableArray<int> Exits { get; init; }

    public required TimeSpan Takes { get; init; }

    /// <summary>Paths of the input artifacts it reads.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    /// <summary>Name and path of each file that it writes and that is an output.</summary>
    public ImmutableArray<(string Name, string Path)> Outputs { get; init; } = [];

    public OnStop OnStop { get; init; }

    /// <summary>Null of a program that does not train.</summary>
    public Training? Training { get; init; }

    /// <summary>A child in a session of its own goes on when the program has ended, and writes to its outputs.</summary>
    public bool LeavesChild { get; init; }

    public int ExitOf(int retry) => Exits[Math.Min(retry, Exits.Length - 1)];
}

/// <summary>What a program makes of SIGTERM.</summary>
public enum OnStop
{
    /// <summary>Killed by it: 143.</summary>
    Dies,

    /// <summary>Leaves its loop a second later and exits 0, its outputs half done.</summary>
    LeavesWithZero,

    /// <summary>Exits 75 a second later; a trainer saves before.</summary>
    LeavesWithTempFail,

    /// <summary>Goes on as if nothing was.</summary>
    Ignores,
}
