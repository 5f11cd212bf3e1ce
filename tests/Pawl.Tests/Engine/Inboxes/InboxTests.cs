using System.Text;
using Pawl.Engine.Inboxes;
using Xunit;

namespace Pawl.Tests.Engine.Inboxes;

public sealed class InboxTests : Scratch
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private Inbox Inbox => new(Disk, At("inbox"));

    [Fact]
    public async Task Requests_are_read_oldest_first_until_removed()
    {
        await Inbox.PostAsync(Noon.AddTicks(2), "a", Bytes("""{"verb":"retry"}"""));
        var first = await Inbox.PostAsync(Noon, "z", Bytes("""{"verb":"stop"}"""));
        await Inbox.PostAsync(Noon.ToOffset(TimeSpan.FromHours(5)).AddTicks(1), "m", Bytes("""{"verb":"resume"}"""));

        Assert.Equal(["""{"verb":"stop"}""", """{"verb":"resume"}""", """{"verb":"retry"}"""], await Read());
        await Inbox.RemoveAsync(first);
        await Inbox.RemoveAsync(first);
        Assert.Equal(["""{"verb":"resume"}""", """{"verb":"retry"}"""], await Read());
    }

    [Fact]
    public async Task An_inbox_that_is_not_there_is_empty() => Assert.Empty(await Read());

    [Fact]
    public async Task Nothing_is_left_beside_a_request()
    {
        var name = await Inbox.PostAsync(Noon, "a", Bytes("{}"));
        Assert.Equal([name], Directory.GetFileSystemEntries(At("inbox")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_same_request_twice_is_refused_and_the_first_stays()
    {
        await Inbox.PostAsync(Noon, "a", Bytes("""{"verb":"stop"}"""));
        await Assert.ThrowsAsync<IOException>(() => Inbox.PostAsync(Noon, "a", Bytes("{}")).AsTask());
        Assert.Equal(["""{"verb":"stop"}"""], await Read());
    }

    [Fact]
    public async Task A_request_that_is_being_written_is_not_seen()
    {
        await Inbox.PostAsync(Noon, "a", Bytes("{}"));
        await File.WriteAllTextAsync(At("inbox/.new-b"), """{"verb":"st""");
        Assert.Equal(["{}"], await Read());
        Assert.True(File.Exists(At("inbox/.new-b")));
    }

    [Fact]
    public async Task What_is_no_request_is_put_aside_with_the_reason()
    {
        await Inbox.PostAsync(Noon, "a", Bytes("""{"verb":"stop"}"""));
        await File.WriteAllTextAsync(At("inbox/half.json"), """{"verb":""");
        await File.WriteAllTextAsync(At("inbox/list.json"), "[]");
        await File.WriteAllTextAsync(At("inbox/large.json"), new string(' ', 70_000));
        await File.WriteAllTextAsync(At("inbox/note.txt"), "stop");
        Directory.CreateDirectory(At("inbox/folder.json"));
        File.CreateSymbolicLink(At("inbox/link.json"), "/etc/passwd");

        var content = await Inbox.ReadAllAsync();

        Assert.Single(content.Requests);
        Assert.Equal(
            ["folder.json", "half.json", "large.json", "link.json", "list.json", "note.txt"], content.Rejections.Select(r => r.Name));
        Assert.Contains("70000 bytes", content.Rejections[2].Reason, StringComparison.Ordinal);
        Assert.Equal("it is not a .json file\n", await File.ReadAllTextAsync(At("inbox/rejected/note.txt.reason")));
        Assert.Equal("[]", await File.ReadAllTextAsync(At("inbox/rejected/list.json")));

        await File.WriteAllTextAsync(At("inbox/list.json"), "[1]");
        Assert.Single((await Inbox.ReadAllAsync()).Rejections);
        Assert.Equal("[1]", await File.ReadAllTextAsync(At("inbox/rejected/list.json.2")));
    }

    [Fact]
    public async Task Posters_at_the_same_instant_do_not_meet()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(n => Task.Run(async () => await Inbox.PostAsync(Noon, $"n{n}", Bytes("{}")))));
        Assert.Equal(40, (await Read()).Count);
    }

    private static ReadOnlyMemory<byte> Bytes(string json) => Encoding.UTF8.GetBytes(json);

    private async Task<List<string>> Read() => [.. (await Inbox.ReadAllAsync()).Requests.Select(r => Encoding.UTF8.GetString(r.Json.Span))];
}
