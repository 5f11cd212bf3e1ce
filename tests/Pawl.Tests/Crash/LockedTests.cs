using System.Text.Json;
using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>Real engines, one home and one mutex: never two inside, whoever dies.</summary>
public sealed class LockedTests
{
    // Says who is inside, waits for go/RUN, and sees whether anybody else is.
    private static string Manifest(string name, string spec = "", string template = "") => $$$"""
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {name: {{{name}}}}
        spec:
          entrypoint: main
          {{{spec}}}
          templates:
          - name: main
            steps:
            - - name: enter
                template: enter
                withSequence: {count: "3"}
          - name: enter
            {{{template}}}
            container:
              image: busybox
              command: [sh, -c]
              args:
              - |
                mkdir $PLACE/inside || echo {{workflow.name}} >> $PLACE/overlap
                echo {{{name}}} >> $PLACE/entered
                while ! [ -e $PLACE/go/{{{name}}} ]; do sleep 0.02; done
                rmdir $PLACE/inside
        """;

    private const string Mutex = "synchronization: {mutexes: [{name: m}]}";

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Two_engines_that_race_for_a_mutex_are_never_both_inside()
    {
        await using var place = new Place(Manifest("one", template: Mutex), "one", "two");
        var engines = new[] { place.Start("run", place.Manifest), place.Start("run", Other(place, Manifest("two", template: Mutex))) };
        foreach (var engine in engines) { await place.EndsAsync(engine, 0); }
        Assert.Equal(3, Entered(place, "one"));
        Assert.Equal(3, Entered(place, "two"));
        Assert.Empty(place.Overlaps);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_run_whose_engine_was_killed_keeps_its_lock_until_it_is_resumed_and_over()
    {
        await using var place = new Place(Manifest("one", spec: Mutex).Replace("\"3\"", "\"1\"", StringComparison.Ordinal), "two");
        var first = place.Start("run", place.Manifest);
        await place.Until(() => Entered(place, "one") == 1, "the first run was inside");
        var second = place.Start("run", Other(place, Manifest("two", spec: Mutex).Replace("\"3\"", "\"1\"", StringComparison.Ordinal)));
        await place.UntilPrinted(second, "Waiting for default/Mutex/m lock. Lock status: 0/1");
        using (var seen = JsonDocument.Parse(await place.DoAsync(0, "get", "two", "-o", "json")))
        {
            var status = seen.RootElement.GetProperty("status");
            Assert.Equal("Pending", status.GetProperty("phase").GetString());
            Assert.Equal("default/Mutex/m", status.GetProperty("synchronization").GetProperty("mutex").GetProperty("waiting")[0].GetProperty("mutex").GetString());
        }

        first.Kill();
        place.Open("one");
        await place.Until(() => !Directory.Exists(Path.Combine(place.Folder, "inside")), "the step went on without its engine");
        Assert.Equal(0, Entered(place, "two"));

        await place.DoAsync(0, "resume", "one");
        await place.EndsAsync(second, 0);
        Assert.Equal(1, Entered(place, "one"));
        Assert.Equal(1, Entered(place, "two"));
        Assert.Empty(place.Overlaps);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Nobody_waits_for_a_run_that_is_deleted()
    {
        await using var place = new Place(Manifest("one", template: Mutex), "two");
        var first = place.Start("run", place.Manifest);
        await place.Until(() => Entered(place, "one") == 1, "the first run was inside");
        var second = place.Start("run", Other(place, Manifest("two", template: Mutex)));
        await place.UntilPrinted(second, "Waiting for default/Mutex/m lock");

        first.Kill();
        Place.Kill(place.Processes().Where(p => p != second.Pid));
        Directory.Delete(Path.Combine(place.Folder, "inside"));
        await place.DoAsync(0, "delete", "one", "--force");
        await place.EndsAsync(second, 0);
        Assert.Equal(3, Entered(place, "two"));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_limit_that_is_raised_counts_for_runs_that_wait()
    {
        await using var place = new Place(
            Manifest("one", template: "synchronization: {semaphores: [{database: {key: s}}]}")
                .Replace("mkdir $PLACE/inside ||", "false &&", StringComparison.Ordinal).Replace("rmdir $PLACE/inside", "true", StringComparison.Ordinal));
        Directory.CreateDirectory(place.Home);
        var limits = Path.Combine(place.Home, "limits.yaml");
        File.WriteAllText(limits, "limits: {s: 1}");
        var run = place.Start("run", place.Manifest);
        await place.UntilPrinted(run, "Waiting for default/Database/s lock. Lock status: 0/1");
        await place.Until(() => Entered(place, "one") == 1, "one was inside");
        File.WriteAllText(limits, "limits: {s: 3}");
        await place.Until(() => Entered(place, "one") == 3, "all were inside");
        place.Open("one");
        await place.EndsAsync(run, 0);
    }

    private static string Other(Place place, string manifest)
    {
        var folder = Directory.CreateDirectory(Path.Combine(place.Folder, "other")).FullName;
        var file = Path.Combine(folder, "workflow.yaml");
        File.WriteAllText(file, manifest.Replace("$PLACE", place.Folder, StringComparison.Ordinal));
        return file;
    }

    private static int Entered(Place place, string name) =>
        Path.Combine(place.Folder, "entered") is var file && File.Exists(file) ? File.ReadAllLines(file).Count(l => l == name) : 0;
}
