using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Supervision.Processes;
using Xunit;

namespace Pawl.Tests.Supervision.Processes;

public sealed class ContainmentTests
{
    // Forks twice, leaves the session, keeps stdout open and never ends; unlike a daemon it writes down its pid.
    private const string Runaway = """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                open('runaway.new', 'w').write(str(os.getpid()))
                os.rename('runaway.new', 'runaway')
                while True: time.sleep(600)
            os._exit(0)
        while not os.path.exists('runaway'): time.sleep(0.01)
        print('main ends')
        """;

    public static TheoryData<string> Kinds => ["cgroup2", "cgroup1", "subreaper"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_attempt_ends_with_its_main_process_and_leaves_none_behind(string kind)
    {
        await using var rig = new Rig(Of(kind));
        var running = await rig.StartAsync(Rig.Shell("") with { Command = ["python3", "-c", Runaway], Args = [] });

        var outcome = await running.Ended.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((OutcomeKind.Succeeded, kind, "main ends"), (outcome!.Kind, outcome.Containment, outcome.Outputs.Result));
        Assert.True(IsDead(await File.ReadAllTextAsync(running.Work("runaway"))));
    }

    [Fact]
    public async Task Without_control_groups_a_process_that_hides_in_another_session_with_another_environment_is_still_found()
    {
        await using var rig = new Rig();
        var folder = await rig.PrepareAsync(Rig.Shell(""));
        var hide = $"exec env -i PATH=\"$PATH\" python3 -c '{Runaway.Replace("print('main ends')", "", StringComparison.Ordinal).Replace('\'', '"')}'";

        using var probe = Process.Start(Path.Combine(AppContext.BaseDirectory, "Pawl.SupervisorProbe"), ["adopt", folder, "sh", "-c", hide]);
        await probe.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, probe.ExitCode);
        Assert.True(IsDead(await File.ReadAllTextAsync(Path.Combine(folder, "runaway"))));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Anybody_can_empty_the_container_of_an_attempt(string kind)
    {
        await using var rig = new Rig(Of(kind));
        var running = await rig.StartAsync(Rig.Shell("python3 -c \"$RUNAWAY\"; while true; do sleep 1; done") with { Env = [new("RUNAWAY", Runaway)] });
        var runaway = await Until.FileAsync(running.Work("runaway"));

        await new Containment(wholeProcess: false).EmptyAsync(running.Folder);

        Assert.True(IsDead(runaway));
        Assert.Equal((OutcomeKind.Failed, ErrorClass.Killed), ((await running.Ended)!.Kind, (await running.Ended)!.Class));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Control_groups_are_gone_when_the_attempt_has_ended(string kind)
    {
        await using var rig = new Rig(Of(kind));
        var running = await rig.StartAsync(Rig.Shell("cat /proc/self/cgroup"));
        var outcome = await running.Ended;

        var groups = outcome!.Outputs.Result!.Split('\n').Where(l => l.Contains("/pawl-", StringComparison.Ordinal)).ToList();
        Assert.Equal(kind != "subreaper", groups.Count > 0);
        Assert.DoesNotContain(
            Directory.EnumerateDirectories("/sys/fs/cgroup", "pawl-*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 }),
            g => groups.Any(l => l.EndsWith(Path.GetFileName(g), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_step_that_takes_more_memory_than_its_limit_is_out_of_memory()
    {
        var groups = Cgroups.Find();
        Assert.SkipUnless(
            groups.Memory is not null || (groups.Unified is { } u && Cgroups.TryEnable(u, "memory")), "this machine offers no writable memory cgroup");
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell("") with
        {
            Command = ["python3", "-c", "x = bytearray(b'x') * (256 << 20)"],
            Args = [],
            MemoryLimit = 64 << 20,
        });

        Assert.Equal(
            (OutcomeKind.Failed, ErrorClass.OutOfMemory, "main: OOMKilled (exit code 137)"),
            (outcome.Kind, outcome.Class, outcome.Message));
    }

    [Fact]
    public async Task Limits_that_cannot_be_enforced_are_said_in_the_log_and_do_not_fail_the_step()
    {
        await using var rig = new Rig(Of("subreaper"));
        var running = await rig.StartAsync(Rig.Shell("true") with { MemoryLimit = 64 << 20, CpuLimit = 500 });

        Assert.Equal(OutcomeKind.Succeeded, (await running.Ended)!.Kind);
        var log = await File.ReadAllTextAsync(Path.Combine(running.Folder, "main.log"));
        Assert.Contains("pawl: the memory limit of 67,108,864 bytes is not enforced", log, StringComparison.Ordinal);
        Assert.Contains("pawl: the cpu limit of 500m is not enforced", log, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_step_starts_with_default_signals_an_empty_stdin_and_no_descriptor_of_ours(string kind)
    {
        await using var rig = new Rig(Of(kind));
        var outcome = await rig.RunAsync(Rig.Shell("") with
        {
            // Not the one in PATH: that may be a script that finds the real one.
            Command = ["/usr/bin/python3", "-S", "-c", """
                import os
                print([int(l.split()[1], 16) & 0x7fffffff for l in open('/proc/self/status') if l.startswith(('SigBlk', 'SigIgn'))])
                print(os.readlink('/proc/self/fd/0'), sorted(os.listdir('/proc/self/fd'))[:-1], os.getsid(0) == os.getpid())
                """],
            Args = [],
        });

        // Python itself ignores SIGPIPE and SIGXFSZ; signals 32 and 33 are glibc's own.
        Assert.Equal(
            "[0, 16781312]\n/dev/null ['0', '1', '2'] True",
            outcome.Outputs.Result);
    }

    private static bool IsDead(string pid) => ProcessTable.Find(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture)) is null or { IsDead: true };

    private static Containment Of(string kind)
    {
        var found = Cgroups.Find();
        switch (kind)
        {
            case "cgroup2":
                Assert.SkipWhen(found.Unified is null, "this machine offers no writable cgroup v2");
                return new Containment(wholeProcess: false, found);
            case "cgroup1":
                Assert.SkipWhen(found.Memory is null, "this machine offers no writable cgroup v1");
                return new Containment(wholeProcess: false, found with { Unified = null });
            default:
                return new Containment(wholeProcess: false, new Cgroups(null, null, null));
        }
    }
}
