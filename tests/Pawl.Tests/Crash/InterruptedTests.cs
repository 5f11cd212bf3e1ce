using System.Diagnostics;
using System.Globalization;
using Pawl.Tests.Shell;
using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>Real trainers under pawl, killed again and again, against the same ones that nobody disturbs.</summary>
[Trait("Category", "Slow")]
public sealed class InterruptedTests
{
    // Regression with momentum and noise, in nothing but Python: every part of its state changes what the next step does.
    private const string PythonTrainer = """
        import hashlib, os, random, sys, time
        from types import SimpleNamespace
        import pawl

        place, total = sys.argv[1], int(sys.argv[2])
        run = pawl.current()
        batches = pawl.Batches(97, 10, seed=5)
        run.track('batches', batches)
        random.seed(11)
        state = run.restore(SimpleNamespace(step=0, weights=[0.0] * 4, speed=[0.0] * 4))
        with open(place + '/steps', 'a', buffering=1) as log:
            for step in run.steps(state.step, total):
                rows = next(batches)
                for i in range(4):
                    wanted = sum(rows) % (i + 7)
                    slope = state.weights[i] - wanted + random.gauss(0, 1)
                    state.speed[i] = 0.9 * state.speed[i] - 0.01 * slope
                    state.weights[i] += state.speed[i]
                if os.path.exists(place + '/slow'): time.sleep(0.002)
                log.write('%d %s\n' % (step, ','.join(map(str, rows))))
                run.report(step=step, weight=state.weights[0])
                run.checkpoint_if_due(state)
        everything = repr((state.weights, state.speed, random.getstate(), batches.state_dict()))
        open(place + '/model', 'w').write(hashlib.sha256(everything.encode()).hexdigest())
        """;

    // The trainer of the example as it is, but for a pause after each step as long as there is a file "slow".
    private const string PyTorchTrainer = """
        import os, runpy, sys, time
        import pawl

        place, current = sys.argv.pop(1), pawl.current
        os.environ['STEP_LOG'] = place + '/steps'

        def slowly():
            run = current()
            report = run.report
            def late(**what):
                if os.path.exists(place + '/slow'): time.sleep(0.02)
                report(**what)
            run.report = late
            return run

        pawl.current = slowly
        runpy.run_path('train.py', run_name='__main__')
        """;

    // More steps than can be done by the last kill; what is left then goes without a pause.
    [Fact]
    public Task A_Python_training_killed_fifty_times_ends_with_the_same_bits() =>
        KillAsync("trainer.py", "python3 trainer.py $PLACE 40000", kills: 50, interval: 200, seed: 2);

    [Fact]
    public Task A_dotnet_training_killed_fifty_times_ends_with_the_same_bits() =>
        KillAsync("Pawl.Trainer.dll", $"dotnet {Path.Combine(AppContext.BaseDirectory, "Pawl.Trainer.dll")} $PLACE 40000", kills: 50, interval: 200, seed: 3);

    // What it gives is a digest over weights, optimizer and all random states.
    [Fact]
    public Task A_PyTorch_training_killed_twenty_times_ends_with_the_same_bits()
    {
        Assert.SkipUnless(Torch.IsThere, Torch.Missing);
        const string Command = "/usr/bin/python3 slow.py $PLACE --data=train.json --seed=7 --steps=2000 --out=$PLACE/model.pt --digest=$PLACE/model";
        return KillAsync("slow.py", Command, kills: 20, interval: 20, seed: 1);
    }

    private static async Task KillAsync(string program, string command, int kills, int interval, int seed)
    {
        var manifest = Manifest(command, interval);
        await using var whole = await PlaceAsync(manifest);
        await whole.DoAsync(0, "run", whole.Manifest);
        await using var killed = await PlaceAsync(manifest);
        var slow = Path.Combine(killed.Folder, "slow");
        await File.WriteAllTextAsync(slow, "");
        var run = new Interrupted(killed, "crash.train", program, seed);
        await run.KillAsync(killed.Start("run", killed.Manifest), kills, TimeSpan.FromSeconds(0.5));
        File.Delete(slow);
        await run.EndsAsync();

        Assert.Equal(await File.ReadAllTextAsync($"{whole.Folder}/model"), await File.ReadAllTextAsync($"{killed.Folder}/model"));
        Judge(StepsOf(whole), StepsOf(killed), run, interval);
    }

    private static async Task<Place> PlaceAsync(string manifest)
    {
        var place = new Place(manifest);
        var project = Path.GetDirectoryName(place.Manifest)!;
        await File.WriteAllTextAsync($"{project}/trainer.py", PythonTrainer);
        await File.WriteAllTextAsync($"{project}/slow.py", PyTorchTrainer);
        var example = Checkout.At("examples/pytorch-digits");
        foreach (var file in (string[])["train.py", "network.py"]) { File.Copy($"{example}/{file}", $"{project}/{file}"); }
        string[] arguments = ["prepare.py", "--data=digits.csv.gz", "--seed=7", $"--train={project}/train.json", $"--held-out={place.Folder}/held-out"];
        using var prepare = Process.Start(new ProcessStartInfo("python3", arguments) { WorkingDirectory = example, RedirectStandardOutput = true })!;
        await prepare.StandardOutput.ReadToEndAsync();
        await prepare.WaitForExitAsync();
        return place;
    }

    private static void Judge(List<(long Step, string Samples)> whole, List<(long Step, string Samples)> killed, Interrupted run, int interval)
    {
        Assert.NotEmpty(whole);
        // None skipped, none with other samples than it would have had, and no more of them twice than what a kill may cost.
        Assert.Equal(whole, killed.Distinct().OrderBy(s => s.Step));
        var repeated = killed.Count - whole.Count;
        var kinds = string.Join(", ", run.Kills.CountBy(k => k).Select(k => $"{k.Value} × {k.Key}"));
        TestContext.Current.SendDiagnosticMessage($"{killed.Count} steps executed, {whole.Count} needed: {repeated} repeated after {kinds}");
        Assert.True(repeated <= run.Kills.Count * interval, $"{repeated} steps were repeated after {kinds}");
    }

    /// <summary>The steps that were executed, in order, with the samples of each; repeated ones repeat.</summary>
    private static List<(long Step, string Samples)> StepsOf(Place place) =>
        [.. File.ReadLines($"{place.Folder}/steps").Select(l => l.Split(' ', 2)).Select(l => (long.Parse(l[0], CultureInfo.InvariantCulture), l[1]))];

    private static string Manifest(string command, int interval) => $$"""
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {name: crash}
        spec:
          entrypoint: main
          templates:
            - name: main
              dag: {tasks: [{name: train, template: train}]}
            - name: train
              metadata:
                annotations: {pawl.dev/checkpoint-every: "{{interval}}"}
              retryStrategy: {limit: 1000, retryPolicy: Always}
              container:
                image: none
                command: ["{{command.Replace(" ", "\", \"", StringComparison.Ordinal)}}"]
        """;
}
