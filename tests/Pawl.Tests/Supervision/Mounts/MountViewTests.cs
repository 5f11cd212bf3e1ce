using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Workflows;
using Pawl.Supervision;
using Pawl.Supervision.Processes;
using Xunit;

namespace Pawl.Tests.Supervision.Mounts;

/// <summary>Steps that declare absolute paths, with a file system of their own through bubblewrap.</summary>
public sealed class MountViewTests
{
    private static readonly StopRequest Preempt = new(StopKind.Terminate, StopReason.Preemption, "the host goes");

    [Fact]
    public async Task Two_steps_at_once_that_declare_the_same_path_do_not_wait_for_each_other_nor_see_each_others_file()
    {
        await using var one = Views.Rig();
        await using var two = new Rig();
        var path = $"{Views.Scratch()}/out";
        AttemptSpec Spec(string text) => Rig.Shell($"mkdir {Path.GetDirectoryName(path)}; echo $? >up; while [ ! -e go ]; do sleep 0.01; done; echo {text} >{path}") with
        {
            OutputArtifacts = [new OutputFile("out", path, false, null)],
        };
        var (first, second) = (await one.StartAsync(Spec("first")), await two.StartAsync(Spec("second")));

        Assert.Equal("0", await Until.FileAsync(first.Work("up")));
        Assert.Equal("0", await Until.FileAsync(second.Work("up")));
        await File.WriteAllTextAsync(first.Work("go"), "");
        await File.WriteAllTextAsync(second.Work("go"), "");

        Assert.Equal("first\n", await one.ReadAsync((await first.Ended)!.Outputs.Artifacts["out"]));
        Assert.Equal("second\n", await two.ReadAsync((await second.Ended)!.Outputs.Artifacts["out"]));
        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    [Fact]
    public async Task A_file_of_the_user_at_a_declared_path_is_neither_seen_nor_touched()
    {
        await using var rig = Views.Rig();
        var path = Path.Combine(rig.Outside, "file");
        await File.WriteAllTextAsync(path, "the user's");

        var outcome = await rig.RunAsync(Rig.Shell($"mkdir {rig.Outside} && echo mine >{path}") with { OutputParameters = [new OutputParameter("p", path, null)] });

        Assert.Equal((OutcomeKind.Succeeded, "", "mine"), (outcome.Kind, outcome.Outputs.Result, outcome.Outputs.Parameters["p"]));
        Assert.Equal("the user's", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task Files_at_the_top_are_the_steps_own_and_relative_paths_begin_where_it_works()
    {
        await using var rig = Views.Rig();
        var (input, output) = ($"/in-{Guid.NewGuid():N}", $"result-{Guid.NewGuid():N}.txt");

        var outcome = await rig.RunAsync(Rig.Shell($"pwd; cat {input} >{output}") with
        {
            WorkingDir = "/",
            Inputs = [new InputFile("in", input, null, "given", null)],
            OutputParameters = [new OutputParameter("absolute", "/" + output, null), new OutputParameter("relative", output, null)],
        });

        Assert.Equal((OutcomeKind.Succeeded, "", "/"), (outcome.Kind, outcome.Message, outcome.Outputs.Result));
        Assert.Equal(("given", "given"), (outcome.Outputs.Parameters["absolute"], outcome.Outputs.Parameters["relative"]));
        Assert.False(File.Exists("/" + output) || File.Exists(input));
    }

    [Fact]
    public async Task A_program_that_is_an_input_can_be_the_command()
    {
        await using var rig = Views.Rig();
        var path = $"/say-{Guid.NewGuid():N}";
        var outcome = await rig.RunAsync(Rig.Shell("") with
        {
            Command = [path],
            Args = ["hello"],
            Inputs = [new InputFile("say", path, null, "#!/bin/sh\necho \"$1\"", 0b111_101_101)],
        });
        Assert.Equal("hello", outcome.Outputs.Result);
    }

    [Fact]
    public async Task A_working_folder_that_is_not_on_the_machine_is_made_in_the_view_and_one_that_is_there_is_meant()
    {
        await using var rig = Views.Rig();
        var absent = await rig.RunAsync(Rig.Shell("pwd; ls -A") with { WorkingDir = "/app-of-nobody/src" });
        Assert.Equal("/app-of-nobody/src", absent.Outputs.Result);

        var below = await rig.RunAsync(Rig.Shell("pwd; echo x >x; ls -A") with { Attempt = 3, Fingerprint = "below", WorkingDir = "/var/app-of-nobody" });
        Assert.Equal("/var/app-of-nobody\nx", below.Outputs.Result);
        Assert.False(Directory.Exists("/var/app-of-nobody"));

        await File.WriteAllTextAsync(Path.Combine(rig.Outside, "code"), "");
        var there = await rig.RunAsync(Rig.Shell("ls; echo x >/tmp/x") with
        {
            Attempt = 2,
            Fingerprint = "other",
            WorkingDir = rig.Outside,
            OutputParameters = [new OutputParameter("x", "/tmp/x", null)],
        });
        Assert.Equal(("code", "x"), (there.Outputs.Result, there.Outputs.Parameters["x"]));
    }

    [Fact]
    public async Task What_the_step_is_told_of_scratch_folders_is_seen_and_nothing_else_of_them()
    {
        await using var rig = Views.Rig();
        Directory.CreateDirectory(Path.Combine(rig.Outside, "tool", "bin"));
        await File.WriteAllTextAsync(Path.Combine(rig.Outside, "tool", "lib"), "library");
        await File.WriteAllTextAsync(Path.Combine(rig.Outside, "data"), "data");
        await File.WriteAllTextAsync(Path.Combine(rig.Outside, "secret"), "secret");

        var outcome = await rig.RunAsync(Rig.Shell($"cat $DATA $(dirname $TOOLS)/lib; ls {rig.Outside}; test -S $PAWL_REPORT && test -d $PAWL_CHECKPOINT_DIR && echo home") with
        {
            Env = [new("DATA", $"{rig.Outside}/data"), new("TOOLS", $"{rig.Outside}/tool/bin")],
            OutputArtifacts = [new OutputFile("x", Views.Scratch(), true, null)],
        });

        Assert.Equal("datalibrarydata\ntool\nhome", outcome.Outputs.Result);
    }

    [Fact]
    public async Task The_machine_beside_scratch_is_as_a_plain_process_sees_it()
    {
        const string Look = "for d in /*; do case $d in /tmp) ;; *) readlink $d || stat -c '%n %d:%i' $d ;; esac; done; id; umask; stat -c %a /tmp";
        await using var rig = Views.Rig();
        var plain = await rig.RunAsync(Rig.Shell(Look));
        var viewed = await rig.RunAsync(Rig.Shell(Look) with { Attempt = 2, Fingerprint = "other", OutputArtifacts = [new OutputFile("x", "/tmp/x", true, null)] });

        Assert.Equal((plain.Outputs.Result, plain.Containment + "+view"), (viewed.Outputs.Result, viewed.Containment));
    }

    [Fact]
    public async Task The_stop_signal_reaches_the_step_itself()
    {
        await using var rig = Views.Rig();
        var path = Views.Scratch();
        var running = await rig.StartAsync(Rig.Shell($"trap 'echo saved >saved; exit 0' TERM; echo up >up; while :; do sleep 0.05; done") with
        {
            OutputArtifacts = [new OutputFile("x", path, true, null)],
        });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt);

        Assert.Equal((OutcomeKind.Preempted, 0), ((await running.Ended)!.Kind, (await running.Ended)!.ExitCode));
        Assert.Equal("saved", await Until.FileAsync(running.Work("saved")));
    }

    [Fact]
    public async Task What_runs_before_the_stop_signal_sees_the_same_files()
    {
        await using var rig = Views.Rig();
        var path = Views.Scratch();
        var running = await rig.StartAsync(Rig.Shell($"echo of-main >{path}; echo up >up; while :; do sleep 0.05; done") with
        {
            PreStop = new ContainerAction.Exec(["sh", "-c", $"cat {path} >seen"]),
            OutputArtifacts = [new OutputFile("x", path, true, null)],
        });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt);
        await running.Ended;

        Assert.Equal("of-main", await Until.FileAsync(running.Work("seen")));
    }

    [Theory]
    [InlineData("exit 137", ErrorClass.Permanent)]
    [InlineData("kill -9 $$", ErrorClass.Killed)]
    public async Task Exit_code_and_signal_are_told_apart(string script, ErrorClass cause)
    {
        await using var rig = Views.Rig();
        var outcome = await rig.RunAsync(Rig.Shell(script) with { OutputArtifacts = [new OutputFile("x", "/tmp/x", true, null)] });
        Assert.Equal((OutcomeKind.Failed, cause, 137), (outcome.Kind, outcome.Class, outcome.ExitCode));
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_named()
    {
        await using var rig = Views.Rig();
        var outcome = await rig.RunAsync(Rig.Shell("") with { Command = ["/tmp/no-such"], OutputArtifacts = [new OutputFile("x", "/tmp/x", true, null)] });
        Assert.Equal(64, outcome.ExitCode);
    }

    [Fact]
    public async Task A_step_in_a_view_starts_as_any_other()
    {
        await using var rig = Views.Rig();
        var outcome = await rig.RunAsync(Rig.Shell("") with
        {
            Command = ["/usr/bin/python3", "-S", "-c", """
                import os
                print([int(l.split()[1], 16) & 0x7fffffff for l in open('/proc/self/status') if l.startswith(('SigBlk', 'SigIgn'))])
                print(os.readlink('/proc/self/fd/0'), sorted(os.listdir('/proc/self/fd'))[:-1], os.getsid(0) == os.getpid())
                """],
            Args = [],
            OutputArtifacts = [new OutputFile("x", "/tmp/x", true, null)],
        });
        Assert.Equal("[0, 16781312]\n/dev/null ['0', '1', '2'] True", outcome.Outputs.Result);
    }

    [Theory]
    [InlineData("cgroup2")]
    [InlineData("cgroup1")]
    [InlineData("subreaper")]
    public async Task Nothing_of_it_is_left_running_or_mounted(string kind)
    {
        var found = Cgroups.Find();
        Assert.SkipWhen((kind == "cgroup2" && found.Unified is null) || (kind == "cgroup1" && found.Memory is null), $"this machine offers no writable {kind}");
        var groups = kind switch { "cgroup2" => found, "cgroup1" => found with { Unified = null }, _ => new Cgroups(null, null, null) };
        await using var rig = Views.Rig(new Containment(wholeProcess: false, groups));

        var running = await rig.StartAsync(Rig.Shell("(trap '' TERM; sleep 600) & echo $! >child; echo $$ >own; exit 3") with { OutputArtifacts = [new OutputFile("x", "/tmp/x", true, null)] });
        var outcome = await running.Ended;

        Assert.Equal((3, $"{kind}+view"), (outcome!.ExitCode, outcome.Containment));
        foreach (var name in (string[])["child", "own"])
        {
            var pid = int.Parse(await File.ReadAllTextAsync(running.Work(name)), System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(ProcessTable.Find(pid) is null or { IsDead: true });
        }
        Assert.DoesNotContain(running.Folder, await File.ReadAllTextAsync("/proc/self/mounts"), StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(running.Folder, AttemptFiles.Root)));
    }

    [Fact]
    public async Task Running_out_of_memory_is_seen()
    {
        var groups = Cgroups.Find();
        Assert.SkipUnless(
            groups.Memory is not null || (groups.Unified is { } u && Cgroups.TryEnable(u, "memory")), "this machine offers no writable memory cgroup");
        await using var rig = Views.Rig();

        var outcome = await rig.RunAsync(Rig.Shell("") with
        {
            Command = ["python3", "-c", "x = bytearray(b'x') * (256 << 20)"],
            Args = [],
            MemoryLimit = 64 << 20,
            OutputArtifacts = [new OutputFile("x", "/tmp/x", true, null)],
        });

        Assert.Equal(ErrorClass.OutOfMemory, outcome.Class);
    }

    [Theory]
    [InlineData("ln -s /etc/passwd {0}")]
    [InlineData("mkdir -p {0}; ln -s /etc {0}/d")]
    [InlineData("mkdir -p {0}; ln -s ../../../../../../../../../../etc/passwd {0}/d")]
    public async Task A_link_out_of_the_root_is_not_followed(string script)
    {
        await using var rig = Views.Rig();
        var path = Views.Scratch();
        var outcome = await rig.RunAsync(Rig.Shell(string.Format(System.Globalization.CultureInfo.InvariantCulture, script, path)) with
        {
            OutputParameters = [new OutputParameter("whole", path, null), new OutputParameter("inner", $"{path}/d", null), new OutputParameter("deep", $"{path}/d/passwd", null)],
        });
        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.Empty(outcome.Outputs.Parameters);
    }

    [Theory]
    [InlineData("/tmp/../etc/passwd", "the system's own")]
    [InlineData("/tmp/../..", "the system's own")]
    [InlineData("//", "the system's own")]
    [InlineData("/usr/share/x", "the system's own")]
    public async Task Paths_of_the_system_are_refused_however_they_are_written(string path, string why)
    {
        await using var rig = Views.Rig();
        var outcome = await rig.RunAsync(Rig.Shell("true") with { Inputs = [new InputFile("in", path, null, "x", null)] });
        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.Contains(why, outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_name_that_the_disk_takes_will_do()
    {
        await using var rig = Views.Rig();
        var folder = Views.Scratch();
        string[] names = ["a\nb", "a b'\"$(id)\\", "--ro-bind", "é", "=:", new string('x', 255)];
        var outcome = await rig.RunAsync(Rig.Shell($"cd {folder}; for f in *; do printf '%s' \"$f\" >\"$f\"; done") with
        {
            Inputs = [.. names.Select((n, i) => new InputFile($"i{i}", $"{folder}/{n}", null, "", null))],
            OutputParameters = [.. names.Select((n, i) => new OutputParameter($"o{i}", $"{folder}/./{n}", null))],
        });
        Assert.Equal((OutcomeKind.Succeeded, ""), (outcome.Kind, outcome.Message));
        Assert.Equal(names, names.Select((_, i) => outcome.Outputs.Parameters[$"o{i}"]));
    }

    [Theory]
    [InlineData(1, 256)]
    [InlineData(40, 200)]
    public async Task A_path_too_long_for_the_disk_is_an_error_of_the_step(int depth, int length)
    {
        await using var rig = Views.Rig();
        var path = "/tmp/" + string.Join('/', Enumerable.Repeat(new string('x', length), depth));
        var outcome = await rig.RunAsync(Rig.Shell("true") with { Inputs = [new InputFile("in", path, null, "x", null)] });
        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.StartsWith("init: ", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_without_absolute_paths_has_none()
    {
        await using var rig = Views.Rig();
        var running = await rig.StartAsync(Rig.Shell("true") with { WorkingDir = "sub", OutputArtifacts = [new OutputFile("x", "x", true, null)] });
        Assert.DoesNotContain("view", (await running.Ended)!.Containment, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(running.Folder, AttemptFiles.Root)));
    }

    [Fact]
    public async Task After_a_success_its_files_are_gone()
    {
        await using var rig = Views.Rig();
        var running = await rig.StartAsync(Rig.Shell("echo x >/tmp/x") with { OutputArtifacts = [new OutputFile("x", "/tmp/x", false, null)] });
        Assert.Equal(OutcomeKind.Succeeded, (await running.Ended)!.Kind);
        Assert.False(Directory.Exists(Path.Combine(running.Folder, AttemptFiles.Root)));
    }
}
