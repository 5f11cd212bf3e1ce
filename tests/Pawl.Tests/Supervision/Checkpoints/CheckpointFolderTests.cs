using System.Diagnostics;
using System.Runtime.InteropServices;
using Pawl.Core.Checkpoints;
using Pawl.Supervision.Checkpoints;
using Pawl.Tests.Engine;
using Xunit;

namespace Pawl.Tests.Supervision.Checkpoints;

public sealed class CheckpointFolderTests : Scratch
{
    private readonly HandClock _clock = new();

    [Fact]
    public async Task What_was_restored_is_whole_and_stays_in()
    {
        await File.WriteAllBytesAsync(At("weights"), Samples.Raw(1));
        using var folder = await Open();
        Assert.Equal("weights", await Taken(folder, TrainerState.Killed));
        await File.WriteAllBytesAsync(At("more"), Samples.Raw(1));
        Assert.Equal("weights", await Taken(folder, TrainerState.Running));
    }

    [Fact]
    public async Task A_disk_with_less_room_than_two_checkpoints_is_warned_of_once()
    {
        await File.WriteAllBytesAsync(At("weights"), new byte[1000]);
        var free = 2000L;
        using var folder = await CheckpointFolder.OpenAsync(
            Folder, CheckpointPolicy.Default, _clock, TimeSpan.FromSeconds(1), new OpenWriters(null), _ => free);
        Assert.Equal((null, "weights"), (folder.Weakness, await Taken(folder)));
        Assert.Null(folder.Weakness);
        free--;
        await Taken(folder);
        Assert.Contains("0 MiB are free, less than twice the 1 MiB of its newest checkpoint", folder.Weakness, StringComparison.Ordinal);
        await Taken(folder);
        Assert.Null(folder.Weakness);
    }

    [Fact]
    public async Task Nothing_is_taken_of_an_empty_folder()
    {
        using var folder = await Open();
        Assert.Equal(new WholeFolder(null, null), await folder.LookAsync(TrainerState.Ended));
    }

    [Fact]
    public async Task A_file_moved_into_place_is_taken_at_once_even_while_another_is_written()
    {
        using var folder = await Open();
        await using var log = File.Create(At("log"));
        await File.WriteAllBytesAsync(At("state.tmp"), Samples.Raw(1));
        Assert.Null(await Taken(folder));
        File.Move(At("state.tmp"), At("state"));
        Assert.Equal("state", await Taken(folder));
        Assert.Equal("state", await Taken(folder, TrainerState.Killed));
    }

    [Fact]
    public async Task A_file_declared_whole_is_taken_at_once()
    {
        using var folder = await Open();
        Directory.CreateDirectory(At("step/inner"));
        await File.WriteAllBytesAsync(At("step/inner/state"), Samples.Raw(1));
        await File.WriteAllBytesAsync(At("other"), Samples.Raw(1));
        Assert.Null(await Taken(folder));
        foreach (var outside in (string[])["../" + Path.GetFileName(Folder), At("other"), "step/../other", "absent"]) { folder.Declare(outside); }
        Assert.Null(await Taken(folder));
        folder.Declare("step/");
        Assert.Equal("step/inner/state", await Taken(folder));
    }

    [Fact]
    public async Task A_file_moved_into_place_and_then_written_again_is_not_whole()
    {
        using var folder = await Open();
        await File.WriteAllBytesAsync(At("state.tmp"), Samples.Raw(1));
        File.Move(At("state.tmp"), At("state"));
        await using (var again = File.Create(At("state"))) { await again.WriteAsync(Samples.Raw(2).AsMemory(0, 10)); }
        Assert.Null(await Taken(folder, TrainerState.Killed));
    }

    [Fact]
    public async Task Loose_files_written_one_after_the_other_are_taken_together()
    {
        using var folder = await Open();
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(1));
        await File.WriteAllBytesAsync(At("optimizer.pt"), Samples.Torch(2));
        Assert.Null(await Taken(folder));
        _clock.Move(1);
        Assert.Equal("model.pt optimizer.pt", await Taken(folder));

        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(3));
        Assert.Null(await Taken(folder));
        _clock.Move(0.9);
        await File.WriteAllBytesAsync(At("optimizer.pt"), Samples.Torch(4));
        Assert.Null(await Taken(folder));
        _clock.Move(0.9);
        Assert.Null(await Taken(folder));
        Assert.Null(await Taken(folder, TrainerState.Killed));
        _clock.Move(0.2);
        Assert.Equal("model.pt optimizer.pt", await Taken(folder));
    }

    [Fact]
    public async Task A_file_that_is_written_anew_without_rest_is_taken_from_the_second_time_on()
    {
        using var folder = await Open();
        await File.WriteAllTextAsync(At("config.json"), "{}");
        await Taken(folder);
        _clock.Move(1);
        Assert.Equal("config.json", await Taken(folder));
        // Until the clock of the file system has ticked.
        await Task.Delay(20, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(At("last.pt"), Samples.Torch(1));
        Assert.Equal("config.json", await Taken(folder));
        for (var n = 2; n < 5; n++)
        {
            _clock.Move(0.1);
            await using (var writer = File.Create(At("last.pt")))
            {
                await writer.WriteAsync(Samples.Torch(n).AsMemory(0, 100));
                Assert.Equal(n == 2 ? "config.json" : null, await Taken(folder));
            }
            await File.WriteAllBytesAsync(At("last.pt"), Samples.Torch(n));
            Assert.Equal("config.json last.pt", await Taken(folder));
        }
        await File.WriteAllBytesAsync(At("last.pt"), Samples.Torch(5));
        Assert.Equal("config.json last.pt", await Taken(folder, TrainerState.Killed));
        await File.WriteAllBytesAsync(At("last.pt"), Samples.Torch(6).AsMemory(0, 100).ToArray());
        Assert.Null(await Taken(folder, TrainerState.Killed));
    }

    [Fact]
    public async Task A_log_that_grows_beside_a_checkpoint_keeps_nothing_waiting()
    {
        using var folder = await Open();
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(1));
        for (var n = 0; n < 3; n++)
        {
            await File.AppendAllTextAsync(At("train.txt"), "loss\n");
            Assert.Null(await Taken(folder));
            _clock.Move(0.4);
        }
        await File.AppendAllTextAsync(At("train.txt"), "loss\n");
        Assert.Equal("model.pt", await Taken(folder));
    }

    [Fact]
    public async Task A_log_that_is_held_open_keeps_nothing_waiting_that_is_written_later()
    {
        using var folder = await Open();
        await using var log = new FileStream(At("train.log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        Assert.Null(await Taken(folder));
        await Tick();
        for (var n = 1; n < 4; n++)
        {
            log.Write("loss\n"u8);
            await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(n));
            _clock.Move(1);
            await Taken(folder);
            _clock.Move(4);
            Assert.Equal("model.pt", await Taken(folder));
        }
        Assert.Null(folder.Weakness);
        await log.DisposeAsync();
        Assert.Equal("model.pt train.log", await Taken(folder, TrainerState.Ended));
    }

    [Fact]
    public async Task A_log_that_was_restored_and_is_held_open_keeps_nothing_waiting()
    {
        await File.WriteAllTextAsync(At("train.log"), "loss\n");
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(1));
        using var folder = await Open();
        Assert.Equal("model.pt train.log", await Taken(folder));
        await Tick();
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(2));
        await Tick();
        await using var log = new FileStream(At("train.log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        log.Write("more\n"u8);
        var look = await folder.LookAsync(TrainerState.Running);
        Assert.Equal((null, TimeSpan.FromSeconds(1)), (look.Content, look.LookAgain));
        _clock.Move(1);
        look = await folder.LookAsync(TrainerState.Running);
        Assert.Equal((null, TimeSpan.FromSeconds(4)), (look.Content, look.LookAgain));
        _clock.Move(4);
        Assert.Equal("model.pt", await Taken(folder));
        log.Write("more\n"u8);
        Assert.Equal("model.pt", await Taken(folder, TrainerState.Killed));
        log.Write("half"u8);
        await log.DisposeAsync();
        Assert.Equal("model.pt train.log", await Taken(folder, TrainerState.Killed));
    }

    [Fact]
    public async Task Beside_a_log_that_was_held_open_the_next_name_counts_after_a_kill()
    {
        await File.WriteAllTextAsync(At("train.log"), "loss\n");
        await File.WriteAllBytesAsync(At("ckpt-1.pt"), Samples.Torch(1));
        using var folder = await Open();
        Assert.Equal("ckpt-1.pt train.log", await Taken(folder));
        await using (var log = new FileStream(At("train.log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            log.Write("more\n"u8);
            await Taken(folder);
            _clock.Move(5);
            await Taken(folder);
            await File.WriteAllBytesAsync(At("ckpt-2.pt"), Samples.Torch(1));
            Assert.Equal("ckpt-1.pt", await Taken(folder));
        }
        Assert.Equal("ckpt-1.pt ckpt-2.pt train.log", await Taken(folder, TrainerState.Killed));
    }

    [Theory]
    [InlineData("model.csv", "")]
    [InlineData("state", "")]
    [InlineData("weights.csv", "0,1\n2,3\n")]
    public async Task A_table_that_is_written_after_the_model_is_waited_for_whatever_it_is_called(string table, string before)
    {
        if (before.Length > 0) { await File.WriteAllTextAsync(At(table), before); }
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(1));
        using var folder = await Open();
        await Taken(folder);
        await Tick();
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(2));
        await Tick();
        await using var writer = new FileStream(At(table), FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        writer.Write("1,2,3\n4,5,6\n"u8);
        for (var n = 0; n < 10; n++)
        {
            Assert.Null(Changed(await folder.LookAsync(TrainerState.Running)));
            writer.Write("7,8,9\n"u8);
            _clock.Move(5);
        }
        await writer.DisposeAsync();
        Assert.Equal(Sorted("model.pt", table), await Taken(folder, TrainerState.Ended));

        static string? Changed(WholeFolder look) => look.Content is { } content ? string.Join(' ', content.Files.Select(f => f.Path)) : null;
    }

    [Fact]
    public async Task After_a_restore_a_file_that_is_written_first_is_not_taken_beside_the_one_of_before()
    {
        await File.WriteAllBytesAsync(At("optimizer.pt"), Samples.Torch(1));
        await Task.Delay(20, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(1));
        using var folder = await Open();
        Assert.Equal("model.pt optimizer.pt", await Taken(folder));
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(2));
        Assert.Null(await Taken(folder));
        Assert.Null(await Taken(folder, TrainerState.Killed));
    }

    [Theory]
    [InlineData(TrainerState.Running)]
    [InlineData(TrainerState.Ended)]
    [InlineData(TrainerState.Killed)]
    public async Task What_is_written_first_of_two_waits_for_the_second_however_long_that_takes(TrainerState trainer)
    {
        await File.WriteAllTextAsync(At("vocabulary"), "v", TestContext.Current.CancellationToken);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(1));
        await Task.Delay(20, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(At("optimizer.pt"), Samples.Torch(1));
        using var folder = await Open();
        Assert.Equal("model.pt optimizer.pt vocabulary", await Taken(folder));

        // An exception, and an interpreter that takes its time to leave.
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(2));
        Assert.Null(await Taken(folder));
        _clock.Move(3);
        Assert.Null(await Taken(folder));
        Assert.Null(await Taken(folder, trainer));
        if (trainer != TrainerState.Running) { return; }

        await Tick();
        await File.WriteAllBytesAsync(At("optimizer.pt"), Samples.Torch(2));
        Assert.Null(await Taken(folder));
        _clock.Move(1);
        Assert.Equal("model.pt optimizer.pt vocabulary", await Taken(folder));

        // What comes after it only now and then is not waited for a second time, or for longer than a minute.
        await Tick();
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(3));
        Assert.Null(await Taken(folder));
        _clock.Move(2);
        Assert.Null(await Taken(folder));
        await Tick();
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(4));
        Assert.Equal("model.pt optimizer.pt vocabulary", await Taken(folder));
        await Tick();
        await File.WriteAllBytesAsync(At("optimizer.pt"), Samples.Torch(4));
        Assert.Null(await Taken(folder));
        // The last time the model was the later one.
        _clock.Move(59);
        Assert.Null(await Taken(folder));
        _clock.Move(2);
        Assert.Equal("model.pt optimizer.pt vocabulary", await Taken(folder));
        await Tick();
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(5));
        Assert.Null(await Taken(folder));
        _clock.Move(59);
        Assert.Null(await Taken(folder));
        _clock.Move(2);
        Assert.Equal("model.pt optimizer.pt vocabulary", await Taken(folder));
    }

    [Theory]
    [InlineData(TrainerState.Ended, false)]
    [InlineData(TrainerState.Killed, false)]
    [InlineData(TrainerState.Killed, true)]
    public async Task A_folder_that_is_renamed_into_place_counts_however_its_maker_ends(TrainerState trainer, bool wasBeingCarried)
    {
        Directory.CreateDirectory(At("step-1"));
        foreach (var name in (string[])["a", "b"]) { await File.WriteAllTextAsync(At($"step-1/{name}"), name, TestContext.Current.CancellationToken); }
        File.CreateSymbolicLink(At("step-1/link"), "a");
        using var folder = await Open();
        Assert.Equal("step-1/a step-1/b", await Taken(folder));
        Directory.CreateDirectory(At(".new"));
        foreach (var name in (string[])["a", "b"]) { await File.WriteAllTextAsync(At($".new/{name}"), name + name, TestContext.Current.CancellationToken); }
        File.CreateSymbolicLink(At(".new/link"), "a");
        Directory.Move(At(".new"), At("step-2"));
        if (wasBeingCarried) { Assert.NotNull((await folder.LookAsync(TrainerState.Running)).Content); }
        Directory.Delete(At("step-1"), recursive: true);
        Assert.Equal("step-2/a step-2/b", await Taken(folder, trainer));
    }

    [Fact]
    public async Task An_archive_that_was_half_overwritten_is_not_believed_for_its_old_end()
    {
        using var folder = await Open();
        await File.WriteAllBytesAsync(At("last.pt"), Samples.Torch(1));
        await Taken(folder);
        _clock.Move(1);
        Assert.Equal("last.pt", await Taken(folder));
        await using (var over = File.OpenWrite(At("last.pt"))) { await over.WriteAsync(Samples.Torch(2).AsMemory(0, 200)); }
        // Its writer's death may not have been heard of yet.
        Assert.Null(await Taken(folder));
        Assert.Null(await Taken(folder, TrainerState.Killed));
        await using (var over = File.OpenWrite(At("last.pt"))) { await over.WriteAsync(Samples.Torch(2)); }
        Assert.Equal("last.pt", await Taken(folder, TrainerState.Killed));
    }

    [Fact]
    public async Task A_link_that_names_the_folder_itself_is_kept_as_one_inside_it()
    {
        using var folder = await Open();
        Directory.CreateDirectory(At("deep"));
        await File.WriteAllBytesAsync(At("deep/a"), Samples.Raw(1));
        File.CreateSymbolicLink(At("deep/latest"), At("deep/a"));
        Assert.Equal([new("deep/latest", "a")], (await folder.LookAsync(TrainerState.Ended)).Content!.Links);
    }

    [Fact]
    public async Task A_folder_that_is_removed_and_made_anew_is_heard_again()
    {
        var place = At("made");
        Directory.CreateDirectory(place);
        using var folder = await CheckpointFolder.OpenAsync(place, CheckpointPolicy.Default, _clock);
        Directory.Delete(place);
        Assert.Null(await Taken(folder));
        Directory.CreateDirectory(place);
        Assert.Null(await Taken(folder));
        await File.WriteAllBytesAsync(Path.Join(place, "a.tmp"), Samples.Raw(1));
        File.Move(Path.Join(place, "a.tmp"), Path.Join(place, "a"));
        Assert.Equal("a", await Taken(folder));
    }

    [Fact]
    public async Task Two_files_that_are_written_anew_without_rest_are_never_torn_apart()
    {
        using var folder = await Open();
        for (var n = 1; n < 6; n++)
        {
            foreach (var name in (string[])["model.pt", "optimizer.pt"])
            {
                _clock.Move(0.1);
                await File.WriteAllBytesAsync(At(name), Samples.Torch(n));
                if (n > 1 || name != "model.pt") { Assert.Null(await Taken(folder)); }
            }
        }
        Assert.Null(await Taken(folder, TrainerState.Killed));
        Assert.Equal("model.pt optimizer.pt", await Taken(folder, TrainerState.Ended));
    }

    [Fact]
    public async Task A_file_of_no_format_that_never_rests_is_told_of()
    {
        using var folder = await Open();
        for (var n = 0; n < 130; n++)
        {
            await File.WriteAllBytesAsync(At("state.bin"), Samples.Raw(1));
            Assert.Null(await Taken(folder));
            _clock.Move(0.5);
            await File.WriteAllBytesAsync(At("state.bin"), [1]);
            Assert.Null(await Taken(folder));
        }
        Assert.Contains("state.bin: has not been sure to be whole for 60 s", folder.Weakness, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_newer_file_pushed_out_while_it_was_carried_away_is_not_missed_after_a_kill()
    {
        using var folder = await Open();
        foreach (var name in (string[])["1", "2", "3"])
        {
            await File.WriteAllBytesAsync(At($"{name}.tmp"), Samples.Raw(1));
            File.Move(At($"{name}.tmp"), At($"{name}.pt"));
            if (name == "3") { break; }
            await Taken(folder);
        }
        Assert.Equal(3, (await folder.LookAsync(TrainerState.Running)).Content!.Files.Length);
        File.Delete(At("1.pt"));
        Assert.Equal("2.pt 3.pt", await Taken(folder, TrainerState.Killed));
    }

    [Fact]
    public async Task A_file_being_rewritten_is_waited_for_and_after_a_minute_told_of()
    {
        using var folder = await Open();
        await File.WriteAllBytesAsync(At("last.ckpt"), Samples.Torch(1));
        await Taken(folder);
        _clock.Move(1);
        Assert.Equal("last.ckpt", await Taken(folder));
        await File.WriteAllBytesAsync(At("epoch=3.ckpt"), Samples.Torch(2));
        await using var writer = File.Create(At("last.ckpt"));
        var look = await folder.LookAsync(TrainerState.Running);
        Assert.Null(look.Content);
        Assert.Equal(TimeSpan.FromSeconds(1), look.LookAgain);
        _clock.Move(59);
        Assert.Null(await Taken(folder));
        Assert.Null(folder.Weakness);
        _clock.Move(1);
        Assert.Null(await Taken(folder));
        Assert.Contains("last.ckpt: has not been sure to be whole for 60 s", folder.Weakness, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_beside_with_what_Python_calls_a_number_is_part_of_the_checkpoint()
    {
        using var folder = await Open();
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(1));
        await File.WriteAllTextAsync(At("meta.json"), """{"step": 1, "best": Infinity}""");
        Assert.Equal("meta.json model.pt", await Taken(folder, TrainerState.Ended));
    }

    [Fact]
    public async Task What_is_not_waited_for_any_more_is_told_of()
    {
        using var folder = await Open();
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(1));
        await File.WriteAllTextAsync(At("meta.json"), "{");
        Assert.Null(await Taken(folder));
        _clock.Move(59);
        Assert.Equal((null, null), (await Taken(folder), folder.Weakness));
        _clock.Move(1);
        Assert.Equal("model.pt", await Taken(folder));
        Assert.Contains("meta.json: was open or cut short for 60 s; checkpoints are taken without it", folder.Weakness, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_marker_that_is_not_waited_for_any_more_is_told_of()
    {
        using var folder = await Open();
        Directory.CreateDirectory(At("checkpoint-1"));
        await File.WriteAllBytesAsync(At("checkpoint-1/optimizer.pt"), Samples.Torch(1));
        await File.WriteAllTextAsync(At("checkpoint-1/trainer_state.json"), "{");
        Assert.Null(await Taken(folder));
        _clock.Move(60);
        Assert.Null(await Taken(folder));
        Assert.Contains("checkpoint-1/trainer_state.json: was open or cut short for 60 s", folder.Weakness, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_look_says_when_to_look_again()
    {
        using var folder = await Open();
        Assert.Null((await folder.LookAsync(TrainerState.Running)).LookAgain);
        await File.WriteAllBytesAsync(At("weights"), Samples.Raw(1));
        Assert.Equal(TimeSpan.FromSeconds(1), (await folder.LookAsync(TrainerState.Running)).LookAgain);
        _clock.Move(0.75);
        Assert.Equal(TimeSpan.FromSeconds(0.25), (await folder.LookAsync(TrainerState.Running)).LookAgain);
        _clock.Move(0.25);
        Assert.Null((await folder.LookAsync(TrainerState.Running)).LookAgain);
    }

    [Fact]
    public async Task A_file_of_no_format_counts_after_a_kill_only_if_it_rested_before()
    {
        using var folder = await Open();
        await File.WriteAllBytesAsync(At("a"), Samples.Raw(1));
        await Taken(folder);
        _clock.Move(1);
        await Taken(folder);
        await File.WriteAllBytesAsync(At("b"), Samples.Raw(2));
        await Taken(folder);
        _clock.Move(100);
        Assert.Equal("a", await Taken(folder, TrainerState.Killed));
    }

    [Theory]
    [InlineData("config.json ckpt-9.pt ckpt-10.pt", "ckpt-11.pt", true)]
    [InlineData("epoch=0-step=100.ckpt epoch=0-step=200.ckpt", "epoch=0-step=300.ckpt", true)]
    [InlineData("ckpt-1.pt", "best.pt", false)]
    [InlineData("ckpt-1.pt ckpt-3.pt", "ckpt-2.pt", false)]
    [InlineData("model-1.pt optimizer-1.pt", "model-2.pt", false)]
    [InlineData("model-1.pt optimizer-1.pt model-2.pt optimizer-2.pt", "model-3.pt", false)]
    [InlineData("optimizer-1.pt model-1.pt", "optimizer-2.pt", false)]
    [InlineData("step-1-rank-0.pt step-1-rank-1.pt", "step-2-rank-0.pt", false)]
    [InlineData("step-1-rank-0.pt step-1-rank-1.pt", "step-2-rank-1.pt", false)]
    [InlineData("epoch=0.ckpt last.ckpt", "epoch=1.ckpt", false)]
    [InlineData("", "ckpt-1.pt", false)]
    public async Task An_archive_under_the_next_name_counts_after_a_kill_where_each_checkpoint_is_one_file(string before, string name, bool counts)
    {
        using var folder = await Open();
        string[] there = before.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var (file, n) in there.Select((f, n) => (f, n)))
        {
            await File.WriteAllBytesAsync(At(file), file.EndsWith(".json", StringComparison.Ordinal) ? Samples.Json(1) : Samples.Torch(1));
            File.SetLastWriteTimeUtc(At(file), DateTime.UtcNow.AddHours(-1).AddMinutes(n));
        }
        await Taken(folder);
        _clock.Move(1);
        await Taken(folder);
        await File.WriteAllBytesAsync(At(name), Samples.Torch(2));
        await Taken(folder);
        _clock.Move(0.3);
        var taken = await Taken(folder, TrainerState.Killed) ?? "";
        Assert.Equal(counts, taken.Split(' ').Contains(name));
        Assert.Equal(there.Order(StringComparer.Ordinal), taken.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(f => f != name));
        File.Delete(At(name));
        await File.WriteAllBytesAsync(At(name), Samples.Torch(2).AsMemory(0, 100).ToArray());
        Assert.DoesNotContain(name, (await Taken(folder, TrainerState.Killed) ?? "").Split(' '));
    }

    [Fact]
    public async Task An_archive_under_the_next_name_that_pushed_the_one_before_out_counts_after_a_kill()
    {
        using var folder = await Open();
        await File.WriteAllBytesAsync(At("ckpt-1.pt"), Samples.Torch(1));
        await Taken(folder);
        _clock.Move(1);
        Assert.Equal("ckpt-1.pt", await Taken(folder));
        await File.WriteAllBytesAsync(At("ckpt-2.pt"), Samples.Torch(2));
        File.Delete(At("ckpt-1.pt"));
        Assert.Equal("ckpt-2.pt", await Taken(folder, TrainerState.Killed));
    }

    [Fact]
    public async Task Temporary_hidden_special_and_named_files_are_left_out()
    {
        using var folder = await CheckpointFolder.OpenAsync(Folder, new() { Ignore = ["*.log", "runs/*"] }, _clock);
        foreach (var name in (string[])[
            "a.tmp", "b.part", "c.partial", "d~", "e.lock", "f.swp", ".g", "h.tmp.4711", "i.tmp0f0f", "j.tempstate123", "tmpabcd1234", "k.log",
            "tmp-x/l", "_tmp_x/m", "n.tmp/o", ".p/q", "runs/s", "kept", "deep/tmpl", "deep/kept.tmpl",
            "ckpt_temp/part-00000-of-00001.data-00000-of-00001", "ckpt_temp_0123456789abcdef0123456789abcdef/part-00000-of-00001.index"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
            await File.WriteAllTextAsync(At(name), name);
        }
        Assert.Equal("deep/kept.tmpl deep/tmpl kept", await Taken(folder, TrainerState.Ended));
    }

    [Fact]
    public async Task Only_what_TensorFlow_has_in_its_temporary_folders_is_left_out()
    {
        using var folder = await Open();
        foreach (var name in (string[])["low_temp_0.7/model.pt", "low_temp_0.7/part-1", "low_temp/model.pt", "part-1"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
            await File.WriteAllTextAsync(At(name), name);
        }
        Assert.Equal("low_temp/model.pt low_temp_0.7/model.pt low_temp_0.7/part-1 part-1", await Taken(folder, TrainerState.Ended));
    }

    [Fact]
    public async Task Links_are_kept_that_stay_inside_and_lead_to_something_taken()
    {
        using var folder = await Open();
        Directory.CreateDirectory(At("deep"));
        await File.WriteAllBytesAsync(At("deep/a"), Samples.Raw(1));
        (string, string)[] links =
        [
            ("last", "deep/a"), ("deep/up", "../deep/./a"), ("folder", "deep"),
            ("out", "../x"), ("absolute", "/etc/passwd"), ("deep/far", "../../x"), ("lost", "gone"),
        ];
        foreach (var (link, target) in links)
        {
            File.CreateSymbolicLink(At(link), target);
        }
        var look = await folder.LookAsync(TrainerState.Ended);
        Assert.Equal([new("deep/up", "../deep/./a"), new("folder", "deep"), new("last", "deep/a")], look.Content!.Links);
    }

    [Fact]
    public async Task A_folder_too_deep_is_refused_with_its_name()
    {
        using var folder = await Open();
        Directory.CreateDirectory(At(string.Join('/', Enumerable.Repeat("d", 40))));
        var refused = await Assert.ThrowsAsync<IOException>(async () => await folder.LookAsync(TrainerState.Running));
        Assert.Contains("32 folders deep", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_wakes_who_waits_in_new_folders_too()
    {
        using var folder = await Open();
        foreach (var change in (Action[])[
            () => Directory.CreateDirectory(At("new/inner")), () => File.WriteAllText(At("new/inner/f"), "f"),
            () => Directory.Move(At("new"), At("newer")), () => File.Delete(At("newer/inner/f"))])
        {
            var next = folder.ChangedAsync(default).AsTask();
            while (next.IsCompleted)
            {
                await next;
                next = folder.ChangedAsync(default).AsTask();
            }
            change();
            await next.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_another_process_has_open_for_writing_is_not_whole(bool leases)
    {
        using var folder = await CheckpointFolder.OpenAsync(Folder, CheckpointPolicy.Default, _clock, null, new OpenWriters(leases ? null : "told so"));
        await File.WriteAllBytesAsync(At("model.pt"), Samples.Torch(1));
        var start = new ProcessStartInfo("sh", ["-c", "exec 3>>model.pt; echo open; read line; exec 3>&-; echo closed; read line"])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var writer = Process.Start(start)!;
        Assert.Equal("open", await writer.StandardOutput.ReadLineAsync());
        await Taken(folder);
        _clock.Move(5);
        Assert.Null(await Taken(folder));
        Assert.Equal(leases, folder.Weakness is null);

        await writer.StandardInput.WriteLineAsync("close");
        Assert.Equal("closed", await writer.StandardOutput.ReadLineAsync());
        await Taken(folder);
        _clock.Move(1);
        Assert.Equal("model.pt", await Taken(folder));
        writer.StandardInput.Close();
        await writer.WaitForExitAsync();
    }

    [Fact]
    public async Task The_signal_of_a_broken_lease_does_not_end_this_process()
    {
        await File.WriteAllBytesAsync(At("old"), Samples.Raw(1));
        using var folder = await Open();
        await File.WriteAllBytesAsync(At("new"), Samples.Raw(1));
        await Taken(folder);
        Assert.Equal(0, Kill(Environment.ProcessId, 29));
        Assert.Equal("old", await Taken(folder));
    }

    [Fact]
    public async Task Files_that_go_while_they_are_looked_at_do_no_harm()
    {
        using var folder = await Open();
        using var stop = new CancellationTokenSource();
        var rotating = Task.Run(() =>
        {
            for (var n = 0; !stop.IsCancellationRequested; n++)
            {
                Directory.CreateDirectory(At($"d{n % 7}/in"));
                File.WriteAllBytes(At($"d{n % 7}/in/f"), Samples.Torch(n));
                Directory.Delete(At($"d{n % 7}"), recursive: true);
            }
        });
        for (var n = 0; n < 500; n++) { await folder.LookAsync(TrainerState.Running); }
        await stop.CancelAsync();
        await rotating;
    }

    [DllImport("libc.so.6", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);

    // Until the clock of the file system has ticked.
    private static Task Tick() => Task.Delay(20, TestContext.Current.CancellationToken);

    private static string Sorted(params string[] names) => string.Join(' ', names.Order(StringComparer.Ordinal));

    private ValueTask<CheckpointFolder> Open() => CheckpointFolder.OpenAsync(Folder, CheckpointPolicy.Default, _clock);

    private static async Task<string?> Taken(CheckpointFolder folder, TrainerState trainer = TrainerState.Running)
    {
        if ((await folder.LookAsync(trainer)).Content is not { } content) { return null; }
        folder.Took(content);
        return string.Join(' ', content.Files.Select(f => f.Path));
    }
}
