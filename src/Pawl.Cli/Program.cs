using Pawl.Cli;
using Pawl.Cli.Verbs;

// A supervisor is started for every attempt, so it goes before all that the other verbs need.
return args switch
{
    ["supervise", .. var rest] => await Supervise.RunAsync(rest),
    ["--version"] => CommandLine.PrintVersion(),
    _ => await CommandLine.RunAsync(args),
};
