using System.Globalization;
using Pawl.Core.Expressions;

namespace Pawl.Core.Checkpoints;

/// <summary>Reads <see cref="CheckpointPolicy"/> from a template's annotations.</summary>
public static class CheckpointAnnotations
{
    public const string Prefix = "pawl.dev/";

    private const string Every = Prefix + "checkpoint-every";
    private const string Keep = Prefix + "checkpoint-keep";
    private const string KeepEvery = Prefix + "checkpoint-keep-every";
    private const string Ignore = Prefix + "checkpoint-ignore";
    private const string HangAfter = Prefix + "hang-after";

    public static IReadOnlyList<string> Names { get; } = [Every, Keep, KeepEvery, Ignore, HangAfter];

    // A chain entry names every checkpoint that is kept.
    private const int MostKept = 1000;

    /// <param name="annotations">Tags already replaced.</param>
    /// <param name="problem">Called with the name of an annotation and what is wrong with its value; that one then has its default.</param>
    public static CheckpointPolicy Read(IReadOnlyDictionary<string, string> annotations, Action<string, string>? problem = null)
    {
        var policy = CheckpointPolicy.Default;
        foreach (var (name, text) in annotations)
        {
            policy = name switch
            {
                Every => EveryOf(text) is { } every ? policy with { Every = every } : Wrong("write auto, a number of steps such as 100, or a duration such as 5m"),
                Keep => Count(text, least: 1) is { } keep ? policy with { Keep = keep } : Wrong($"write a whole number from 1 to {MostKept}"),
                KeepEvery => Count(text, least: 0) is { } step ? policy with { KeepEvery = step } : Wrong($"write a whole number from 0 (none) to {MostKept}"),
                Ignore => policy with { Ignore = [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)] },
                HangAfter => Durations.TryParse(text, out var limit) && limit > TimeSpan.Zero ? policy with { HangAfter = limit } : Wrong("write a duration such as 10m"),
                _ => policy,
            };

            CheckpointPolicy Wrong(string instead)
            {
                problem?.Invoke(name, $"'{text}' cannot be {name}; {instead}");
                return policy;
            }
        }
        return policy;
    }

    // A bare number means seconds elsewhere, but a trainer counts steps: so it is said here, and a duration has a unit.
    private static CheckpointEvery? EveryOf(string text) => text switch
    {
        "auto" => new CheckpointEvery.Auto(),
        _ when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var steps) => steps > 0 ? new CheckpointEvery.Steps(steps) : null,
        _ => Durations.TryParse(text, out var span) && span > TimeSpan.Zero ? new CheckpointEvery.Time(span) : null,
    };

    private static int? Count(string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= least && count <= MostKept ? count : null;
}
