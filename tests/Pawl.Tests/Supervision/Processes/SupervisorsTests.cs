using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Errors;
using Pawl.Supervision;
using Pawl.Supervision.Processes;
using Xunit;

namespace Pawl.Tests.Supervision.Processes;

/// <summary>Supervisors as processes of their own, killed and signalled.</summary>
public sealed class SupervisorsTests
{
    private const string Endless = "echo $$ >pid.new; mv pid.new pid; trap 'exit 75' TERM; while true; do sleep 0.05; done";

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Pawl.SupervisorProbe");

    [Fact]
    public async Task A_supervisor_runs_its_attempt_and_frees_the_lock_when_it_ends()
    {
        await using var rig = new Rig();
        var folder = await StartAsync(rig, Rig.Shell("echo done >$PAWL_CHECKPOINT_DIR/done"));

        await using var freed = await rig.Disk.LockAsync(Path.Combine(folder, AttemptFiles.Lock), TestContext.Current.CancellationToken);

        Assert.Equal(OutcomeKind.Succeeded, (await AttemptFiles.ReadOutcomeAsync(rig.Disk, folder))!.Kind);
        Assert.Equal("", await File.ReadAllTextAsync(Path.Combine(folder, Supervisors.LogName)));
    }

    [Fact]
    public async Task The_lock_is_the_supervisors_from_the_start_and_never_the_steps()
    {
        await using var rig = new Rig();
        var folder = await StartAsync(rig, Rig.Shell(Endless));
        Assert.Null(await rig.Disk.TryLockAsync(Path.Combine(folder, AttemptFiles.Lock)));
        var step = await PidAsync(folder);

        Kill(ParentOf(step), Native.SigKill);

        // The step lives on, its supervisor does not: the lock must be free.
        await using var freed = await rig.Disk.LockAsync(Path.Combine(folder, AttemptFiles.Lock), TestContext.Current.CancellationToken);
        Assert.False(IsDead(step));
        Assert.Null(await AttemptFiles.ReadOutcomeAsync(rig.Disk, folder));
    }

    [Fact]
    public async Task The_attempt_after_a_killed_supervisor_begins_when_nothing_of_the_one_before_runs()
    {
        await using var rig = new Rig();
        var spec = Rig.Shell(Endless);
        var step = await PidAsync(await StartAsync(rig, spec));
        Kill(ParentOf(step), Native.SigKill);

        var second = await rig.RunAsync(Rig.Shell($"if kill -0 {step}; then cat /proc/{step}/stat; fi") with { Attempt = 2 });

        Assert.True(IsDead(step));
        Assert.True(second.Outputs.Result is "" || second.Outputs.Result!.Contains(") Z ", StringComparison.Ordinal), second.Outputs.Result);
        Assert.Equal([1, 2], (await rig.ChainAsync()).Entries.OfType<Entry.Claimed>().Select(c => c.Attempt));
    }

    [Fact]
    public async Task SIGTERM_to_the_supervisor_preempts_the_attempt()
    {
        await using var rig = new Rig();
        var folder = await StartAsync(rig, Rig.Shell(Endless));
        Kill(ParentOf(await PidAsync(folder)), Native.SigTerm);

        await using var freed = await rig.Disk.LockAsync(Path.Combine(folder, AttemptFiles.Lock), TestContext.Current.CancellationToken);

        var outcome = await AttemptFiles.ReadOutcomeAsync(rig.Disk, folder);
        Assert.Equal((OutcomeKind.Preempted, ErrorClass.Preempted, 75), (outcome!.Kind, outcome.Class, outcome.ExitCode));
    }

    [Fact]
    public async Task A_second_supervisor_of_an_attempt_does_nothing_and_says_why()
    {
        await using var rig = new Rig();
        var folder = await rig.PrepareAsync(Rig.Shell("touch ran"));
        await using var held = await rig.Disk.TryLockAsync(Path.Combine(folder, AttemptFiles.Lock));

        Assert.Equal(1, await SuperviseHost.RunAsync(folder, rig.Home, lockFd: -1));

        Assert.False(File.Exists(Path.Combine(folder, AttemptFiles.Work, "ran")));
    }

    [Fact]
    public async Task A_supervisor_that_cannot_read_its_spec_leaves_a_line_and_no_outcome()
    {
        await using var rig = new Rig();
        var folder = await rig.PrepareAsync(Rig.Shell("true"));
        await File.WriteAllTextAsync(Path.Combine(folder, AttemptFiles.Spec), "{");
        await LaunchAsync(rig, folder);

        await using var freed = await rig.Disk.LockAsync(Path.Combine(folder, AttemptFiles.Lock), TestContext.Current.CancellationToken);

        Assert.Contains("spec.json is not readable", await File.ReadAllTextAsync(Path.Combine(folder, Supervisors.LogName)), StringComparison.Ordinal);
        Assert.Null(await AttemptFiles.ReadOutcomeAsync(rig.Disk, folder));
    }

    [Fact]
    public async Task A_supervisor_that_cannot_be_started_is_an_error_and_the_lock_is_free_again()
    {
        await using var rig = new Rig();
        var folder = await rig.PrepareAsync(Rig.Shell("true"));
        var path = Path.Combine(folder, AttemptFiles.Lock);

        await Assert.ThrowsAnyAsync<IOException>(async () =>
            await new Supervisors(["/no/such/program"], rig.Home).StartAsync(folder, (await rig.Disk.TryLockAsync(path))!));

        await using var freed = await rig.Disk.TryLockAsync(path);
        Assert.NotNull(freed);
    }

    private static async Task<string> StartAsync(Rig rig, AttemptSpec spec)
    {
        var folder = await rig.PrepareAsync(spec);
        await LaunchAsync(rig, folder);
        return folder;
    }

    private static async Task LaunchAsync(Rig rig, string folder)
    {
        var held = await rig.Disk.TryLockAsync(Path.Combine(folder, AttemptFiles.Lock));
        await new Supervisors([Program], rig.Home).StartAsync(folder, held!);
    }

    private static async Task<int> PidAsync(string folder) =>
        int.Parse(await Until.FileAsync(Path.Combine(folder, AttemptFiles.Work, "pid")), CultureInfo.InvariantCulture);

    private static int ParentOf(int pid) => ProcessTable.Find(pid)!.Parent;

    private static bool IsDead(int pid) => ProcessTable.Find(pid) is null or { IsDead: true };

    private static void Kill(int pid, int signal) => Assert.Equal(0, Native.Kill(pid, signal));
}
