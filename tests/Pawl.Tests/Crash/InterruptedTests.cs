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

    [Fact]
    public async Task A_PyTorch_training_killed_twenty_times_ends_with_the_same_bits()
    {
        const int Steps = 2000;
        const int Interval = 40;
        const int Kills = 20;
        Assert.SkipUnless(Torch.IsThere, Torch.Missing);
        var manifest = Checkout.At("examples/pytorch-digits/pipeline.yaml");
        await using var whole = new Place("");
        await whole.DoAsync(0, "run", [manifest, .. Parameters(whole)]);
        await using var killed = new Place("");
        var run = new Interrupted(killed, "digits.train", "train.py", seed: 1);
        await run.KillAsync(killed.Start("run", [manifest, .. Parameters(killed)]), Kills, TimeSpan.FromSeconds(0.6));
        await run.EndsAsync();

        // The digest is over weights, optimizer and every random state; the model is the file that was promoted.
        Assert.Equal(Steps, StepsOf(whole).Count);
        Assert.Equal(Digest(whole), Digest(killed));
        Assert.Equal(await File.ReadAllBytesAsync(whole.Artifact("digits.train", "model")), await File.ReadAllBytesAsync(killed.Artifact("digits.train", "model")));
        Judge(StepsOf(whole), StepsOf(killed), run, Interval);

        static string[] Parameters(Place place) =>
            ["--name", "digits", "-p", $"steps={Steps}", "-p", $"checkpoint-every={Interval}", "-p", "at-least=0.5", "-p", $"step-log={place.Folder}/steps"];

        static string Digest(Place place) => Directory.EnumerateFiles($"{place.Home}/runs", "main.log", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines).Single(l => l.Contains("weights, optimizer and random state: ", StringComparison.Ordinal)).Split(": ")[^1];
    }

    [Fact]
    public Task A_Python_training_killed_fifty_times_ends_with_the_same_bits() => FiftyTimesAsync(
        "trainer.py", "python3 trainer.py $PLACE TOTAL", seed: 2);

    [Fact]
    public Task A_dotnet_training_killed_fifty_times_ends_with_the_same_bits() => FiftyTimesAsync(
        "Pawl.Trainer.dll", $"dotnet {Path.Combine(AppContext.BaseDirectory, "Pawl.Trainer.dll")} $PLACE TOTAL", seed: 3);

    private static async Task FiftyTimesAsync(string program, string command, int seed)
    {
        const int Kills = 50;
        const int Interval = 200;
        // Far more than can be done by then; what is left goes without a pause.
        const int Steps = 40_000;
        var manifest = Manifest(command.Replace("TOTAL", $"{Steps}", StringComparison.Ordinal), Interval);
        await using var whole = await PlaceAsync(manifest);
        await whole.DoAsync(0, "run", whole.Manifest);
        await using var killed = await PlaceAsync(manifest);
        var slow = Path.Combine(killed.Folder, "slow");
        await File.WriteAllTextAsync(slow, "");
        var run = new Interrupted(killed, "crash.train", program, seed);
        await run.KillAsync(killed.Start("run", killed.Manifest), Kills, TimeSpan.FromSeconds(0.5));
        File.Delete(slow);
        await run.EndsAsync();

        Assert.Equal(Steps, StepsOf(whole).Count);
        Assert.Equal(await File.ReadAllTextAsync($"{whole.Folder}/model"), await File.ReadAllTextAsync($"{killed.Folder}/model"));
        Judge(StepsOf(whole), StepsOf(killed), run, Interval);
    }

    private static async Task<Place> PlaceAsync(string manifest)
    {
        var place = new Place(manifest);
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(place.Manifest)!, "trainer.py"), PythonTrainer);
        return place;
    }

    private static void Judge(List<(long Step, string Samples)> whole, List<(long Step, string Samples)> killed, Interrupted run, int interval)
    {
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
