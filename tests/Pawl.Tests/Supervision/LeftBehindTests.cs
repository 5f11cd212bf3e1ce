using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pawl.Core.Chains;
using Pawl.Core.Workflows;
using Pawl.Storage.Chains;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision;
using Pawl.Tests.Cli;
using Xunit;

namespace Pawl.Tests.Supervision;

/// <summary>The real supervisor is killed while the folder holds more than the store: the next attempt loses nothing of it.</summary>
public sealed class LeftBehindTests : PawlProgram
{
    // Says what it found, and when it may, writes what the words after say: NAME by a rename, NAME= in place and for ever open.
    private const string Trainer = """
        ls "$PAWL_CHECKPOINT_DIR" | tr '\n' ' ' >looked; mv looked found; cd "$PAWL_CHECKPOINT_DIR"
        while [ ! -e ../go ]; do sleep 0.02; done
        for name; do case $name in
          *=) exec 3>"${name%=}"; echo half >&3 ;;
          *) echo "$name" >"$name.tmp"; mv "$name.tmp" "$name" ;;
        esac; done
        while :; do sleep 0.05; done
        """;

    private readonly Disk _disk = new();

    private string Home => Path.Join(Folder, "elsewhere");

    private string Step => Path.Join(Home, "runs", Rig.RunId, Names.Folder(Rig.Step));

    private string Note => Path.Join(Step, "found.json");

    [Fact]
    public async Task What_the_store_refused_is_taken_in_and_what_was_half_written_is_not()
    {
        await KilledAsync("two", "one", "two", "half=");
        Assert.Equal("one two ", await FoundAsync());
        Assert.Equal("one two", Newest(await ChainAsync()));
    }

    [Fact]
    public async Task What_is_in_the_store_already_is_not_saved_again()
    {
        await KilledAsync("two", "one", "two");
        await FoundAsync();
        var entries = (await ChainAsync()).Entries.Count(e => e is Entry.Checkpointed);
        await FoundAsync(attempt: 3);
        Assert.Equal(entries, (await ChainAsync()).Entries.Count(e => e is Entry.Checkpointed));
    }

    [Fact]
    public async Task After_a_start_of_the_machine_only_what_proves_itself_is_taken_in()
    {
        await KilledAsync("two", "one", "two");
        await File.WriteAllTextAsync(Note, (await File.ReadAllTextAsync(Note)).Replace("\"boot\":\"", "\"boot\":\"another-", StringComparison.Ordinal));
        var folder = Path.Join(Step, AttemptFiles.Checkpoint);
        await File.WriteAllBytesAsync(Path.Join(folder, "step-000000000003.pawl"), Sdk("f1"));
        var damaged = Sdk("f1");
        damaged[1 << 20] ^= 1;
        await File.WriteAllBytesAsync(Path.Join(folder, "step-000000000004.pawl"), damaged);
        Assert.Equal("step-000000000003.pawl ", await FoundAsync());
    }

    [Fact]
    public async Task Without_a_note_what_proves_itself_is_taken_in_and_nothing_of_another_fingerprint()
    {
        await KilledAsync("two", "one", "two");
        File.Delete(Note);
        var folder = Path.Join(Step, AttemptFiles.Checkpoint);
        await File.WriteAllBytesAsync(Path.Join(folder, "step-000000000003.pawl"), Sdk("f1"));
        await File.WriteAllBytesAsync(Path.Join(folder, "step-000000000004.pawl"), Sdk("f2"));
        Assert.Equal("step-000000000003.pawl ", await FoundAsync());
    }

    [Theory]
    [InlineData("three.json", "[3]", "one three.json two ")]
    // Whoever had it open may have paused, written something else, and died.
    [InlineData("three.bin", "half of it", "one two ")]
    public async Task What_a_trainer_wrote_after_the_death_of_its_supervisor_is_taken_in_but_for_the_last_where_it_proves_its_end(string name, string text, string found)
    {
        await KilledAsync("two", "one", "two");
        var folder = Path.Join(Step, AttemptFiles.Checkpoint);
        foreach (var (path, written) in ((string, string)[])[(name, text), ("four", "four")])
        {
            await Task.Delay(1100, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Join(folder, path), written);
        }
        Assert.Equal(found, await FoundAsync());
    }

    [Fact]
    public async Task What_nobody_touched_since_the_newest_checkpoint_stays_beside_what_proves_itself()
    {
        await KilledAsync("two", "one", "two");
        Assert.Equal("one two ", await FoundAsync());
        var folder = Path.Join(Step, AttemptFiles.Checkpoint);
        await File.WriteAllBytesAsync(Path.Join(folder, "step-000000000003.pawl"), Sdk("f1"));
        await File.WriteAllTextAsync(Path.Join(folder, "two"), "touched");
        File.Delete(Note);
        Assert.Equal("one step-000000000003.pawl ", await FoundAsync(attempt: 3));
    }

    [Fact]
    public async Task Where_somebody_went_on_elsewhere_the_store_counts()
    {
        await KilledAsync("two", "one", "two");
        var chain = await ChainAsync();
        var first = chain.Entries.OfType<Entry.Checkpointed>().First();
        Assert.Equal("zero", string.Join(' ', first.Checkpoint.Files.Select(f => f.Path)));
        Assert.True(await chain.TryAppendAsync(first with { Number = 0 }, DateTimeOffset.UtcNow));
        Assert.Equal("zero ", await FoundAsync());
    }

    [Fact]
    public async Task Another_fingerprint_takes_nothing_in()
    {
        await KilledAsync("two", "one", "two");
        Assert.Equal("", await FoundAsync(fingerprint: "other"));
    }

    [Fact]
    public async Task Where_the_store_still_refuses_the_step_is_not_started_on_an_older_one()
    {
        await KilledAsync("two", "one", "two");
        var chunks = Path.Join(Home, "store", "chunks");
        Directory.Move(chunks, chunks + "-away");
        await File.WriteAllTextAsync(chunks, "in the way");
        var refused = await PrepareAsync(2, "f1");
        Assert.Equal(1, (await PawlAsync("supervise", refused, "--home", Home)).Code);
        Assert.Contains("holds a newer checkpoint than the store", (await AttemptFiles.ReadOutcomeAsync(_disk, refused))!.Message, StringComparison.Ordinal);
        File.Delete(chunks);
        Directory.Move(chunks + "-away", chunks);
        Assert.Equal("one two ", await FoundAsync(attempt: 3));
    }

    // As the SDK for .NET writes it.
    private static byte[] Sdk(string fingerprint)
    {
        var header = Encoding.UTF8.GetBytes($$"""{"run":"r","node":"n","fingerprint":"{{fingerprint}}","step":3,"payloadBytes":3145728}""");
        byte[] content = [.. "PAWL\r\n\x1a\n"u8, 1, 0, 0, 0, .. BitConverter.GetBytes(header.Length), .. header, .. RandomNumberGenerator.GetBytes(3 << 20)];
        return [.. content, .. SHA256.HashData(content)];
    }

    /// <summary>Attempt 1 has the checkpoint "zero" in the store, writes the names while the store refuses, and is killed with its supervisor.</summary>
    private async Task KilledAsync(string last, params string[] names)
    {
        var folder = await PrepareAsync(1, "f1", names);
        Directory.CreateDirectory(Path.Join(Step, AttemptFiles.Checkpoint));
        using var supervisor = Start("supervise", folder, "--home", Home);
        await Until.True(() => File.Exists(Path.Join(folder, "work", "found")), "it looked");
        var place = Path.Join(Step, AttemptFiles.Checkpoint);
        await File.WriteAllTextAsync(Path.Join(place, "zero.tmp"), "zero");
        File.Move(Path.Join(place, "zero.tmp"), Path.Join(place, "zero"));
        await Until.True(() => ChainAsync().AsTask().GetAwaiter().GetResult().Entries.Any(e => e is Entry.Checkpointed), "zero is in the store");
        File.Delete(Path.Join(place, "zero"));

        var (aside, away) = (Path.Join(Home, "store", ".tmp"), Path.Join(Home, "store", ".tmp-away"));
        Directory.Move(aside, away);
        await File.WriteAllTextAsync(aside, "in the way");
        await File.WriteAllTextAsync(Path.Join(Step, "go"), "go");
        await Until.True(() => File.Exists(Note) && File.ReadAllText(Note).Contains($"\"path\":\"{last}\"", StringComparison.Ordinal), $"{last} is noted");
        Send(supervisor, Kill);
        await EndAsync(supervisor);
        File.Delete(aside);
        Directory.Move(away, aside);
    }

    /// <summary>What the next attempt finds in its checkpoint folder.</summary>
    private async Task<string> FoundAsync(int attempt = 2, string fingerprint = "f1")
    {
        var folder = await PrepareAsync(attempt, fingerprint);
        using var supervisor = Start("supervise", folder, "--home", Home);
        await Until.True(() => File.Exists(Path.Join(folder, "work", "found")), "it looked");
        var found = await File.ReadAllTextAsync(Path.Join(folder, "work", "found"));
        Send(supervisor, Kill);
        await EndAsync(supervisor);
        return found;
    }

    private async Task<string> PrepareAsync(int attempt, string fingerprint, params string[] names)
    {
        var folder = Path.Join(Step, attempt.ToString(CultureInfo.InvariantCulture));
        await _disk.MakeFolderAsync(folder);
        await AttemptFiles.WriteSpecAsync(_disk, folder, Rig.Shell("") with { Attempt = attempt, Fingerprint = fingerprint, Args = [Trainer, "sh", .. names] });
        return folder;
    }

    private static string Newest(Chain chain) => string.Join(' ', chain.Entries.OfType<Entry.Checkpointed>().Last().Checkpoint.Files.Select(f => f.Path));

    private ValueTask<Chain> ChainAsync() =>
        Chain.OpenAsync(new LocalStore(_disk, Path.Join(Home, "store"), () => "test", "boot"), Rig.RunId, Rig.Step);
}
