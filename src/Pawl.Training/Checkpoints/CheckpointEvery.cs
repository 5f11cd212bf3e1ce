using System.Globalization;

namespace Pawl.Training;

/// <summary>How often to save, as <c>pawl.dev/checkpoint-every</c> says it.</summary>
public abstract record CheckpointEvery
{
    private CheckpointEvery() { }

    /// <summary>By Young and Daly, from what a checkpoint costs and how often the step is interrupted; pawl may say another time later.</summary>
    public sealed record Auto : CheckpointEvery;

    public sealed record Steps(long Count) : CheckpointEvery;

    public sealed record Time(TimeSpan Span) : CheckpointEvery;

    /// <param name="text"><c>auto</c>, <c>steps:N</c> or <c>seconds:S</c>.</param>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static CheckpointEvery Parse(string text)
    {
        if (text == "auto") { return new Auto(); }
        if (text.StartsWith("steps:", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan("steps:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
        {
            return new Steps(count);
        }
        if (text.StartsWith("seconds:", StringComparison.Ordinal)
            && double.TryParse(text.AsSpan("seconds:".Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and < 1e9)
        {
            return new Time(TimeSpan.FromSeconds(seconds));
        }
        throw new FormatException($"'{text}' says no checkpoint interval; write auto, steps:N or seconds:S");
    }
}
