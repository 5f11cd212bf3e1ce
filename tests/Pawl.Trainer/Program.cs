using System.Globalization;
using System.Security.Cryptography;
using Pawl.Trainer;
using Pawl.Training;

// A small training in a process of its own, so that a test can interrupt it:
//   Pawl.Trainer FOLDER STEPS [STOP-AT]
// As long as there is a file FOLDER/slow each step takes some milliseconds more.
// FOLDER/steps gets a line for every step that was done, FOLDER/model the digest of what came out. At step STOP-AT (0: before the
// first of this process; STEPS + 1: after the last of all) it says so and goes on when it was told to leave.
var (folder, steps) = (args[0], long.Parse(args[1], CultureInfo.InvariantCulture));
var stopAt = args.Length > 2 ? long.Parse(args[2], CultureInfo.InvariantCulture) : -1;

return TrainingRun.Main(() =>
{
    using var run = TrainingRun.Current();
    var random = run.Track("random", new TrainingRandom(7));
    var batches = run.Track("batches", new Batches(Samples.Count, batchSize: 120, seed: 7));
    var network = run.Restore(() => new Network(random));
    Console.WriteLine($"from {run.Step}");
    if (stopAt == 0) { WaitToLeave(run, 0); }

    using var log = new FileStream($"{folder}/steps", FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    foreach (var step in run.Steps(steps))
    {
        var batch = batches.Next();
        var loss = network.Learn(batch, random);
        if (File.Exists($"{folder}/slow")) { Thread.Sleep(2); }
        log.Write(System.Text.Encoding.ASCII.GetBytes($"{step} {string.Join(',', batch.ToArray())}\n"));
        run.Report(step, ("loss", loss));
        if (step == stopAt) { WaitToLeave(run, step); }
        run.CheckpointIfDue(network);
    }

    if (stopAt > steps) { WaitToLeave(run, stopAt); }
    File.WriteAllText($"{folder}/model", $"{network.Digest()} {random.NextUInt64():x16} {batches.Epoch} {Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(batches.Next()[0])))}");
});

static void WaitToLeave(TrainingRun run, long step)
{
    Console.WriteLine($"at {step}");
    while (!run.IsLeaving) { Thread.Yield(); }
}
