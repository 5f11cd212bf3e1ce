using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Pawl.Core.Preemption;
using Pawl.Storage.Files;
using Pawl.Supervision;
using Pawl.Supervision.Notices;
using Xunit;

namespace Pawl.Tests.Supervision.Notices;

/// <summary>The watchers of one machine, with real files, locks and connections.</summary>
public sealed class NoticeWatchTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("pawl-notices-");
    private readonly Disk _disk = new();
    private readonly InotifyWatch _watch = new();
    private readonly ConcurrentQueue<string> _said = new();

    private string Folder => Path.Combine(_root.FullName, "runtime");

    public void Dispose()
    {
        _watch.Dispose();
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task One_asks_and_all_hear_it_and_when_it_goes_another_asks()
    {
        var service = new AwsService { Action = new Said(200, """{"action":"stop","time":"2026-01-31T12:02:00Z"}""") };
        await using var server = new MetadataServer(service.Answer);
        var first = Start(Machine(server.Url));
        Assert.Single(await Changed(first, []));
        await using var second = Start(Machine(server.Url));
        await using var third = Start(Machine(server.Url));
        Assert.Equal("aws-spot", Assert.Single(await Changed(second, [])).Source);
        Assert.Equal("aws-spot", Assert.Single(await Changed(third, [])).Source);
        // Each who asks takes a token, and another one after a question that a busy machine did not answer in time.
        if (_said.IsEmpty) { Assert.Equal(1, service.Tokens); }

        var known = first.Current;
        service.Action = new Said(404);
        await first.DisposeAsync();
        Assert.Empty(await Changed(second, known));
        Assert.Empty(await Changed(third, known));
        if (_said.IsEmpty) { Assert.Equal(2, service.Tokens); }
    }

    [Fact]
    public async Task What_was_published_before_a_reboot_is_left_alone()
    {
        RuntimeFolder.Ensure(Folder);
        await File.WriteAllBytesAsync(Path.Combine(Folder, "notice.json"), NoticeJson.Write("another boot", [Old]));
        await using var held = await _disk.TryLockAsync(Path.Combine(Folder, "notices.lock"));
        await using var notices = Start(Machine("http://127.0.0.1:1"));
        await notices.LookedAsync(Longest, TimeProvider.System);
        Assert.Empty(notices.Current);
        await PublishAsync(NoticeJson.Write(await Boot.IdAsync(_disk), [Old]));
        Assert.Equal(Old, Assert.Single(await Changed(notices, [])));
        await PublishAsync("{\"schema\": 9}"u8.ToArray());
        await Until.True(() => !_said.IsEmpty, "it was said that the file cannot be read");
        Assert.Equal(Old, Assert.Single(notices.Current));
        Assert.Contains("schema 9", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notices_are_read_as_they_were_written()
    {
        ImmutableArray<Notice> notices = [Old, new Notice("h", "azure", NoticeKind.Hint, null, "Freeze")];
        Assert.Equal(notices, NoticeJson.Read(NoticeJson.Write("b", notices), "b"));
        Assert.Empty(NoticeJson.Read(NoticeJson.Write("b", notices), "c"));
        Assert.Throws<JsonException>(() => NoticeJson.Read("[]"u8, "b"));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Silence_lifts_no_notice_and_is_said_once()
    {
        var service = new AwsService { Action = new Said(200, """{"action":"stop","time":"2026-01-31T12:02:00Z"}""") };
        var broken = false;
        await using var server = new MetadataServer(asked => broken ? new Said(503) : service.Answer(asked));
        var clock = new HastyClock();
        await using var notices = NoticeWatch.Start(Machine(server.Url), _disk, _watch, clock, _said.Enqueue);
        var known = await Changed(notices, []);
        Assert.Single(known);
        broken = true;
        var asked = server.Questions.Count;
        await Until.True(() => server.Questions.Count > asked + 3, "it was asked again and again");
        Assert.Single(notices.Current);
        Assert.EndsWith("answered 503; asked again", Assert.Single(_said), StringComparison.Ordinal);
        (broken, service.Action) = (false, new Said(404));
        Assert.Empty(await Changed(notices, known));
    }

    [Fact]
    public async Task A_runtime_folder_of_ones_own_is_closed_to_others_and_a_link_is_not_followed()
    {
        Directory.CreateDirectory(Folder);
        await _disk.SetModeAsync(Folder, 0b111_101_101);
        RuntimeFolder.Ensure(Folder);
        Assert.Equal(0b111_000_000, (await _disk.StatAsync(Folder))!.Mode);
        Directory.Delete(Folder);
        File.CreateSymbolicLink(Folder, "/tmp");
        Assert.Throws<IOException>(() => RuntimeFolder.Ensure(Folder));
        File.Delete(Folder);
    }

    [Fact]
    public async Task A_runtime_folder_that_cannot_be_used_is_said_and_holds_nobody_up()
    {
        await File.WriteAllTextAsync(Folder, "");
        await using var notices = Start(Machine("http://127.0.0.1:1"));
        await notices.LookedAsync(Longest, TimeProvider.System);
        Assert.Empty(notices.Current);
        Assert.Single(_said);
    }

    [Fact]
    public async Task Without_a_source_nothing_is_started()
    {
        await using var notices = Start(new NoticeOptions(null, null, null, "", Folder));
        await notices.LookedAsync(Longest, TimeProvider.System);
        Assert.False(Directory.Exists(Folder));
        Assert.Empty(notices.Current);
    }

    [Theory]
    [InlineData("", 30)]
    [InlineData(" \n", 30)]
    [InlineData("{\"seconds\": 120}", 120)]
    [InlineData("{\"seconds\": 0}", 0)]
    [InlineData("{}", 30)]
    public async Task A_file_is_a_notice_from_the_moment_it_was_made(string content, int seconds)
    {
        var path = Path.Combine(_root.FullName, "notice");
        await File.WriteAllTextAsync(path, content);
        await using var notices = Start(Machine("") with { Provider = null, File = path });
        var notice = Assert.Single(await Changed(notices, []));
        Assert.Equal((NoticeKind.Leaving, "file"), (notice.Kind, notice.Source));
        Assert.InRange(notice.Deadline!.Value, File.GetLastWriteTimeUtc(path).AddSeconds(seconds - 5), File.GetLastWriteTimeUtc(path).AddSeconds(seconds + 5));
        Assert.Empty(_said);
    }

    [Fact]
    public async Task A_file_may_name_its_deadline_and_its_removal_cancels()
    {
        var folder = Path.Combine(_root.FullName, "later");
        var path = Path.Combine(folder, "notice");
        await using var notices = Start(Machine("") with { Provider = null, File = path });
        await notices.LookedAsync(Longest, TimeProvider.System);
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(path, """{"deadline": "2130-01-31T12:00:00Z"}""");
        var known = await Changed(notices, []);
        Assert.Equal(new DateTimeOffset(2130, 1, 31, 12, 0, 0, TimeSpan.Zero), Assert.Single(known).Deadline);
        File.Delete(path);
        Assert.Empty(await Changed(notices, known));
        await File.WriteAllTextAsync(path, "");
        Assert.Single(await Changed(notices, []));
    }

    [Theory]
    [InlineData("what?")]
    [InlineData("[]")]
    [InlineData("{\"seconds\": -1}")]
    [InlineData("{\"seconds\": \"1\"}")]
    [InlineData("{\"deadline\": \"noon\"}")]
    [InlineData("{\"deadline\": \"2130-01-31T12:00:00\"}")]
    public async Task A_file_of_garbage_is_a_notice_all_the_same_and_it_is_said(string content)
    {
        var path = Path.Combine(_root.FullName, "notice");
        await File.WriteAllTextAsync(path, content);
        await using var notices = Start(Machine("") with { Provider = null, File = path });
        Assert.Single(await Changed(notices, []));
        Assert.StartsWith(path, Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_whose_deadline_is_long_past_is_no_notice_any_more()
    {
        var path = Path.Combine(_root.FullName, "notice");
        await File.WriteAllTextAsync(path, """{"deadline": "2020-01-31T12:00:00Z"}""");
        await using var notices = Start(Machine("") with { Provider = null, File = path });
        await notices.LookedAsync(Longest, TimeProvider.System);
        Assert.Empty(notices.Current);
        Assert.Contains("still there", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_known_beforehand_is_a_hint_at_first_and_a_notice_two_minutes_before_it()
    {
        var clock = new HastyClock();
        var end = clock.GetUtcNow().AddHours(50);
        await using var notices = NoticeWatch.Start(Machine("") with { Provider = null, MachineEndsAt = end }, _disk, _watch, clock, _said.Enqueue);
        var seen = new List<string>();
        ImmutableArray<Notice> known = [];
        do
        {
            known = await Changed(notices, known);
            seen.AddRange(known.Select(n => n.Kind.ToString()));
        }
        while (known.Length > 0);
        Assert.Equal("Leaving", seen[^1]);
    }

    [Fact]
    public void Options_come_from_the_environment()
    {
        var problems = new List<string>();
        var options = Of(problems, ("PAWL_NOTICES", "gcp"), ("GCE_METADATA_HOST", "meta:80"), ("PAWL_NOTICE_FILE", "/x/y"), ("PAWL_MACHINE_ENDS_AT", "2030-01-31T18:00+01:00"), ("PAWL_RUNTIME_DIR", "/r"));
        Assert.Equal(new NoticeOptions("/x/y", new DateTimeOffset(2030, 1, 31, 17, 0, 0, TimeSpan.Zero), NoticeProvider.Gcp, "http://meta:80", "/r"), options);
        Assert.Equal("http://a", Of(problems, ("PAWL_NOTICES", "aws"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://a/")).MetadataUrl);
        Assert.Equal("http://b", Of(problems, ("PAWL_NOTICES", "azure"), ("PAWL_METADATA_URL", "http://b")).MetadataUrl);
        Assert.Equal("http://169.254.169.254", Of(problems, ("PAWL_NOTICES", "azure")).MetadataUrl);
        Assert.Empty(problems);
        var bad = Of(problems, ("PAWL_NOTICES", "ibm"), ("PAWL_MACHINE_ENDS_AT", "2030-01-31"));
        Assert.Equal((null, null, 2), (bad.Provider, bad.MachineEndsAt, problems.Count));
    }

    private static Notice Old { get; } = new("aws-spot:1", "aws-spot", NoticeKind.Leaving, new DateTimeOffset(2026, 1, 31, 12, 2, 0, TimeSpan.Zero), "goes");

    private static NoticeOptions Of(List<string> problems, params (string Name, string Value)[] variables) =>
        NoticeOptions.Of(variables.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal), problems);

    private NoticeOptions Machine(string url) => new(null, null, NoticeProvider.Aws, url, Folder);

    private NoticeWatch Start(NoticeOptions options) => NoticeWatch.Start(options, _disk, _watch, TimeProvider.System, _said.Enqueue);

    private async Task PublishAsync(byte[] bytes)
    {
        await File.WriteAllBytesAsync(Path.Combine(Folder, "aside"), bytes);
        File.Move(Path.Combine(Folder, "aside"), Path.Combine(Folder, "notice.json"), overwrite: true);
    }

    private async Task<ImmutableArray<Notice>> Changed(NoticeWatch notices, ImmutableArray<Notice> known)
    {
        try { return await notices.ChangedAsync(known, default).AsTask().WaitAsync(Longest); }
        catch (TimeoutException) { throw new TimeoutException($"no other notices than {string.Join(", ", known)}; it was said: {string.Join("; ", _said)}"); }
    }

    /// <summary>Every wait is over after some milliseconds, and the clock has gone on by as much as was waited for.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private readonly DateTimeOffset _start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        private long _waited;

        public override DateTimeOffset GetUtcNow() => _start.AddTicks(Interlocked.Read(ref _waited));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(s =>
        {
            if (dueTime > TimeSpan.Zero) { Interlocked.Add(ref _waited, dueTime.Ticks); }
            callback(s);
        }, state, dueTime > TimeSpan.Zero ? TimeSpan.FromMilliseconds(5) : dueTime, period);
    }
}
