using Pawl.Bench;

// Runs one part of bench/checkpoint or bench/nodes: PART SIZE ROUNDS FOLDER. Prints lines of JSON, one for each kind of sample.
if (args is not [var part, var bytes, var rounds, var folder])
{
    Console.Error.WriteLine("PART SIZE ROUNDS FOLDER");
    return 2;
}
var plan = new Plan(int.Parse(bytes), int.Parse(rounds), folder);
switch (part)
{
    case "blocked": Blocked.Run(plan); break;
    case "store": await StoreRounds.RunAsync(plan); break;
    case "nodes": await Nodes.RunAsync(plan); break;
    default: Console.Error.WriteLine($"{part}: there is no such part"); return 2;
}
return 0;
