using Pawl.Core.Attempts;
using Pawl.Supervision;
using Pawl.Tests.Supervision.Mounts;
using Xunit;

namespace Pawl.Tests.Supervision;

/// <summary>Absolute paths, which without a mount view are the machine's own.</summary>
public sealed class BorrowedTests
{
    [Fact]
    public async Task What_was_at_an_absolute_path_is_back_after_the_attempt_and_what_the_attempt_left_is_gone()
    {
        await using var rig = new Rig(Views.None);
        var (input, output) = (Path.Combine(rig.Outside, "in"), Path.Combine(rig.Outside, "new", "..", "out"));
        await File.WriteAllTextAsync(input, "the machine's own");

        var outcome = await rig.RunAsync(Rig.Shell($"cat {input} >{rig.Outside}/out; echo edited >{input}") with
        {
            Inputs = [new InputFile("in", input, null, "the step's", null)],
            OutputArtifacts = [new OutputFile("out", output, false, null)],
        });

        Assert.Equal((OutcomeKind.Succeeded, ""), (outcome.Kind, outcome.Message));
        Assert.Equal("the step's", await rig.ReadAsync(outcome.Outputs.Artifacts["out"]));
        Assert.Equal("the machine's own", await File.ReadAllTextAsync(input));
        Assert.False(File.Exists(Path.Combine(rig.Outside, "out")));
    }

    [Fact]
    public async Task A_path_on_another_file_system_is_put_back_with_its_content_and_mode()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "there is no second file system at /dev/shm");
        await using var rig = new Rig(Views.None);
        var folder = Directory.CreateDirectory(Path.Combine("/dev/shm", Path.GetRandomFileName()));
        try
        {
            var tree = folder.CreateSubdirectory("tree");
            await File.WriteAllTextAsync(Path.Combine(tree.FullName, "own"), "own");
            var borrowed = new Borrowed(rig.Disk, Path.Combine(rig.Home, "locks"), await rig.PrepareAsync(Rig.Shell("")));
            await using (borrowed)
            {
                await borrowed.TakeAsync([tree.FullName], [], CancellationToken.None);
                Assert.False(Directory.Exists(tree.FullName));
                await File.WriteAllTextAsync(tree.FullName, "left by the step");
                await borrowed.GiveBackAsync();
            }
            Assert.Equal("own", await File.ReadAllTextAsync(Path.Combine(tree.FullName, "own")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task What_a_dead_supervisor_moved_aside_is_put_back_by_the_next_attempt()
    {
        await using var rig = new Rig(Views.None);
        var (kept, made) = (Path.Combine(rig.Outside, "kept"), Path.Combine(rig.Outside, "made"));
        await File.WriteAllTextAsync(kept, "the machine's own");
        var dead = await rig.PrepareAsync(Rig.Shell("true"));
        await using (var borrowed = new Borrowed(rig.Disk, Path.Combine(rig.Home, "locks"), dead))
        {
            await borrowed.TakeAsync([kept, made], [], CancellationToken.None);
            await File.WriteAllTextAsync(kept, "left by the dead");
            await File.WriteAllTextAsync(made, "left by the dead");
        }

        var outcome = await rig.RunAsync(Rig.Shell($"cat {rig.Outside}/*") with { Attempt = 2 });

        Assert.Equal("the machine's own", outcome.Outputs.Result);
        Assert.Equal("the machine's own", await File.ReadAllTextAsync(kept));
        Assert.False(File.Exists(made));
    }

    [Fact]
    public async Task An_attempt_waits_until_another_has_left_the_path_and_can_be_stopped_while_it_waits()
    {
        await using var rig = new Rig(Views.None);
        await using var other = new Rig(Views.None);
        var path = Path.Combine(rig.Outside, "shared");
        var borrowed = new Borrowed(rig.Disk, Path.Combine(Path.GetDirectoryName(rig.Home)!, "locks"), await other.PrepareAsync(Rig.Shell("")));
        await using (borrowed)
        {
            await borrowed.TakeAsync([path], [], CancellationToken.None);
            var running = await rig.StartAsync(Rig.Shell("true") with { OutputArtifacts = [new OutputFile("x", path, true, null)] });
            running.Stops.Post(new StopRequest(StopKind.Terminate, StopReason.Preemption, "the host goes"));

            Assert.Equal(OutcomeKind.Preempted, (await running.Ended.WaitAsync(TimeSpan.FromSeconds(30)))!.Kind);
        }
    }

    [Fact]
    public async Task A_path_in_pawls_own_home_is_refused()
    {
        await using var rig = new Rig(Views.None);

        var outcome = await rig.RunAsync(Rig.Shell("true") with { OutputArtifacts = [new OutputFile("x", $"{rig.Home}/store", true, null)] });

        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.Contains("pawl's own files", outcome.Message, StringComparison.Ordinal);
    }
}
