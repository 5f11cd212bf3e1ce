using System.Diagnostics;
using System.Globalization;
using Pawl.Simulation;

var from = ulong.Parse(Option("--from") ?? "1", CultureInfo.InvariantCulture);
var seeds = ulong.Parse(Option("--seeds") ?? "2000", CultureInfo.InvariantCulture);
var trace = args.Contains("--trace") ? Console.Out : null;
var clock = Stopwatch.StartNew();
long turns = 0, starts = 0, faults = 0;
var bad = 0;
for (var seed = from; seed < from + seeds; seed++)
{
    var result = Simulation.Run(seed, null, trace);
    turns += result.Turns;
    starts += result.Starts;
    faults += result.Faults;
    if (result.Violation is { } v)
    {
        bad++;
        Console.WriteLine($"seed {seed} ({result.Temperament}): {v.Invariant}: {v.What}");
        if (bad > 20) { break; }
    }
}
Console.WriteLine($"{seeds} seeds, {bad} bad, {turns} turns, {starts} starts, {faults} faults, {clock.Elapsed.TotalSeconds:F1} s");
return bad == 0 ? 0 : 1;

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
