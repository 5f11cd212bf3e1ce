using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Engine;
using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision;

namespace Pawl.Bench;

/// <summary>A fan-out of many steps through the whole engine; each has ended as soon as it would be started.</summary>
internal static class Nodes
{
    private const int Slots = 8;

    /// <param name="plan">Its bytes are the number of steps.</param>
    public static async Task RunAsync(Plan plan)
    {
        var manifest = Encoding.UTF8.GetBytes($$"""
            apiVersion: argoproj.io/v1alpha1
            kind: Workflow
            metadata: {generateName: nodes-}
            spec:
              entrypoint: main
              templates:
              - name: main
                steps:
                - - name: step
                    template: work
                    withSequence: {count: "{{plan.Bytes}}"}
                    arguments: {parameters: [{name: n, value: "{{"{{item}}"}}"}]}
              - name: work
                inputs: {parameters: [{name: n}]}
                container: {image: none, command: [work], args: ["{{"{{inputs.parameters.n}}"}}"]}
            """);
        var disk = new Disk();
        static string Nonce() => Guid.NewGuid().ToString("N");
        var home = await Home.MakeAsync(disk, Path.Combine(plan.Folder, "home"), Nonce());
        var store = new LocalStore(disk, home.Store, Nonce, await Boot.IdAsync(disk));
        using var watch = new InotifyWatch();
        var runs = new Runs(home, disk, watch, store, new Answering(disk), TimeProvider.System, Nonce);
        var cpu = Environment.CpuUsage.TotalTime;
        var wall = Stopwatch.StartNew();
        var read = ManifestReader.Read("nodes.yaml", manifest);
        var limits = new RunLimits(Slots, Slots * 1000, 1L << 40, TimeSpan.FromSeconds(30), TransientPattern: null);
        var folder = await runs.SubmitAsync(read, manifest, "nodes.yaml", snapshot: null, limits, Executors.Process);
        var taken = (TakeResult.Taken)await runs.TakeAsync(folder, new Owner(Environment.ProcessId, "bench", DateTimeOffset.UtcNow, "bench"));
        var turns = 0;
        RunState ended;
        await using (taken.Run)
        {
            var loop = taken.Run.Loop(staysAtGates: false);
            loop.Turned = (_, _) => turns++;
            ended = await loop.RunAsync("bench", "bench");
        }
        wall.Stop();
        cpu = Environment.CpuUsage.TotalTime - cpu;
        if (ended.Phase != Phase.Succeeded || ended.Nodes.Count < plan.Bytes) { throw new InvalidOperationException($"{ended.Phase} with {ended.Nodes.Count} nodes: {ended.Message}"); }
        var journal = new DirectoryInfo(folder.Journal).EnumerateFiles().Sum(f => f.Length);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""
            {"name": "nodes", "wall": [{{wall.Elapsed.TotalSeconds:F6}}], "cpu": [{{cpu.TotalSeconds:F6}}], "turns": {{turns}}, "journal": {{journal}}, "peak": {{Process.GetCurrentProcess().PeakWorkingSet64}}}
            """));
    }

    /// <summary>In place of supervisors: every attempt has succeeded when it was to be started.</summary>
    private sealed class Answering(IDisk disk) : ISupervisors
    {
        public async ValueTask StartAsync(string attemptFolder, IHeldLock held)
        {
            var now = DateTimeOffset.UtcNow;
            var outcome = new Outcome { Kind = OutcomeKind.Succeeded, ExitCode = 0, StartedAt = now, FinishedAt = now, Containment = "none" };
            await AttemptFiles.WriteAsync(disk, attemptFolder, AttemptFiles.Outcome, SupervisionJson.Write(outcome), durable: false);
            await held.DisposeAsync();
        }
    }
}
