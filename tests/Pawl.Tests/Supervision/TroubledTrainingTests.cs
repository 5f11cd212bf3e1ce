using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Workflows;
using Pawl.Storage.Stores;
using Pawl.Supervision;
using Xunit;

namespace Pawl.Tests.Supervision;

/// <summary>A trainer whose checkpoints meet a slow store or a full disk: it goes on, somebody is told, and what was durable stays.</summary>
public class TroubledTrainingTests
{
    // Ten checkpoints of 64 KiB as fast as it can. One that does not fit is left out, as frameworks do that catch the error.
    private const string Trainer = """
        import json, os, socket
        folder = os.environ['PAWL_CHECKPOINT_DIR']
        line = socket.socket(socket.AF_UNIX); line.connect(os.environ['PAWL_REPORT'])
        say = lambda **what: line.send((json.dumps(what) + '\n').encode())
        for step in range(1, 11):
            try:
                with open(folder + '/state.tmp', 'wb') as state: state.write(b'%d' % (step % 10) * 65536)
                os.rename(folder + '/state.tmp', folder + '/state')
                say(kind='checkpoint', step=step, path='state', blockedSeconds=0.001, writeSeconds=0.002)
            except OSError as e:
                print('step %d was not saved: %s' % (step, e), flush=True)
                os.remove(folder + '/state.tmp')
        open('done', 'w').write('done')
        while not os.path.exists('go'): pass
        """;

    [Fact]
    public async Task A_store_slower_than_the_trainer_is_told_of_and_the_trainer_does_not_wait_for_it()
    {
        var slow = new TaskCompletionSource();
        await using var rig = new Rig(seen: store => new SlowStore(store, slow.Task));
        var running = await rig.StartAsync(Train());
        // All ten are made while the store is still at the first.
        await Until.FileAsync(running.Work("done"));
        Assert.DoesNotContain((await rig.ChainAsync()).Entries, e => e is Entry.Checkpointed);
        // Longer than the trainer's own pauses, also where the machine is busy.
        await Task.Delay(500, TestContext.Current.CancellationToken);
        slow.SetResult();
        await Until.True(() => Newest(rig) == 10, "the last one is in the store");
        await File.WriteAllTextAsync(running.Work("go"), "go");

        var outcome = (await running.Ended)!;
        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.Contains(outcome.Warnings, w => w.StartsWith("the store is slower than the trainer: ", StringComparison.Ordinal) && w.Contains("pawl.dev/checkpoint-every", StringComparison.Ordinal));
        Assert.Contains("the store is slower than the trainer", await LogAsync(running), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_keeps_no_trainer_alive_past_its_grace_period()
    {
        var slow = new TaskCompletionSource();
        await using var rig = new Rig(seen: store => new SlowStore(store, slow.Task));
        var spec = Train();
        var running = await rig.StartAsync(spec with
        {
            Args = [$"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nimport os; open('pid', 'w').write(str(os.getpid()))\n{Trainer}"],
            GracePeriod = TimeSpan.FromMilliseconds(500),
        });
        await Until.FileAsync(running.Work("done"));
        var pid = await File.ReadAllTextAsync(running.Work("pid"));
        running.Stops.Post(new StopRequest(StopKind.Terminate, StopReason.Preemption, "told to go"));

        await Until.True(() => !Directory.Exists($"/proc/{pid}"), "the trainer is gone");
        Assert.False(running.Ended.IsCompleted);

        slow.SetResult();
        Assert.Equal((OutcomeKind.Preempted, 137), ((await running.Ended)!.Kind, (await running.Ended)!.ExitCode));
        Assert.Equal(10, Newest(rig));
    }

    [Fact]
    public async Task In_a_full_folder_the_trainer_goes_on_and_the_last_good_checkpoint_stays()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small tmpfs needs root");
        await using var rig = new Rig();
        var folder = Path.Combine(rig.Home, "runs", Rig.RunId, Names.Folder(Rig.Step), AttemptFiles.Checkpoint);
        Directory.CreateDirectory(folder);
        Assert.SkipUnless(Mounting("mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder), "a tmpfs cannot be mounted here");
        try
        {
            var running = await rig.StartAsync(Train());
            await Until.FileAsync(running.Work("done"));
            await Until.True(() => Newest(rig) == 1, "the first one is in the store");
            await File.WriteAllTextAsync(running.Work("go"), "go");

            var outcome = (await running.Ended)!;
            Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
            Assert.Contains(outcome.Warnings, w => w.StartsWith($"{folder}: ", StringComparison.Ordinal) && w.Contains("the next one may not fit", StringComparison.Ordinal));
            var log = await LogAsync(running);
            Assert.Contains("step 2 was not saved: [Errno 28] No space left on device", log, StringComparison.Ordinal);
            Assert.Contains("the next one may not fit", log, StringComparison.Ordinal);
            Assert.Equal(new string('1', 65536), await File.ReadAllTextAsync($"{folder}/state"));
        }
        finally { Mounting("umount", folder); }
    }

    private static AttemptSpec Train() => Rig.Shell("") with { Command = ["python3", "-c"], Args = [Trainer] };

    private static long? Newest(Rig rig) => rig.ChainAsync().AsTask().GetAwaiter().GetResult().Entries.OfType<Entry.Checkpointed>().LastOrDefault()?.Checkpoint.Step;

    private static Task<string> LogAsync(Rig.Running running) => File.ReadAllTextAsync(Path.Combine(running.Folder, AttemptFiles.Log));

    private static bool Mounting(params string[] words)
    {
        using var mount = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true })!;
        mount.StandardError.ReadToEnd();
        mount.WaitForExit();
        return mount.ExitCode == 0;
    }

    /// <summary>Chunks become durable only when something has happened; all else is as it is.</summary>
    private sealed class SlowStore(IObjectStore store, Task until) : IObjectStore
    {
        public ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes) => store.CreateAsync(key, bytes);

        public ValueTask<byte[]?> ReadAsync(string key, int limit) => store.ReadAsync(key, limit);

        public ValueTask<IReadOnlyList<string>> ListAsync(string prefix) => store.ListAsync(prefix);

        public async ValueTask<IObjectWriter> OpenWriteAsync(string key, int mode) => new Writer(await store.OpenWriteAsync(key, mode), until);

        public ValueTask<IObjectReader?> OpenReadAsync(string key) => store.OpenReadAsync(key);

        public ValueTask RemoveAsync(string key) => store.RemoveAsync(key);

        private sealed class Writer(IObjectWriter writer, Task until) : IObjectWriter
        {
            public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => writer.WriteAsync(bytes);

            public async ValueTask CommitAsync()
            {
                await until;
                await writer.CommitAsync();
            }

            public ValueTask DisposeAsync() => writer.DisposeAsync();
        }
    }
}
