using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Pawl.Cli.LogReading;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl logs RUN [NODE]</c>: what the steps wrote, all attempts, stdout and stderr.</summary>
/// <remarks>On a terminal only colours pass, since a log is a stranger's text; into a pipe or file it goes as it was written.</remarks>
internal static class Logs
{
    public static Verb Command()
    {
        var run = Common.Run();
        var node = new Argument<string?>("NODE")
        {
            Description = "Only this step: its display name, node name, pod name, or the start of its id; of a group, all below it",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the run ends" };
        var container = new Option<string?>("--container", "-c") { Description = "Only this container, of steps that have several", HelpName = "NAME" };
        var attempt = new Option<int?>("--attempt") { Description = "Only this attempt, from 1", HelpName = "N" };
        var tail = new Option<int?>("--tail") { Description = "Only the last lines of each attempt", HelpName = "N" };
        var grep = new Option<string?>("--grep") { Description = "Only lines that contain this", HelpName = "TEXT" };
        var since = RunFilter.Age("--since", "Only lines written within so long");
        var sinceTime = new Option<DateTimeOffset?>("--since-time")
        {
            Description = "Only lines written at or after this time, such as 2026-05-01T12:00:00Z",
            HelpName = "TIME",
            CustomParser = result =>
            {
                if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) { return time; }
                result.AddError($"--since-time {result.Tokens[0].Value} is no time; write one such as 2026-05-01T12:00:00Z");
                return null;
            },
        };
        var timestamps = new Option<bool>("--timestamps") { Description = "Begin each line with its time" };
        var home = Common.Home();
        var output = Common.Output(OutputForm.Json);
        var verb = new Verb("logs", "Print what the steps of a run wrote.", "pawl logs @latest", "pawl logs digits-x7k2q train -f")
        {
            run, node, follow, container, attempt, tail, grep, since, sinceTime, timestamps, home, output,
        };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            var selection = new LogSelection(parsed.GetValue(node), parsed.GetValue(attempt), parsed.GetValue(container));
            Func<ShownLine, string> form = parsed.GetValue(output) == OutputForm.Json
                ? line => Json(folder.Uid, line)
                : line => Shown(line, parsed.GetValue(timestamps), Screen.Out.IsTerminal);
            var from = parsed.GetValue(sinceTime) ?? session.Clock.GetUtcNow() - parsed.GetValue(since);
            var contained = parsed.GetValue(grep);
            bool IsWanted(ShownLine line) => (from is null || line.At >= from) && (contained is null || line.Text.Contains(contained, StringComparison.Ordinal));
            return parsed.GetValue(follow)
                ? await FollowAsync(session, folder, selection, IsWanted, form)
                : await PrintAsync(session, folder, selection, parsed.GetValue(tail), IsWanted, form);
        });
        return verb;
    }

    private static async Task<int> PrintAsync(Session session, RunFolder folder, LogSelection selection, int? tail, Predicate<ShownLine> isWanted, Func<ShownLine, string> form)
    {
        var state = await session.Runs.ReadAsync(folder);
        RequireNode(state, selection);
        foreach (var (node, number, container) in selection.Of(state))
        {
            var path = folder.AttemptFolder(state.StepOf(node).Value, new(node.Id, number));
            await using var log = new AttemptLog(session.Disk, path, node.DisplayName, node.Id.Value, number, container);
            var last = new Queue<ShownLine>();
            await foreach (var line in log.ReadAsync())
            {
                if (!isWanted(line)) { continue; }
                if (tail is null) { await Screen.Out.Writer.WriteAsync(form(line) + "\n"); }
                else
                {
                    last.Enqueue(line);
                    if (last.Count > tail) { last.Dequeue(); }
                }
            }
            foreach (var line in last) { await Screen.Out.Writer.WriteAsync(form(line) + "\n"); }
        }
        await Screen.Out.Writer.FlushAsync();
        return ExitCodes.Done;
    }

    private static async Task<int> FollowAsync(Session session, RunFolder folder, LogSelection selection, Predicate<ShownLine> isWanted, Func<ShownLine, string> form)
    {
        using var end = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            end.Cancel();
        });
        await using var following = new LogFollowing(session, folder, selection);
        try
        {
            await foreach (var line in following.ReadAsync(end.Token))
            {
                if (isWanted(line)) { Screen.Out.WriteLine(form(line)); }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested) { return ExitCodes.Done; }
        RequireNode(following.State!, selection);
        return ExitCodes.Done;
    }

    /// <exception cref="VerbException">The run has no such node.</exception>
    public static void RequireNode(RunState state, LogSelection selection)
    {
        if (selection.Meant(state) is not { Count: 0 }) { return; }
        var known = state.Nodes.Values.Where(n => n.Type == NodeType.Pod).OrderBy(n => n.StartedAt).Select(n => Text.Clean(n.DisplayName)).Distinct().Take(10);
        throw new VerbException($"{state.Name} has no node '{Text.Clean(selection.Node!)}'. It has: {string.Join(", ", known)}");
    }

    private static string Shown(ShownLine line, bool timestamp, bool terminal)
    {
        var time = timestamp ? $"{line.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)} " : "";
        if (!terminal) { return $"{time}{line.Name}: {line.Text}"; }
        var text = Text.Clean(line.Text, keepColours: Screen.Out.HasColours);
        return $"{time}{Text.Clean(line.Name)}: {text}{(text.Contains('\e', StringComparison.Ordinal) ? "\e[0m" : "")}";
    }

    private static string Json(string uid, ShownLine line)
    {
        using var bytes = new MemoryStream();
        using (var w = new Utf8JsonWriter(bytes))
        {
            w.WriteStartObject();
            w.WriteString("time", line.At.UtcDateTime);
            w.WriteString("run", uid);
            w.WriteString("node", line.Node);
            w.WriteNumber("attempt", line.Attempt);
            w.WriteString("stream", line.Stream);
            w.WriteString("text", line.Text);
            w.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
