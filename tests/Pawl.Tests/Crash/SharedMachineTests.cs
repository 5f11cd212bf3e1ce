using System.Globalization;
using System.Text.Json;
using Pawl.Supervision;
using Pawl.Supervision.Machine;
using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>Real engines with a home each, on one machine that has not room for both.</summary>
public sealed class SharedMachineTests : IAsyncDisposable
{
    // Says what it was given and who is inside, waits for go/NAME, and sees whether anybody else is.
    private const string Enter = """
                mkdir $SHARED/inside || echo $NAME >> $SHARED/overlap
                echo $NAME $$ "$CUDA_VISIBLE_DEVICES" >> $SHARED/entered
                while ! [ -e $SHARED/go/$NAME ]; do sleep 0.02; done
                rmdir $SHARED/inside || true
        """;

    private readonly string _shared = Directory.CreateTempSubdirectory("pawl-machine-").FullName;
    private readonly List<Place> _places = [];

    public SharedMachineTests() => Directory.CreateDirectory(Path.Combine(_shared, "go"));

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Steps_of_two_homes_that_want_more_than_half_each_never_run_at_once()
    {
        var (one, two) = (Home("one", MostOfTheCores(), count: 3), Home("two", MostOfTheCores(), count: 3));
        Open("one");
        Open("two");
        var engines = new[] { one.Start("run", one.Manifest), two.Start("run", two.Manifest) };
        await one.EndsAsync(engines[0], 0);
        await two.EndsAsync(engines[1], 0);
        Assert.Equal((3, 3), (Entered("one").Count, Entered("two").Count));
        Assert.False(File.Exists(Path.Combine(_shared, "overlap")));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task What_a_killed_supervisor_leaves_running_is_gone_before_its_room_is_anothers()
    {
        var (one, two) = (Home("one", MostOfTheMemory()), Home("two", MostOfTheMemory()));
        // Whoever finds the first one alive says so.
        File.WriteAllText(two.Manifest, File.ReadAllText(two.Manifest).Replace(
            "mkdir", $"readlink /proc/$(head -1 {_shared}/entered | cut -d ' ' -f 2)/exe >> {_shared}/overlap; mkdir -p", StringComparison.Ordinal));
        var first = one.Start("run", one.Manifest);
        await one.Until(() => Entered("one").Count == 1, "the first run was inside");
        var trainer = int.Parse(Entered("one")[0].Split(' ')[1], CultureInfo.InvariantCulture);
        Open("two");
        var second = two.Start("run", two.Manifest);
        await two.UntilPrinted(second, "waits for");

        first.Kill();
        Place.Kill(one.Supervisor("one[0].enter(0:0)"));
        await two.EndsAsync(second, 0);
        Assert.Single(Entered("two"));
        Assert.False(Place.Lives(trainer));
        Assert.Equal("", File.ReadAllText(Path.Combine(_shared, "overlap")));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_run_that_waits_for_room_says_so_and_stops_at_once()
    {
        var (one, two) = (Home("one", MostOfTheCores()), Home("two", MostOfTheCores()));
        var first = one.Start("run", one.Manifest);
        await one.Until(() => Entered("one").Count == 1, "the first run was inside");
        var second = two.Start("run", two.Manifest);
        await two.UntilPrinted(second, "waits for");
        using (var seen = JsonDocument.Parse(await two.DoAsync(0, "get", "two", "-o", "json")))
        {
            var node = seen.RootElement.GetProperty("status").GetProperty("nodes").EnumerateObject().Single(n => n.Value.GetProperty("type").GetString() == "Pod").Value;
            Assert.EndsWith("are taken, by one one[0].enter(0:0)", node.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        await two.DoAsync(0, "stop", "two");
        await two.EndsAsync(second, 1);
        Assert.Empty(Entered("two"));
        Open("one");
        await one.EndsAsync(first, 0);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Steps_of_two_homes_have_different_gpus_and_a_third_waits()
    {
        var (one, two) = (Home("one", "nvidia.com/gpu: 1", count: 2), Home("two", "nvidia.com/gpu: 1"));
        var first = one.Start("run", one.Manifest);
        await one.Until(() => Entered("one").Count == 2, "two steps were inside");
        Assert.Equal(["0", "1"], Entered("one").Select(l => l.Split(' ')[2]).Order(StringComparer.Ordinal));
        var second = two.Start("run", two.Manifest);
        await two.UntilPrinted(second, "waits for 1 GPU: 2 GPUs of this machine's 2 GPUs are taken");
        Assert.Empty(Entered("two"));
        Open("two");
        Open("one");
        await one.EndsAsync(first, 0);
        await two.EndsAsync(second, 0);
        Assert.Single(Entered("two"));
    }

    [Fact]
    public async Task More_gpus_than_there_are_are_refused_before_there_is_a_run()
    {
        var place = Home("one", "nvidia.com/gpu: 3");
        var said = await place.DoAsync(1, "run", place.Manifest);
        Assert.Contains("template 'enter' requests 3 GPUs, and this machine has 2 GPUs", said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(place.Home, "runs")));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var place in _places) { await place.DisposeAsync(); }
        Directory.Delete(_shared, recursive: true);
    }

    private static string MostOfTheCores() => string.Create(CultureInfo.InvariantCulture, $"cpu: {Environment.ProcessorCount * 600}m");

    private static string MostOfTheMemory() => string.Create(CultureInfo.InvariantCulture, $"memory: {MachineSize.Measure().MemoryBytes / 10 * 6}");

    private Place Home(string name, string request, int count = 1)
    {
        var place = new Place($$$"""
            apiVersion: argoproj.io/v1alpha1
            kind: Workflow
            metadata: {name: {{{name}}}}
            spec:
              entrypoint: main
              templates:
              - name: main
                steps:
                - - name: enter
                    template: enter
                    withSequence: {count: "{{{count}}}"}
              - name: enter
                container:
                  image: busybox
                  command: [sh, -c]
                  resources: {requests: { {{{request}}} }}
                  args:
                  - |
            {{{Enter.Replace("$NAME", name, StringComparison.Ordinal).Replace("$SHARED", _shared, StringComparison.Ordinal)}}}
            """);
        place.Environment[RuntimeFolder.Variable] = Path.Combine(_shared, "run");
        place.Environment[MachineSize.GpusVariable] = "2";
        _places.Add(place);
        return place;
    }

    private void Open(string name) => File.WriteAllText(Path.Combine(_shared, "go", name), "");

    private List<string> Entered(string name) =>
        Path.Combine(_shared, "entered") is var file && File.Exists(file) ? [.. File.ReadAllLines(file).Where(l => l.StartsWith(name + " ", StringComparison.Ordinal))] : [];
}
