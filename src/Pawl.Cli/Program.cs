using Pawl.Cli;
using Pawl.Cli.Verbs;

// A supervisor is started for every attempt, so it goes before all that the other verbs need.
return args switch
{
    ["supervise", .. var rest] => Supervise.Run(rest),
    ["--version"] => CommandLine.PrintVersion(),
    _ => CommandLine.RunAsync(args).GetAwaiter().GetResult(),
};
