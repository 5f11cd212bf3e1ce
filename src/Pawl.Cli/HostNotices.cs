using System.Collections;
using System.CommandLine;
using Pawl.Cli.Verbs;
using Pawl.Cli.Views;
using Pawl.Supervision.Notices;

namespace Pawl.Cli;

/// <summary>Where the notices of this machine come from: options, kept in the environment so that engines and supervisors hear the same.</summary>
internal sealed class HostNotices
{
    // A metadata service answers in milliseconds; one that does not is not waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.5);

    private readonly Option<string?> _file = new("--notice-file")
    {
        Description = "A file whose presence says that this machine goes, in 30 s or as {\"seconds\": 120} or {\"deadline\": TIME} in it says",
        HelpName = "FILE",
    };

    private readonly Option<string?> _end = new("--machine-ends-at")
    {
        Description = $"When this machine goes, such as {NoticeOptions.TimeExample}: from two minutes before, nothing new starts",
        HelpName = "TIME",
    };

    public HostNotices() => _end.Validators.Add(result =>
    {
        var text = result.Tokens[0].Value;
        if (NoticeOptions.TryTime(text, out var time))
        {
            if (time < DateTimeOffset.UtcNow - TimeSpan.FromMinutes(1)) { result.AddError($"--machine-ends-at {text} has passed; nothing would start"); }
        }
        else { result.AddError($"--machine-ends-at {text} is no time with a zone; write one such as {NoticeOptions.TimeExample}"); }
    });

    public void AddTo(Verb verb)
    {
        verb.Add(_file);
        verb.Add(_end);
    }

    /// <summary>Makes what the line says known to this process and to all that it starts.</summary>
    public void Take(ParseResult parsed)
    {
        if (parsed.GetValue(_file) is { } file) { Environment.SetEnvironmentVariable(NoticeOptions.FileVariable, Path.GetFullPath(file)); }
        if (parsed.GetValue(_end) is { } end) { Environment.SetEnvironmentVariable(NoticeOptions.EndVariable, end); }
    }

    /// <summary>Begins to listen, and has looked once when it returns.</summary>
    public static async Task<NoticeWatch> ListenAsync(Session session)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables()) { environment[(string)variable.Key] = (string?)variable.Value ?? ""; }
        var problems = new List<string>();
        var options = NoticeOptions.Of(environment, problems);
        foreach (var problem in problems) { Say(problem); }
        var notices = NoticeWatch.Start(options, session.Disk, session.Watch, session.Clock, Say);
        await notices.LookedAsync(Patience, session.Clock);
        return notices;
    }

    private static void Say(string problem) => Screen.Error.WriteLine($"pawl: {Text.Clean(problem)}");
}
