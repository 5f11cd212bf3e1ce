using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;
using Pawl.Cli.Verbs;
using Pawl.Cli.Verbs.Checkpoints;
using Pawl.Cli.Verbs.Kept;
using Pawl.Cli.Views;
using Pawl.Engine.Homes;

namespace Pawl.Cli;

/// <summary>The verbs, and the one place where errors become a message and an exit code.</summary>
public static class CommandLine
{
    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public static int PrintVersion()
    {
        Screen.Out.WriteLine($"pawl {Version}");
        return ExitCodes.Done;
    }

    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        var root = Root();
        // @latest is a run, not a file of arguments.
        var parsed = root.Parse(args.Count == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) { Screen.Error.WriteLine($"pawl: {error.Message}"); }
            Screen.Error.WriteLine($"See: {Path(parsed.CommandResult)} --help");
            return ExitCodes.Usage;
        }
        try
        {
            // Signals are the verbs' own: a run is paused, not cut off.
            var code = await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = Screen.Out.Writer,
                Error = Screen.Error.Writer,
            });
            // What the library writes itself, such as suggestions to a shell, it leaves in the buffer.
            await Screen.Out.Writer.FlushAsync();
            return code;
        }
        catch (Exception e)
        {
            Tell(e);
            return e is VerbException verb ? verb.Code : ExitCodes.Failed;
        }
    }

    private static void Tell(Exception e)
    {
        try
        {
            Screen.Error.WriteLine($"pawl: {Sentence(e)}");
            if (Environment.GetEnvironmentVariable("PAWL_DEBUG") == "1") { Screen.Error.WriteLine(e.ToString()); }
        }
        catch (IOException) { }     // the terminal is gone; the exit code still says it
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("Runs Argo workflows on one machine. Kill anything at any time; resume goes on where it was.")
        {
            Run.Command(), Submit.Command(), Resume.Command(), List.Command(), Get.Command(), Watch.Command(), Wait.Command(), Logs.Command(),
            Retry.Command(), Resubmit.Command(), Suspend.Command(), NodeSet.Group(), Preempt.Command(), Stop.Command(), Terminate.Command(), Delete.Command(), Lint.Command(),
            Checkpoint.Command(), Template.Command(), Cron.Command(), Completion.Command(),
        };
        root.Options.OfType<HelpOption>().Single().Action = new HelpWithExample();
        return root;
    }

    private static string Path(CommandResult verb) =>
        verb.Parent is CommandResult above ? $"{Path(above)} {verb.Command.Name}" : "pawl";

    private static string Sentence(Exception e) => e switch
    {
        VerbException or HomeException or IOException => e.Message,
        UnauthorizedAccessException => $"{e.Message} Check the permissions of the home and of the files named.",
        _ => $"unexpected {e.GetType().Name}: {e.Message} This is a mistake in pawl; PAWL_DEBUG=1 shows where.",
    };

    /// <summary>The usual help, and below it examples of the verb.</summary>
    private sealed class HelpWithExample : SynchronousCommandLineAction
    {
        private readonly HelpAction _usual = new() { MaxWidth = 120 };

        // Who asks for help has not finished the line.
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = _usual.Invoke(parseResult);
            var examples = parseResult.CommandResult.Command is Verb verb
                ? verb.Examples
                : ["pawl run examples/digits/pipeline.yaml", "pawl resume @latest", "pawl get @latest", "pawl logs @latest train -f"];
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in examples) { output.WriteLine($"  {example}"); }
            output.Flush();
            return code;
        }
    }
}
