using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pawl.Cli.Views;
using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs.Kept;

/// <summary><c>pawl cron next FILE</c>: when the CronWorkflows of a file fire.</summary>
internal static class CronNext
{
    private const int MostManifestBytes = 4 << 20;
    private const int Usual = 5;

    public static Verb Command()
    {
        var file = new Argument<string>("FILE") { Description = "A manifest, - for stdin, or the name of a CronWorkflow that the home keeps" };
        var count = new Option<int>("--count", "-n")
        {
            Description = "How many times of each",
            HelpName = "N",
            DefaultValueFactory = _ => Usual,
            CustomParser = result =>
            {
                if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is > 0 and <= 1000) { return n; }
                result.AddError($"-n {result.Tokens[0].Value} is no whole number from 1 to 1000");
                return Usual;
            },
        };
        var after = new Option<DateTimeOffset?>("--after")
        {
            Description = "Times after this one, such as 2026-03-29T00:00:00Z [default: now]",
            HelpName = "TIME",
            CustomParser = result =>
            {
                if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) { return time; }
                result.AddError($"--after {result.Tokens[0].Value} is no time; write one such as 2026-03-29T00:00:00Z");
                return null;
            },
        };
        var home = Common.Home();
        var output = Common.Output(OutputForm.Json);
        var verb = new Verb("next", "Say when the CronWorkflows of a file fire next, in their own time zones.",
            "pawl cron next nightly.yaml", "pawl cron next nightly.yaml -n 10 --after 2026-03-29T00:00:00Z -o json") { file, count, after, home, output };
        verb.SetAction(async (parsed, _) =>
        {
            var (name, utf8) = await ReadAsync(parsed.GetRequiredValue(file), parsed.GetValue(home));
            var (firings, problems) = CronFile.Next(name, utf8.Span, parsed.GetValue(after) ?? TimeProvider.System.GetUtcNow(), parsed.GetValue(count));
            foreach (var problem in problems) { Screen.Error.WriteLine(Text.Clean(problem.ToString())); }
            if (problems.Any(p => p.Severity is Severity.Error)) { return ExitCodes.Failed; }
            Print(firings, parsed.GetValue(output));
            return ExitCodes.Done;
        });
        return verb;
    }

    // A file wins over a name: it is what the user can see.
    private static async Task<(string Name, ReadOnlyMemory<byte> Utf8)> ReadAsync(string file, string? home)
    {
        if (file != InputFiles.Stdin && !File.Exists(file) && Definitions.IsName(file))
        {
            using var session = await Session.TryOpenAsync(home);
            if (session is not null && await new Definitions(session.Disk, session.Home).ReadAsync(Kinds.CronWorkflow, file) is { } kept) { return (file, kept); }
        }
        return (InputFiles.Shown(file), await InputFiles.ReadAsync(file, MostManifestBytes));
    }

    private static void Print(IReadOnlyList<Firing> firings, OutputForm form)
    {
        if (form == OutputForm.Json)
        {
            Screen.Out.WriteLine(RunJson.Text(w =>
            {
                w.WriteStartArray();
                foreach (var firing in firings)
                {
                    w.WriteStartObject();
                    w.WriteString("name", firing.CronWorkflow);
                    Write(w, firing);
                    w.WriteEndObject();
                }
                w.WriteEndArray();
            }));
            return;
        }
        List<IReadOnlyList<string>> cells = [["NEXT RUN", "TIMEZONE", "SCHEDULE", "NAME"]];
        cells.AddRange(firings.Select(f => (string[])[Time(f.At), f.Zone, f.Schedule, f.CronWorkflow]));
        foreach (var line in Table.Lines(cells)) { Screen.Out.WriteLine(Text.Clean(line)); }
    }

    public static void Write(Utf8JsonWriter w, Firing firing)
    {
        w.WriteString("at", Time(firing.At));
        w.WriteString("schedule", firing.Schedule);
        w.WriteString("timezone", firing.Zone);
    }

    public static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
