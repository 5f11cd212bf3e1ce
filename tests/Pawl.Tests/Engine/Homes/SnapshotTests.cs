using System.Diagnostics;
using Pawl.Engine.Homes;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Engine.Homes;

public sealed class SnapshotTests : Scratch
{
    [Fact]
    public async Task Without_git_all_is_taken_but_what_tools_leave_behind()
    {
        Write("p/pipeline.yaml", "p/train.py", "p/lib/a.py", "p/lib/__pycache__/a.pyc", "p/.venv/x", "p/node_modules/x", "p/.build/x", "p/.pawl/x");

        Assert.Equal(["lib/a.py", "pipeline.yaml", "train.py"], await Laid(await Take()));
    }

    [Fact]
    public async Task What_git_ignores_is_left_out()
    {
        Git("init", "-q");
        await File.WriteAllTextAsync(At("p/.gitignore"), "*.log\n/data/\n");
        Write("p/pipeline.yaml", "p/train.py", "p/run.log", "p/data/big.bin", "p/gone.py", "p/src/ünï côde.py", "p/.pawl/home.json");
        Git("add", "gone.py", "train.py");
        File.Delete(At("p/gone.py"));

        var snapshot = await Take();

        Assert.Empty(snapshot.Notices);
        Assert.Equal([".gitignore", "pipeline.yaml", "src/ünï côde.py", "train.py"], await Laid(snapshot));
    }

    [Fact]
    public async Task A_manifest_below_the_root_of_a_repository_takes_its_own_folder()
    {
        Git("init", "-q");
        Write("p/other.py", "p/deep/pipeline.yaml", "p/deep/train.py", "p/deep/nested/own.py");
        Git("init", "-q", "deep/nested");
        await File.WriteAllTextAsync(At("p/.gitignore"), "*.log\n");
        Write("p/deep/a.log");

        Assert.Equal(["nested/own.py", "pipeline.yaml", "train.py"], await Laid(await Take("p/deep/pipeline.yaml")));
    }

    [Fact]
    public async Task An_ignored_manifest_is_taken_with_its_folder_and_a_notice()
    {
        Git("init", "-q");
        await File.WriteAllTextAsync(At("p/.gitignore"), "*\n");
        Write("p/pipeline.yaml", "p/train.py");

        var snapshot = await Take();

        Assert.Contains("git ignores pipeline.yaml itself", Assert.Single(snapshot.Notices), StringComparison.Ordinal);
        Assert.Equal([".gitignore", "pipeline.yaml", "train.py"], await Laid(snapshot));
    }

    [Fact]
    public async Task A_repository_that_git_refuses_is_taken_with_a_notice()
    {
        Write("p/pipeline.yaml");
        await File.WriteAllTextAsync(At("p/.git"), "gitdir: /nowhere\n");

        var snapshot = await Take();

        Assert.Contains("not a git repository", Assert.Single(snapshot.Notices), StringComparison.Ordinal);
        Assert.Equal(["pipeline.yaml"], await Laid(snapshot));
    }

    [Fact]
    public async Task Equal_content_is_stored_once_and_a_change_is_another_snapshot()
    {
        Write("p/pipeline.yaml", "p/train.py");
        var first = (await Take()).Artifact!;
        var stored = Stored();
        Assert.Equal(first, (await Take()).Artifact);
        Assert.Equal(stored, Stored());

        await File.WriteAllTextAsync(At("p/train.py"), "changed");
        Assert.NotEqual(first.Key, (await Take()).Artifact!.Key);
    }

    [Fact]
    public async Task A_stored_snapshot_that_was_damaged_is_written_again()
    {
        Write("p/pipeline.yaml", "p/train.py");
        var snapshot = await Take();
        await File.WriteAllTextAsync(At($"home/store/{snapshot.Artifact!.Key}/train.py"), "flipped");

        Assert.Equal(["pipeline.yaml", "train.py"], await Laid(await Take()));
    }

    [Fact]
    public async Task The_mode_of_a_file_is_kept()
    {
        Write("p/pipeline.yaml", "p/run.sh");
        await Disk.SetModeAsync(At("p/run.sh"), 0b111_101_101);
        await Laid(await Take());
        Assert.Equal(0b111_101_101, (await Disk.StatAsync(At("laid/run.sh")))!.Mode);
    }

    [Fact]
    public async Task Links_and_pipes_are_left_out_with_a_notice()
    {
        Write("p/pipeline.yaml", "outside");
        File.CreateSymbolicLink(At("p/data"), At("outside"));
        Run("mkfifo", At("p/pipe"));

        var snapshot = await Take();

        Assert.Equal(
            ["data is a symbolic link and was left out of the snapshot; steps reach what it points to by an absolute path.",
             "pipe is a pipe, socket or device and was left out of the snapshot."],
            snapshot.Notices);
        Assert.Equal(["pipeline.yaml"], await Laid(snapshot));
    }

    [Fact]
    public async Task Too_large_a_folder_is_left_out_with_a_notice_of_what_is_large_in_it()
    {
        Write("p/pipeline.yaml", "p/data/a.bin", "p/data/b.bin");
        foreach (var file in (string[])["a", "b"])
        {
            using var stream = File.OpenWrite(At($"p/data/{file}.bin"));
            stream.SetLength(40 << 20);
        }

        var snapshot = await Take();

        Assert.Null(snapshot.Artifact);
        var notice = Assert.Single(snapshot.Notices);
        Assert.Contains("80.0 MiB in 3 files", notice, StringComparison.Ordinal);
        Assert.Contains("80.0 MiB in      2 files  data", notice, StringComparison.Ordinal);
        Assert.Contains(".gitignore", notice, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("home/store")));
    }

    [Fact]
    public async Task A_home_of_another_name_is_left_out()
    {
        Write("p/pipeline.yaml", "p/state/runs/x");
        var snapshot = await Snapshot.TakeAsync(Disk, Artifacts, At("p/pipeline.yaml"), new Home(At("p/state")), TimeProvider.System);
        Assert.Equal(["pipeline.yaml"], await Laid(snapshot));
    }

    private ArtifactStore Artifacts => new(
        new LocalStore(Disk, At("home/store"), () => Guid.NewGuid().ToString("N"), "boot"), Disk, new DigestMemory(Disk, At("home/cache")));

    private Task<Snapshot> Take(string manifest = "p/pipeline.yaml") =>
        Snapshot.TakeAsync(Disk, Artifacts, At(manifest), new Home(At("home")), TimeProvider.System);

    private async Task<IEnumerable<string>> Laid(Snapshot snapshot)
    {
        await Artifacts.FetchAsync(snapshot.Artifact!, At("laid"));
        return Directory.EnumerateFiles(At("laid"), "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(At("laid"), f)).Order(StringComparer.Ordinal);
    }

    private List<(string, DateTime)> Stored() =>
        [.. Directory.EnumerateFiles(At("home/store"), "*", SearchOption.AllDirectories).Order().Select(f => (f, File.GetLastWriteTimeUtc(f)))];

    private void Write(params string[] files)
    {
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(file))!);
            File.WriteAllText(At(file), $"content of {file}");
        }
    }

    private void Git(params string[] words)
    {
        Directory.CreateDirectory(At("p"));
        Run("git", words);
    }

    private void Run(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { WorkingDirectory = At("p") })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
