using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Pawl.Core.Attempts;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Tests.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Storage.Artifacts;

[SupportedOSPlatform("linux")]
public sealed class ArtifactStoreTests : IDisposable
{
    private const string Key = "artifacts/run/step/1/model";

    private readonly TempFolder _folder = new();
    private readonly Disk _disk = new();
    private readonly LocalStore _store;
    private readonly ArtifactStore _artifacts;

    public ArtifactStoreTests()
    {
        _store = LocalStoreTests.Open(_folder);
        _artifacts = Over(_disk);
        Directory.CreateDirectory(Work);
    }

    private string Work => _folder["work"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_comes_back_with_its_bytes_and_mode()
    {
        var bytes = Noise(700_001);
        Write("out/model.bin", bytes);
        File.SetUnixFileMode($"{Work}/out/model.bin", (UnixFileMode)0b111_101_000);
        var artifact = (await StageAsync("out/model.bin"))!;
        Assert.Equal(new(Key, Hex(bytes), 700_001, ArtifactKind.File, 0b111_101_000), artifact);
        await _artifacts.FetchAsync(artifact, _folder["in/deep/model.bin"]);
        Assert.Equal(bytes, File.ReadAllBytes(_folder["in/deep/model.bin"]));
        Assert.Equal((UnixFileMode)0b111_101_000, File.GetUnixFileMode(_folder["in/deep/model.bin"]));
        Assert.Null(await _artifacts.VerifyAsync(artifact));
    }

    [Fact]
    public async Task A_folder_comes_back_with_empty_folders_odd_names_and_modes()
    {
        var artifact = await FolderAsync();
        await _artifacts.FetchAsync(artifact, _folder["in"]);
        Assert.Equal(Tree($"{Work}/out"), Tree(_folder["in"]));
        Assert.Equal((UnixFileMode)0b101_101_101, File.GetUnixFileMode(_folder["in/sub/closed"]));
        Assert.Equal(File.GetUnixFileMode($"{Work}/out"), File.GetUnixFileMode(_folder["in"]));
        Assert.Null(await _artifacts.VerifyAsync(artifact));
    }

    [Fact]
    public async Task Equal_folders_have_equal_digests_and_a_renamed_file_changes_it()
    {
        var first = await FolderAsync();
        var again = (await _artifacts.StageAsync(Work, "./out/", "other"))!;
        Assert.Equal((first.Sha256, first.Size), (again.Sha256, again.Size));
        File.Move($"{Work}/out/a.txt", $"{Work}/out/b.txt");
        Assert.NotEqual(first.Sha256, (await _artifacts.StageAsync(Work, "out", "third"))!.Sha256);
    }

    [Fact]
    public async Task Nothing_at_the_path_is_null()
    {
        Assert.Null(await StageAsync("out/absent"));
        Write("file", [1]);
        Assert.Null(await StageAsync("file/below"));
    }

    [Fact]
    public async Task An_empty_file_and_an_empty_folder_are_artifacts_too()
    {
        Write("empty", []);
        Directory.CreateDirectory($"{Work}/out");
        Assert.Equal(0, (await StageAsync("empty"))!.Size);
        var folder = (await StageAsync("out"))!;
        await _artifacts.FetchAsync(folder, _folder["in"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["in"]));
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("out/../../secret")]
    [InlineData("/etc/passwd")]
    public async Task A_path_out_of_the_attempt_is_refused(string relative)
    {
        File.WriteAllText(_folder["secret"], "secret");
        Directory.CreateDirectory($"{Work}/out");
        await RefusedAsync(relative);
    }

    [Fact]
    public async Task A_link_is_refused_by_name_wherever_it_is()
    {
        Directory.CreateDirectory(_folder["outside/inner"]);
        File.WriteAllText(_folder["outside/secret"], "secret");
        Write("out/sub/fine", [1]);
        Write("out/sub/also-fine", [1]);
        File.CreateSymbolicLink($"{Work}/file", _folder["outside/secret"]);
        Directory.CreateSymbolicLink($"{Work}/folder", _folder["outside"]);
        Assert.Contains("file: is a symbolic link", await RefusedAsync("file"), StringComparison.Ordinal);
        Assert.Contains("folder: is a symbolic link", await RefusedAsync("folder"), StringComparison.Ordinal);
        Assert.Contains("folder: is a symbolic link", await RefusedAsync("folder/secret"), StringComparison.Ordinal);
        Assert.Contains("folder: is a symbolic link", await RefusedAsync("folder/inner"), StringComparison.Ordinal);
        Directory.CreateSymbolicLink($"{Work}/out/sub/up", "../..");
        Assert.Contains("out/sub/up: is a symbolic link", await RefusedAsync("out"), StringComparison.Ordinal);
        File.Delete($"{Work}/out/sub/up");
        File.CreateSymbolicLink($"{Work}/out/sub/near", "fine");
        Assert.Contains("out/sub/near: is a symbolic link", await RefusedAsync("out"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_or_a_device_is_refused_without_being_opened()
    {
        Directory.CreateDirectory($"{Work}/out");
        await RunAsync("mkfifo", $"{Work}/out/pipe");
        Assert.Contains("out/pipe: is a pipe, socket or device", await RefusedAsync("out"), StringComparison.Ordinal);
        Assert.Contains("out/pipe: is a pipe, socket or device", await RefusedAsync("out/pipe"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_swapped_for_a_link_under_way_leads_nowhere()
    {
        Directory.CreateDirectory(_folder["outside"]);
        File.WriteAllText(_folder["outside/f"], "secret");
        Write("out/sub/f", "fine"u8.ToArray());
        var swapping = Over(new Meddling(_disk)
        {
            BeforeOpen = () =>
            {
                Directory.Delete($"{Work}/out/sub", recursive: true);
                Directory.CreateSymbolicLink($"{Work}/out/sub", _folder["outside"]);
            },
        });
        await Assert.ThrowsAsync<UnsafePathException>(async () => await swapping.StageAsync(Work, "out", Key));
        Assert.Empty(await _store.ListAsync("artifacts/"));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_saved_is_an_error_and_nothing_counts()
    {
        Write("out", Noise(600_000));
        foreach (var change in (Action[])[() => File.AppendAllText($"{Work}/out", "more"), () => Overwrite($"{Work}/out", 5)])
        {
            var changing = Over(new Meddling(_disk) { AfterFirstRead = change });
            var e = await Assert.ThrowsAsync<IOException>(async () => await changing.StageAsync(Work, "out", Key));
            Assert.StartsWith("out: changed while it was being saved", e.Message, StringComparison.Ordinal);
            Assert.Empty(await _store.ListAsync("artifacts/"));
        }
    }

    [Fact]
    public async Task A_flipped_byte_in_a_file_is_always_found_and_nothing_is_laid_out()
    {
        var bytes = Noise(300_000);
        Write("out", bytes);
        var artifact = (await StageAsync("out"))!;
        var dice = new Random(42);
        for (var i = 0; i < 30; i++)
        {
            var at = i switch { 0 => 0, 1 => bytes.Length - 1, _ => dice.Next(bytes.Length) };
            var undo = Overwrite(_folder[$"store/{Key}"], at);
            await FoundAsync(artifact, Key);
            undo();
            Assert.Null(await _artifacts.VerifyAsync(artifact));
        }
    }

    [Fact]
    public async Task A_flipped_byte_anywhere_in_a_folder_is_found_by_name()
    {
        var artifact = await FolderAsync();
        var dice = new Random(7);
        foreach (var key in (await _store.ListAsync("artifacts/")).Where(k => new FileInfo(_folder[$"store/{k}"]).Length > 0))
        {
            for (var i = 0; i < 5; i++)
            {
                var undo = Overwrite(_folder[$"store/{key}"], dice.Next((int)new FileInfo(_folder[$"store/{key}"]).Length));
                await FoundAsync(artifact, key);
                undo();
            }
            var whole = File.ReadAllBytes(_folder[$"store/{key}"]);
            File.WriteAllBytes(_folder[$"store/{key}"], whole[..^1]);
            await FoundAsync(artifact, key);
            File.Delete(_folder[$"store/{key}"]);
            Assert.Contains("is missing", await FoundAsync(artifact, key), StringComparison.Ordinal);
            File.WriteAllBytes(_folder[$"store/{key}"], whole);
        }
        Assert.Null(await _artifacts.VerifyAsync(artifact));
    }

    [Fact]
    public async Task What_was_laid_out_is_a_copy_and_editing_it_leaves_the_promoted_one()
    {
        Write("out", Noise(1000));
        var artifact = (await StageAsync("out"))!;
        await _artifacts.FetchAsync(artifact, _folder["in"]);
        Overwrite(_folder["in"], 3);
        Assert.Null(await _artifacts.VerifyAsync(artifact));
        await _artifacts.FetchAsync(artifact, _folder["in"]);
        Assert.Equal(artifact.Sha256, Hex(File.ReadAllBytes(_folder["in"])));
    }

    [Fact]
    public async Task A_folder_that_is_there_is_not_overwritten()
    {
        var artifact = await FolderAsync();
        Directory.CreateDirectory(_folder["in"]);
        await Assert.ThrowsAsync<IOException>(async () => await _artifacts.FetchAsync(artifact, _folder["in"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["in"]));
    }

    [Fact]
    public async Task A_verified_file_is_not_read_again_until_it_changes()
    {
        Write("out", Noise(1000));
        var artifact = (await StageAsync("out"))!;
        Assert.Null(await _artifacts.VerifyAsync(artifact));
        var remembered = Directory.GetFiles(_folder["verified"], "*", SearchOption.AllDirectories).Single();
        var identity = File.ReadAllLines(remembered)[0];
        Assert.Equal(artifact.Sha256, await new DigestMemory(_disk, _folder["verified"]).RecallAsync(identity));
        Overwrite(_folder[$"store/{Key}"], 3);
        Assert.NotNull(await _artifacts.VerifyAsync(artifact));
    }

    [Fact]
    public async Task A_garbled_memory_is_no_memory()
    {
        var memory = new DigestMemory(_disk, _folder["verified"]);
        await memory.RememberAsync("1:2:3:4:boot", "digest");
        Assert.Equal("digest", await memory.RecallAsync("1:2:3:4:boot"));
        Assert.Null(await memory.RecallAsync("1:2:3:5:boot"));
        var file = Directory.GetFiles(_folder["verified"], "*", SearchOption.AllDirectories).Single();
        var whole = File.ReadAllBytes(file);
        for (var i = 0; i < whole.Length; i++)
        {
            var undo = Overwrite(file, i);
            Assert.Null(await memory.RecallAsync("1:2:3:4:boot"));
            undo();
            File.WriteAllBytes(file, whole[..i]);
            Assert.Null(await memory.RecallAsync("1:2:3:4:boot"));
            File.WriteAllBytes(file, whole);
        }
        await memory.RememberAsync("1:2:3:5:boot", "other");
        Assert.Equal("other", await memory.RecallAsync("1:2:3:5:boot"));
    }

    private ArtifactStore Over(IDisk disk) => new(_store, disk, new DigestMemory(_disk, _folder["verified"]));

    private ValueTask<ArtifactRef?> StageAsync(string relative) => _artifacts.StageAsync(Work, relative, Key);

    private async Task<ArtifactRef> FolderAsync()
    {
        Write("out/a.txt", Noise(100));
        Write("out/a", Noise(10));
        Write("out/sub/big", Noise(300_000));
        Write("out/sub/\n strange \"näme\"", Noise(7));
        Write("out/sub/.tmp/x", Noise(7));
        Write("out/sub/closed/f", Noise(7));
        Write("out/empty-file", []);
        Directory.CreateDirectory($"{Work}/out/empty");
        File.SetUnixFileMode($"{Work}/out/sub/closed", (UnixFileMode)0b101_101_101);
        return (await StageAsync("out"))!;
    }

    private async Task<string> RefusedAsync(string relative)
    {
        var e = await Assert.ThrowsAsync<UnsafePathException>(async () => await StageAsync(relative));
        Assert.DoesNotContain(await _store.ListAsync("artifacts/"), k => k == Key || k.EndsWith(".tree.json", StringComparison.Ordinal));
        return e.Message;
    }

    private async Task<string> FoundAsync(ArtifactRef artifact, string key)
    {
        var wrong = await _artifacts.VerifyAsync(artifact) ?? "";
        Assert.StartsWith($"{key}: ", wrong, StringComparison.Ordinal);
        var e = await Assert.ThrowsAsync<CorruptArtifactException>(async () => await _artifacts.FetchAsync(artifact, _folder["in"]));
        Assert.Equal(wrong, e.Message);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder.Path), f => Path.GetFileName(f).StartsWith("in", StringComparison.Ordinal));
        return wrong;
    }

    private void Write(string relative, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName($"{Work}/{relative}")!);
        File.WriteAllBytes($"{Work}/{relative}", bytes);
    }

    private static Action Overwrite(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        var before = bytes.ToArray();
        bytes[at] ^= 0x10;
        File.WriteAllBytes(path, bytes);
        return () => File.WriteAllBytes(path, before);
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static List<string> Tree(string root) => [.. Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)
        .Select(path => $"{Path.GetRelativePath(root, path)} {File.GetUnixFileMode(path)} {(File.Exists(path) ? Hex(File.ReadAllBytes(path)) : "folder")}")
        .Order(StringComparer.Ordinal)];

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
