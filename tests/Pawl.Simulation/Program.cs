using System.Diagnostics;
using System.Globalization;
using Pawl.Simulation;
using Pawl.Simulation.Bugs;

var from = ulong.Parse(Option("--from") ?? "1", CultureInfo.InvariantCulture);
var seeds = ulong.Parse(Option("--seeds") ?? "2000", CultureInfo.InvariantCulture);
var trace = args.Contains("--trace") ? Console.Out : null;
if (args.Contains("--bugs")) { return BugTable.Print(Console.Out, from, seeds) ? 0 : 1; }
var name = Option("--bug");

var clock = Stopwatch.StartNew();
long turns = 0, starts = 0, faults = 0;
for (var seed = from; seed < from + seeds; seed++)
{
    var bug = name is null ? null : Catalogue.Named(name);
    var result = SimulatedRun.Play(seed, bug, trace);
    turns += result.Turns;
    starts += result.Starts;
    faults += result.Faults;
    if (result.Violation is null) { continue; }
    Console.WriteLine(result.Report(bug));
    if (!args.Contains("--all")) { return 1; }
}
Console.WriteLine($"{seeds} seeds: every invariant held through {turns:N0} turns, {starts:N0} starts of programs and {faults:N0} faults ({clock.Elapsed.TotalSeconds:F1} s)");
return 0;

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
