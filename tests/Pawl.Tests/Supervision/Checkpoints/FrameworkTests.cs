using System.Text;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Checkpoints;
using Pawl.Supervision.Checkpoints;
using Pawl.Tests.Engine;
using Xunit;

namespace Pawl.Tests.Supervision.Checkpoints;

/// <summary>Of every framework, stopped after every one of its file operations.</summary>
public sealed class FrameworkTests : Scratch
{
    public static TheoryData<string> Writers => [.. Frameworks.Names];

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task Stopped_anywhere_only_complete_checkpoints_are_seen(string writer)
    {
        var replay = Frameworks.Of(writer);
        var complete = Complete(replay);
        var cases =
            from between in (double[])[0, 0.3, 1.5]
            from end in (TrainerState[])[TrainerState.Running, TrainerState.Killed]
            // One that runs on stops for a while by itself; how fast it was before does not matter then.
            where end == TrainerState.Killed || between == 0
            from operations in Enumerable.Range(0, replay.Length + 1)
            select (between, end, operations);

        // Side by side, since the kernel takes its time to close a watch.
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (c, _) =>
        {
            var name = $"{writer}, {c.operations} of {replay.Length} operations {c.between} s apart, {c.end}";
            await StopAsync(replay, c.operations, c.between, c.end, takes: true, complete, name);
            await StopAsync(replay, c.operations, c.between, c.end, takes: false, complete, $"{name}, with no store");
        });
    }

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task In_the_end_all_is_taken(string writer)
    {
        var replay = Frameworks.Of(writer);
        var complete = Complete(replay);
        foreach (var end in (TrainerState[])[TrainerState.Running, TrainerState.Ended])
        {
            var at = Place();
            var clock = new HandClock();
            using var folder = await CheckpointFolder.OpenAsync(at, CheckpointPolicy.Default, clock);
            var played = new Played(at);
            for (var o = 0; o < replay.Length; o++) { replay.Play(played, o); }
            if (end == TrainerState.Running)
            {
                _ = await folder.LookAsync(end);
                clock.Move(1);
            }
            var look = await folder.LookAsync(end);
            Assert.NotNull(look.Content);
            Assert.True(IsSame(at, look.Content, complete[^1]), $"{writer}, {end}: {string.Join(", ", look.Content.Files.Select(f => f.Path))}");
        }
    }

    private async Task StopAsync(Replay replay, int operations, double between, TrainerState end, bool takes, List<Dictionary<string, byte[]>> complete, string name)
    {
        var at = Place();
        var clock = new HandClock();
        using var folder = await CheckpointFolder.OpenAsync(at, CheckpointPolicy.Default, clock);
        var played = new Played(at);
        for (var o = 0; o < operations; o++)
        {
            replay.Play(played, o);
            var look = await folder.LookAsync(TrainerState.Running);
            Check(at, look, complete, $"{name}, after {o + 1}");
            if (takes && look.Content is { } content) { folder.Took(content); }
            clock.Move(between);
        }
        if (end == TrainerState.Killed) { played.CloseAll(); }
        foreach (var wait in (double[])[0, 0.9, 1.1, 5])
        {
            clock.Move(wait);
            Check(at, await folder.LookAsync(end), complete, $"{name}, then {wait} s");
        }
        played.CloseAll();
    }

    private static void Check(string at, WholeFolder look, List<Dictionary<string, byte[]>> complete, string name)
    {
        if (look.Content is null) { return; }
        Assert.True(complete.Exists(c => IsSame(at, look.Content, c)),
            $"{name}: took {string.Join(", ", look.Content.Files.Select(f => f.Path).Concat(look.Content.Links.Select(l => $"{l.Path} -> {l.Target}")))}");
    }

    private static bool IsSame(string at, FolderContent content, Dictionary<string, byte[]> complete) =>
        content.Files.Length + content.Links.Length == complete.Count
        && content.Files.All(f => complete.TryGetValue(f.Path, out var bytes) && bytes.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Join(at, f.Path))))
        && content.Links.All(l => complete.TryGetValue(l.Path, out var target) && Encoding.UTF8.GetString(target) == l.Target);

    private List<Dictionary<string, byte[]>> Complete(Replay replay)
    {
        var played = new Played(Place());
        for (var o = 0; o < replay.Length; o++) { replay.Play(played, o); }
        return played.Complete;
    }

    private string Place() => Directory.CreateDirectory(At(Guid.NewGuid().ToString("N"))).FullName;
}
