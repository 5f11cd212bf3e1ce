using System.CommandLine;
using System.Globalization;
using Pawl.Core.Expressions;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Verbs;

/// <summary>Options that choose runs by what is known of them without reading them whole. All of them must hold.</summary>
internal sealed class RunFilter
{
    private readonly Option<bool> _running = new("--running") { Description = "Only runs that have not ended" };
    private readonly Option<bool> _completed = new("--completed") { Description = "Only runs that have ended" };
    private readonly Option<string?> _prefix = new("--prefix") { Description = "Only runs whose names begin so", HelpName = "TEXT" };
    private readonly Option<TimeSpan?> _since = Age("--since", "Only runs that were submitted within so long");
    private readonly Option<TimeSpan?> _older = Age("--older", "Only runs that ended before so long");
    private readonly Option<Phase[]?> _status = new("--status")
    {
        Description = $"Only runs in these phases: {string.Join(", ", Enum.GetNames<Phase>())}",
        HelpName = "PHASE,…",
        CustomParser = result =>
        {
            var phases = new List<Phase>();
            foreach (var name in result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.TrimEntries)))
            {
                if (Enum.TryParse<Phase>(name, ignoreCase: true, out var phase) && !char.IsAsciiDigit(name[0])) { phases.Add(phase); }
                else { result.AddError($"--status {name} is no phase; the phases are {string.Join(", ", Enum.GetNames<Phase>())}"); }
            }
            return [.. phases];
        },
    };

    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[_running, _completed, _status, _since, _older, _prefix]) { verb.Add(option); }
    }

    /// <summary>Something was asked for.</summary>
    public bool IsGiven(ParseResult parsed) =>
        parsed.GetValue(_running) || parsed.GetValue(_completed) || parsed.GetValue(_status) is { Length: > 0 } || parsed.GetValue(_since) is not null
        || parsed.GetValue(_older) is not null || parsed.GetValue(_prefix) is not null;

    public bool Takes(ParseResult parsed, RunRow row, DateTimeOffset now) =>
        (!parsed.GetValue(_running) || !row.Phase.IsFulfilled())
        && (!parsed.GetValue(_completed) || row.Phase.IsFulfilled())
        && (parsed.GetValue(_status) is not { Length: > 0 } phases || phases.Contains(row.Phase))
        && (parsed.GetValue(_since) is not { } since || row.CreatedAt >= now - since)
        && (parsed.GetValue(_older) is not { } older || row.FinishedAt <= now - older)
        && (parsed.GetValue(_prefix) is not { } prefix || row.Name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>A time back from now; days too.</summary>
    public static Option<TimeSpan?> Age(string name, string description) => new(name)
    {
        Description = $"{description}, such as 90s, 10m, 3h or 2d",
        HelpName = "DURATION",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            // Days are no unit of Go's durations; people count runs in them.
            if (text is [.. var days, 'd'] && double.TryParse(days, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                && count <= Durations.Longest.TotalDays)
            {
                return TimeSpan.FromDays(count);
            }
            if (Durations.TryParse(text, out var age)) { return age; }
            result.AddError($"{name} {text} is no duration; write seconds or a duration such as 90s, 10m, 3h or 2d");
            return null;
        },
    };
}
