using System.CommandLine;
using System.Globalization;
using Pawl.Core.Expressions;

namespace Pawl.Cli.Verbs;

/// <summary>A verb of the command line, with what its help ends with.</summary>
internal sealed class Verb(string name, string description, params IReadOnlyList<string> examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}

/// <summary>How a verb prints what it found.</summary>
internal enum OutputForm
{
    Text,
    Wide,
    Name,
    Json,
    Yaml,
}

/// <summary>Options and arguments that several verbs have.</summary>
internal static class Common
{
    public static Argument<string> Run() => new("RUN")
    {
        Description = "@latest, a run's name, its uid, or the start of its uid",
    };

    public static Option<string?> Home() => new("--home")
    {
        Description = "Folder of the home; else PAWL_HOME, else the nearest .pawl upwards",
        HelpName = "DIR",
    };

    public static Option<OutputForm> Output(params OutputForm[] forms)
    {
        var names = forms.Select(f => f.ToString().ToLowerInvariant()).ToArray();
        var option = new Option<OutputForm>("--output", "-o")
        {
            Description = $"Print in another form: {string.Join(", ", names)}",
            HelpName = string.Join('|', names),
            CustomParser = result =>
            {
                var text = result.Tokens[^1].Value;
                if (Array.IndexOf(names, text) is var at and >= 0) { return forms[at]; }
                result.AddError($"-o {text} is unknown; write {string.Join(" or ", names)}");
                return OutputForm.Text;
            },
        };
        return option;
    }

    /// <summary>Kubernetes' default.</summary>
    public static TimeSpan DefaultGrace { get; } = TimeSpan.FromSeconds(30);

    public static Option<TimeSpan?> Grace() => new("--grace")
    {
        Description = "From stop signal to kill, where the manifest names no grace period; seconds or a duration such as 90s or 2m [default: 30s]",
        HelpName = "DURATION",
        CustomParser = result =>
        {
            if (Durations.TryParse(result.Tokens[0].Value, out var grace)) { return grace; }
            result.AddError($"--grace {result.Tokens[0].Value} is no duration; write seconds or a duration such as 90s or 2m");
            return null;
        },
    };

    public static Option<int?> Parallelism() => new("--parallelism")
    {
        Description = string.Create(CultureInfo.InvariantCulture, $"Most steps at once [default: twice the cores, at least {Machine.FewestSlots}]"),
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var slots) && slots > 0) { return slots; }
            result.AddError($"--parallelism {result.Tokens[0].Value} is no whole number above 0");
            return null;
        },
    };
}
