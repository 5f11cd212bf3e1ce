using System.Text.Json.Serialization;

namespace Pawl.Core.Goodput;

/// <summary>Where the time of a step went: every moment is in exactly one bucket.</summary>
public sealed record Ledger
{
    public static Ledger None { get; } = new();

    /// <summary>Training whose result survived, and the work of steps that do not train.</summary>
    public TimeSpan Productive { get; init; }

    /// <summary>Training steps that an attempt before had done already.</summary>
    public TimeSpan Replayed { get; init; }

    /// <summary>The trainer stood still for a checkpoint, or a last one was carried to the store after it.</summary>
    public TimeSpan CheckpointStall { get; init; }

    public TimeSpan Restore { get; init; }

    /// <summary>From the decision to start until the trainer trains: supervisor, inputs, imports.</summary>
    public TimeSpan StartUp { get; init; }

    /// <summary>A wait that a rule imposed before the next try or attempt.</summary>
    public TimeSpan Backoff { get; init; }

    /// <summary>Nothing ran and no rule said so: no slot was free, the machine had no room, the run was paused, no engine was there.</summary>
    public TimeSpan Waiting { get; init; }

    /// <summary>From the last sign of progress until a hung attempt was stopped.</summary>
    public TimeSpan Hung { get; init; }

    /// <summary>Work of an attempt that ended badly, after its last checkpoint, and is not known to be done again step by step.</summary>
    public TimeSpan Lost { get; init; }

    [JsonIgnore]
    public TimeSpan Total => Productive + Replayed + CheckpointStall + Restore + StartUp + Backoff + Waiting + Hung + Lost;

    /// <summary>The productive share of it all; 1 of nothing.</summary>
    [JsonIgnore]
    public double Goodput => Total > TimeSpan.Zero ? Productive / Total : 1;

    public static Ledger operator +(Ledger a, Ledger b) => new()
    {
        Productive = a.Productive + b.Productive,
        Replayed = a.Replayed + b.Replayed,
        CheckpointStall = a.CheckpointStall + b.CheckpointStall,
        Restore = a.Restore + b.Restore,
        StartUp = a.StartUp + b.StartUp,
        Backoff = a.Backoff + b.Backoff,
        Waiting = a.Waiting + b.Waiting,
        Hung = a.Hung + b.Hung,
        Lost = a.Lost + b.Lost,
    };

    /// <summary>The same with <see cref="Total"/> made <paramref name="span"/>: clocks differ, and what two of them measured must still add up.</summary>
    /// <remarks>Too little is start-up, which nobody else measures; too much is taken from the buckets in the order of their certainty.</remarks>
    public Ledger Within(TimeSpan span)
    {
        var over = Total - span;
        if (over <= TimeSpan.Zero) { return this with { StartUp = StartUp - over }; }
        return this with
        {
            StartUp = Take(StartUp, ref over),
            Productive = Take(Productive, ref over),
            Lost = Take(Lost, ref over),
            Replayed = Take(Replayed, ref over),
            Hung = Take(Hung, ref over),
            Restore = Take(Restore, ref over),
            CheckpointStall = Take(CheckpointStall, ref over),
            Waiting = Take(Waiting, ref over),
            Backoff = Take(Backoff, ref over),
        };
    }

    private static TimeSpan Take(TimeSpan bucket, ref TimeSpan over)
    {
        var taken = bucket < over ? bucket : over;
        over -= taken;
        return bucket - taken;
    }
}
