using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Pawl.Tests.Cli;

/// <summary>The checkpoints of a step that trains, through the real program.</summary>
[Trait("Category", "Slow")]
public sealed class CheckpointTests : PawlProgram
{
    // Each step waits for its file, is saved by a rename, and is said.
    private const string Trainer = """
        import json, os, signal, socket, sys, time
        folder, step = os.environ['PAWL_CHECKPOINT_DIR'], 0
        if os.path.exists(folder + '/step'): step = int(open(folder + '/step').read())
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))
        line = socket.socket(socket.AF_UNIX); line.connect(os.environ['PAWL_REPORT'])
        say = lambda **what: line.send((json.dumps(what) + '\n').encode())
        say(kind='hello', sdk='test', step=step, total=9)
        print('from %d' % step, flush=True)
        home = os.environ['PAWL_HOME']
        while step < 9:
            while not os.path.exists('%s/go-%d' % (home, step + 1)): time.sleep(0.01)
            step += 1
            say(kind='step', step=step, metrics={'loss': 1 / step})
            open(folder + '/step.tmp', 'w').write('%d' % step)
            os.rename(folder + '/step.tmp', folder + '/step')
            say(kind='checkpoint', step=step, path='step', blockedSeconds=0.001, writeSeconds=0.002)
        """;

    [Fact]
    public async Task Of_a_paused_run_they_are_listed_verified_copied_restored_and_pruned()
    {
        var file = Write("w.yaml", Samples.Step($"exec python3 {Write("train.py", Trainer)}"));
        using var run = Start("run", file, "--name", "w");
        try
        {
            for (var step = 1; step <= 4; step++) { await TrainedAsync(run, step); }
            var running = await PawlAsync("checkpoint", "prune", "w", "--keep", "1");
            Assert.Equal(1, running.Code);
            Assert.Matches("^pawl: the run is running: process .* drives it; nothing was pruned", running.Error);
            Assert.Contains("nothing was restored", (await PawlAsync("checkpoint", "restore", "w")).Error, StringComparison.Ordinal);
            await ShownAsync();
            Send(run, Interrupt);
            Assert.Equal(3, (await EndAsync(run)).Code);
        }
        finally
        {
            if (!run.HasExited) { await PawlAsync("delete", "w", "--force"); }
        }

        var listed = await ListAsync();
        Assert.Equal([2, 3, 4], listed.Where(c => !c.GetProperty("pruned").GetBoolean()).Select(Step));
        Assert.All(listed, c => Assert.Equal(("w", "w", 1, 1, 1), (
            c.GetProperty("step").GetString(), c.GetProperty("node").GetString(), c.GetProperty("claim").GetInt32(), c.GetProperty("size").GetInt32(), c.GetProperty("files").GetInt32())));
        var second = EntryOf(listed, 2);
        var third = EntryOf(listed, 3);

        var table = (await PawlAsync("checkpoint", "list", "w", "w")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, table.Length);
        Assert.Matches($@"^w +{second} +2 +\S+ +1 B +1 B +1$", table[1]);
        Assert.Contains("has no node 'x'", (await PawlAsync("checkpoint", "list", "w", "x")).Error, StringComparison.Ordinal);

        var verified = await PawlAsync("checkpoint", "verify", "w");
        Assert.Equal((0, 3, ""), (verified.Code, verified.Output.Split(": sound\n").Length - 1, verified.Error));

        // Pinned, it stays; the newest two are not asked for; the dry run says the same as the deed.
        Assert.Equal(0, (await PawlAsync("checkpoint", "pin", "w", "--entry", second)).Code);
        Assert.Equal($"w: nothing to prune; {second}, {third}, {EntryOf(listed, 4)} stay\n", (await PawlAsync("checkpoint", "prune", "w", "--keep", "2")).Output);
        Assert.StartsWith($"w: would prune {third}; ", (await PawlAsync("checkpoint", "prune", "w", "--keep", "1", "--dry-run")).Output, StringComparison.Ordinal);

        // The newest is corrupt from here on.
        Flip("4");
        var corrupt = await PawlAsync("checkpoint", "verify", "w");
        Assert.Equal(1, corrupt.Code);
        Assert.Matches($@"✖ w: checkpoint {EntryOf(listed, 4)} \(step 4\), 1 file, 1 B: corrupt\n  checkpoint \d+: step: chunks/\S+ should be 1 bytes with SHA-256 .* but there is .*; nothing was changed", corrupt.Output);
        var problem = JsonDocument.Parse((await PawlAsync("checkpoint", "verify", "w", "--entry", EntryOf(listed, 4), "-o", "json")).Output)
            .RootElement[0].GetProperty("problems")[0];
        Assert.Equal("step", problem.GetProperty("file").GetString());

        var copy = Path.Join(Folder, "copy");
        var exported = await PawlAsync("checkpoint", "export", "w", "--to", "copy");
        Assert.Equal((0, $"checkpoint {third} (step 3) of w: 1 B copied to {copy}\n"), (exported.Code, exported.Output));
        Assert.Equal("3", File.ReadAllText(Path.Join(copy, "step")));
        Assert.Contains("is not empty", (await PawlAsync("checkpoint", "export", "w", "--to", "copy")).Error, StringComparison.Ordinal);

        var restored = await PawlAsync("checkpoint", "restore", "w", "--entry", second);
        Assert.Equal(0, restored.Code);
        Assert.Contains("(step 2)", restored.Output, StringComparison.Ordinal);
        Assert.Equal(1, (await PawlAsync("checkpoint", "restore", "w", "--entry", "1")).Code);
        for (var step = 5; step <= 9; step++) { File.WriteAllText(Path.Join(Folder, "home", $"go-{step}"), ""); }
        var resumed = await PawlAsync("resume", "w");
        Assert.Equal(0, resumed.Code);
        var got = (await PawlAsync("get", "w")).Output;
        Assert.Matches(@"
  Checkpoints: +\d.*, restored from entry \d", got);
        Assert.Matches(@"
STEP +GOODPUT .*
w +\d.*
\(run\) +\d", got);
        using var json = JsonDocument.Parse((await PawlAsync("get", "w", "-o", "json")).Output);
        var spent = json.RootElement.GetProperty("status").GetProperty("pawl").GetProperty("spent");
        Assert.Equal(spent.GetProperty("total").GetDouble(), spent.EnumerateObject().Where(b => b.Name is not ("total" or "goodput")).Sum(b => b.Value.GetDouble()), 0.001);
        Assert.Equal(["w: from 0", "w: from 2"], (await PawlAsync("logs", "w")).Output.Split('\n').Where(l => l.StartsWith("w: from", StringComparison.Ordinal)));
        Assert.Contains("is completed and never runs again", (await PawlAsync("checkpoint", "restore", "w")).Error, StringComparison.Ordinal);
    }

    private static string EntryOf(IReadOnlyList<JsonElement> listed, long step) =>
        listed.Last(c => Step(c) == step).GetProperty("entry").GetInt32().ToString(CultureInfo.InvariantCulture);

    // The very first may be found before the trainer has said which one it is.
    private static long? Step(JsonElement listed) => listed.GetProperty("trainerStep") is { ValueKind: JsonValueKind.Number } step ? step.GetInt64() : null;

    private async Task ShownAsync()
    {
        using var json = JsonDocument.Parse((await PawlAsync("get", "w", "-o", "json")).Output);
        var training = json.RootElement.GetProperty("status").GetProperty("pawl").GetProperty("nodes").GetProperty("w").GetProperty("training");
        Assert.Equal(9, training.GetProperty("total").GetInt32());
        Assert.True(training.GetProperty("metrics").GetProperty("loss").GetDouble() > 0);
        Assert.Matches(@"
  Trained: +step \d/9 loss=\S+
  Checkpoints: +\d", (await PawlAsync("get", "w")).Output);
    }

    private void Flip(string content)
    {
        foreach (var chunk in Directory.GetFiles(Path.Join(Folder, "home", "store", "chunks"), "*", SearchOption.AllDirectories))
        {
            if (File.ReadAllText(chunk) != content) { continue; }
            File.Delete(chunk);
            File.WriteAllText(chunk, "x");
        }
    }

    /// <summary>Lets the trainer do one more step and waits until it is saved.</summary>
    private async Task TrainedAsync(Process run, int step)
    {
        Directory.CreateDirectory(Path.Join(Folder, "home"));
        File.WriteAllText(Path.Join(Folder, "home", $"go-{step}"), "");
        while (!(await ListAsync()).Any(c => Step(c) == step)) { Assert.False(run.HasExited); }
    }

    private async Task<IReadOnlyList<JsonElement>> ListAsync()
    {
        // Until the run is journaled there is nothing to list.
        var listed = await PawlAsync("checkpoint", "list", "w", "-o", "json");
        return listed.Code == 0 ? [.. JsonDocument.Parse(listed.Output).RootElement.EnumerateArray()] : [];
    }
}
