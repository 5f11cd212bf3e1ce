using Pawl.Core.Attempts;
using Xunit;

namespace Pawl.Tests.Supervision.Mounts;

/// <summary>Volumes in the view of a step.</summary>
public sealed class VolumeTests
{
    [Fact]
    public async Task A_claim_is_one_folder_of_the_home_for_all_runs()
    {
        await using var rig = Views.Rig();
        await RunAsync(rig, 1, "echo kept >/mnt/vol/log", Claim("/mnt/vol"));
        Assert.Equal("kept", (await RunAsync(rig, 2, "cat /elsewhere/log", Claim("/elsewhere"))).Outputs.Result);
        Assert.Equal("kept\n", await File.ReadAllTextAsync(Path.Combine(rig.Home, "volumes", "data", "log")));
    }

    [Fact]
    public async Task A_claim_template_is_one_folder_of_the_run()
    {
        await using var rig = Views.Rig();
        var mount = new Mount("workdir", MountKind.RunClaim, "", "/mnt/vol", null, false);
        await RunAsync(rig, 1, "echo of-the-run >/mnt/vol/x", mount);
        Assert.Equal("of-the-run", (await RunAsync(rig, 2, "cat /mnt/vol/x", mount)).Outputs.Result);
        Assert.True(File.Exists(Path.Combine(rig.Home, "runs", Rig.RunId, "volumes", "workdir", "x")));
    }

    [Fact]
    public async Task An_emptyDir_is_empty_at_the_start_of_every_attempt_and_may_be_seen_twice()
    {
        await using var rig = Views.Rig();
        Mount[] mounts = [Empty("/a"), Empty("/b/c")];
        Assert.Equal("x", (await RunAsync(rig, 1, "ls -A /a; touch /a/x; ls -A /b/c", mounts)).Outputs.Result);
        Assert.Equal("x", (await RunAsync(rig, 2, "ls -A /a; touch /a/x; ls -A /b/c", mounts)).Outputs.Result);
    }

    [Fact]
    public async Task Only_what_may_be_written_is_written()
    {
        await using var rig = Views.Rig();
        var outcome = await RunAsync(rig, 1, "echo x >/a/x; echo y >/b/y || ls /b", Empty("/a"), Empty("/b") with { ReadOnly = true });
        Assert.Equal("x", outcome.Outputs.Result);
    }

    [Fact]
    public async Task A_part_of_a_volume_is_seen_in_its_place()
    {
        await using var rig = Views.Rig();
        var outcome = await RunAsync(
            rig, 1, "echo x >/part/x; cat /whole/deep/in/x /file", Claim("/whole"), Claim("/part") with { SubPath = "deep/in" }, Host(rig, "/file", "hello"));
        Assert.Equal("x\nhello", outcome.Outputs.Result);
    }

    [Fact]
    public async Task A_folder_of_the_machine_is_seen_under_another_name_and_a_file_that_must_be_there_is_missed()
    {
        await using var rig = Views.Rig();
        var folder = Path.Combine(rig.Outside, "made");
        await RunAsync(rig, 1, "echo x >/data/x", new Mount("h", MountKind.HostFolder, folder, "/data", null, false));
        Assert.Equal("x\n", await File.ReadAllTextAsync(Path.Combine(folder, "x")));

        var file = Host(rig, "/file", "hello") with { Kind = MountKind.HostFolder };
        Assert.Equal("hello", (await RunAsync(rig, 3, "cat /file", file)).Outputs.Result);

        var absent = await RunAsync(rig, 2, "true", new Mount("h", MountKind.HostPath, Path.Combine(rig.Outside, "absent"), "/data", null, false));
        Assert.Equal(OutcomeKind.Errored, absent.Kind);
        Assert.Contains("there is nothing at", absent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inputs_and_outputs_may_lie_in_a_volume_and_volumes_in_each_other()
    {
        await using var rig = Views.Rig();
        var spec = Rig.Shell("cat /v/in /v/w/in2 >/v/w/out") with
        {
            Mounts = [Claim("/v"), Empty("/v/w")],
            Inputs = [new InputFile("in", "/v/in", null, "one ", null), new InputFile("in2", "/v/w/in2", null, "two", null)],
            OutputParameters = [new OutputParameter("out", "/v/w/out", null)],
        };
        Assert.Equal("one two", (await rig.RunAsync(spec)).Outputs.Parameters["out"]);
        Assert.True(File.Exists(Path.Combine(rig.Home, "volumes", "data", "in")));
    }

    [Fact]
    public async Task One_at_tmp_leaves_pawls_own_files_in_sight()
    {
        await using var rig = Views.Rig();
        var outcome = await rig.RunAsync(Rig.Shell("cat input; test -S $PAWL_REPORT && test -d $PAWL_HOME && echo seen") with
        {
            WorkingDir = "/tmp",
            Mounts = [Empty("/tmp")],
            Inputs = [new InputFile("in", "/tmp/input", null, "in ", null)],
        });
        Assert.Equal("in seen", outcome.Outputs.Result);
    }

    [Theory]
    [InlineData("../x", "leaves volume")]
    [InlineData("link/x", "leaves volume")]
    public async Task A_part_that_leaves_the_volume_is_refused(string part, string why)
    {
        await using var rig = Views.Rig();
        await RunAsync(rig, 1, "ln -s /etc /v/link", Claim("/v"));
        var outcome = await RunAsync(rig, 2, "true", Claim("/v") with { SubPath = part });
        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.Contains(why, outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task None_is_mounted_among_pawls_own_files()
    {
        await using var rig = Views.Rig();
        var outcome = await RunAsync(rig, 1, "true", Claim($"{rig.Home}/store"));
        Assert.Contains("among pawl's own files", outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..", "/v", "is no name of a volume")]
    [InlineData("a/b", "/v", "is no name of a volume")]
    [InlineData("", "/v", "is no name of a volume")]
    [InlineData("data", "/", "the whole file system")]
    [InlineData("data", "/proc/here", "there is no such folder on this machine")]
    [InlineData("data", "/bin/here/too", "there is no such folder on this machine")]
    public async Task What_would_lead_out_of_its_place_is_refused(string claim, string path, string why)
    {
        await using var rig = Views.Rig();
        var outcome = await RunAsync(rig, 1, "true", new Mount("v", MountKind.Claim, claim, path, null, false));
        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.Contains(why, outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/pawl-config", "getent passwd root | cut -d: -f1")]
    [InlineData("/usr/src/pawl-app/deep", "id -un 0")]
    [InlineData("/dev/shm", "echo x >/dev/null && echo root")]
    public async Task Among_files_of_the_system_they_are_seen_beside_them_and_nothing_is_left_there(string path, string look)
    {
        await using var rig = Views.Rig();
        var before = Directory.Exists(path);
        var outcome = await RunAsync(rig, 1, $"{look}; echo x >{path}/x", Claim(path));
        Assert.Equal((OutcomeKind.Succeeded, "root"), (outcome.Kind, outcome.Outputs.Result));
        Assert.Equal("x\n", await File.ReadAllTextAsync(Path.Combine(rig.Home, "volumes", "data", "x")));
        Assert.Equal((before, false), (Directory.Exists(path), File.Exists($"{path}/x")));
    }

    [Fact]
    public async Task Without_a_view_the_step_does_not_run()
    {
        await using var rig = new Rig(Views.None);
        var outcome = await RunAsync(rig, 1, "true", Empty("/v"));
        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.Contains("can only see them in a mount view", outcome.Message, StringComparison.Ordinal);
    }

    private static Task<Outcome> RunAsync(Rig rig, int attempt, string script, params Mount[] mounts) =>
        rig.RunAsync(Rig.Shell(script) with { Attempt = attempt, Fingerprint = $"{attempt}", Mounts = [.. mounts] });

    private static Mount Claim(string path) => new("v", MountKind.Claim, "data", path, null, false);

    private static Mount Empty(string path) => new("e", MountKind.EmptyDir, "", path, null, false);

    private static Mount Host(Rig rig, string path, string text)
    {
        var file = Path.Combine(rig.Outside, "hosts-file");
        File.WriteAllText(file, text);
        return new Mount("h", MountKind.HostPath, file, path, null, false);
    }
}
