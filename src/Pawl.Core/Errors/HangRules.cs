using Pawl.Core.Expressions;

namespace Pawl.Core.Errors;

/// <summary>When a trainer that reports steps is taken for hung. Fed with its reports, asked for the time of the verdict.</summary>
/// <param name="Fixed">The limit that the manifest sets; null learns one.</param>
/// <param name="Count">Pauses between reports so far.</param>
/// <param name="Longest">The longest of them.</param>
/// <param name="Last">When the trainer was last heard of; null where it never spoke, and then nothing is judged.</param>
/// <param name="IsOver">Its last step is done: what follows the loop reports no steps, however long it takes.</param>
public sealed record HangRules(TimeSpan? Fixed, long Count = 0, TimeSpan Longest = default, DateTimeOffset? Last = null, bool IsOver = false)
{
    // An evaluation between epochs may take a hundred steps' time: the floor and the factor must leave room for the first of them.
    private const int Enough = 20;
    private const int Factor = 20;

    public static TimeSpan Floor { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest silence that is borne; null as long as too little is known.</summary>
    public TimeSpan? Limit => Fixed ?? (Count < Enough ? null : Longest * Factor > Floor ? Longest * Factor : Floor);

    /// <summary>When it counts as hung unless it is heard of before.</summary>
    public DateTimeOffset? Due => !IsOver && Last is { } last && Limit is { } limit ? last + limit : null;

    /// <param name="isStep">A step was reported; anything else it says shows only that it lives.</param>
    public HangRules Heard(DateTimeOffset at, bool isStep) => (Last, isStep) switch
    {
        ({ } last, true) when at - last is var pause => this with { Count = Count + 1, Longest = pause > Longest ? pause : Longest, Last = at },
        _ => this with { Last = at },
    };

    /// <param name="step">The last one done, null where that is not known.</param>
    /// <param name="total">The number of the last one there is, likewise.</param>
    public HangRules Reached(long? step, long? total) => this with { IsOver = step >= total };

    public string Message => Fixed is null
        ? $"hung: no step was reported for {Durations.Format(Limit!.Value)}, {Factor} times the longest of {Count} pauses between steps, at least {Durations.Format(Floor)}; pawl.dev/hang-after sets another limit"
        : $"hung: no step was reported for {Durations.Format(Limit!.Value)}, the limit that pawl.dev/hang-after sets";
}
