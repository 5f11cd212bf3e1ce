using Pawl.Core.Preemption;
using Pawl.Supervision.Notices;
using Xunit;

namespace Pawl.Tests.Supervision.Notices;

/// <summary>The protocols of the providers, question by question, each against a service that insists on its headers.</summary>
public sealed class ProvidersTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Aws_says_nothing_with_404()
    {
        var service = new AwsService();
        await using var server = new MetadataServer(service.Answer);
        using var aws = new AwsNotices(new Metadata(server.Url), new StoppedClock(Noon));
        Assert.Empty((await aws.AskAsync(default)).Notices);
        Assert.Null((await aws.AskAsync(default)).Problem);
        Assert.Equal(1, service.Tokens);
    }

    [Theory]
    [InlineData("terminate")]
    [InlineData("stop")]
    [InlineData("hibernate")]
    public async Task Aws_announces_an_interruption_with_its_time_and_advises_without_one(string action)
    {
        var service = new AwsService
        {
            Action = new Said(200, $$"""{"action":"{{action}}","time":"2026-01-31T12:02:00Z"}"""),
            Rebalance = new Said(200, """{"noticeTime":"2026-01-31T11:50:00Z"}"""),
        };
        await using var server = new MetadataServer(service.Answer);
        using var aws = new AwsNotices(new Metadata(server.Url), new StoppedClock(Noon));
        Assert.Equal(
            [
                new Notice("aws-spot:20260131T120200Z", "aws-spot", NoticeKind.Leaving, Noon.AddMinutes(2), $"spot interruption, the instance will {action}"),
                new Notice("aws-rebalance:20260131T115000Z", "aws-rebalance", NoticeKind.Hint, null, "AWS recommends to move: an interruption is likelier than usual"),
            ],
            (await aws.AskAsync(default)).Notices);
        service.Action = new Said(404);
        Assert.Equal(NoticeKind.Hint, Assert.Single((await aws.AskAsync(default)).Notices).Kind);
    }

    [Fact]
    public async Task An_aws_token_that_is_refused_is_renewed_once()
    {
        var service = new AwsService();
        await using var server = new MetadataServer(service.Answer);
        using var aws = new AwsNotices(new Metadata(server.Url), new StoppedClock(Noon));
        await aws.AskAsync(default);
        service.ForgetTokens();
        Assert.Empty((await aws.AskAsync(default)).Notices);
        Assert.Equal(2, server.Questions.Count(q => q.Method == "PUT"));
    }

    [Fact]
    public async Task An_aws_service_that_refuses_every_token_is_asked_once_more_and_no_oftener()
    {
        await using var server = new MetadataServer(asked => asked.Method == "PUT" ? new Said(200, "t") : new Said(401));
        using var aws = new AwsNotices(new Metadata(server.Url), new StoppedClock(Noon));
        var e = await Assert.ThrowsAsync<MetadataException>(() => aws.AskAsync(default));
        Assert.EndsWith("spot/instance-action: answered 401", e.Message, StringComparison.Ordinal);
        Assert.Equal(4, server.Questions.Count);
    }

    [Fact]
    public async Task An_aws_token_is_renewed_before_it_ends()
    {
        var service = new AwsService();
        await using var server = new MetadataServer(service.Answer);
        var clock = new StoppedClock(Noon);
        using var aws = new AwsNotices(new Metadata(server.Url), clock);
        await aws.AskAsync(default);
        clock.Now = Noon.AddSeconds(3600 - 61);
        await aws.AskAsync(default);
        Assert.Equal(1, service.Tokens);
        clock.Now = Noon.AddSeconds(3600 - 60);
        await aws.AskAsync(default);
        Assert.Equal(2, service.Tokens);
    }

    [Fact]
    public async Task Advice_that_cannot_be_had_does_not_hide_an_interruption()
    {
        var service = new AwsService { Action = new Said(200, """{"action":"stop","time":"2026-01-31T12:02:00Z"}"""), Rebalance = new Said(503) };
        await using var server = new MetadataServer(service.Answer);
        using var aws = new AwsNotices(new Metadata(server.Url), new StoppedClock(Noon));
        var answer = await aws.AskAsync(default);
        Assert.Single(answer.Notices);
        Assert.EndsWith("answered 503", answer.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"action\":\"terminate\"}")]
    [InlineData("{\"action\":\"explode\",\"time\":\"2026-01-31T12:02:00Z\"}")]
    [InlineData("{\"action\":7,\"time\":\"2026-01-31T12:02:00Z\"}")]
    [InlineData("{\"action\":\"stop\",\"time\":\"soon\"}")]
    [InlineData("{\"action\":\"\\ud800\",\"time\":\"\\ud800\"}")]
    [InlineData("{\"action\":{\"action\":")]
    [InlineData("<html>")]
    public async Task Garbage_is_a_problem_and_no_notice(string body)
    {
        var service = new AwsService { Action = new Said(200, body) };
        await using var server = new MetadataServer(service.Answer);
        using var aws = new AwsNotices(new Metadata(server.Url), new StoppedClock(Noon));
        await Assert.ThrowsAsync<MetadataException>(() => aws.AskAsync(default));
    }

    [Fact]
    public async Task A_huge_answer_is_not_read()
    {
        var service = new AwsService { Action = new Said(200, new string(' ', 10 << 20)) };
        await using var server = new MetadataServer(service.Answer);
        using var aws = new AwsNotices(new Metadata(server.Url), new StoppedClock(Noon));
        var e = await Assert.ThrowsAsync<MetadataException>(() => aws.AskAsync(default));
        Assert.EndsWith("longer than 65536 bytes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_not_waited_for()
    {
        await using var server = new MetadataServer(async (_, stop) =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return new Said(200);
        });
        using var aws = new AwsNotices(new Metadata(server.Url), new StoppedClock(Noon));
        var e = await Assert.ThrowsAsync<MetadataException>(() => aws.AskAsync(default));
        Assert.EndsWith("no answer within 2 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gcp_is_asked_to_wait_for_a_change_and_keeps_the_time_of_the_first_true()
    {
        var preempted = new TaskCompletionSource<Said>();
        await using var server = new MetadataServer(async (asked, stop) => asked switch
        {
            _ when asked.Header("metadata-flavor") != "Google" => new Said(403),
            { Target: "/computeMetadata/v1/instance/preempted" } => new Said(200, "FALSE\n", "e1"),
            { Target: "/computeMetadata/v1/instance/preempted?wait_for_change=true&last_etag=e1&timeout_sec=60" } => await preempted.Task.WaitAsync(stop),
            { Target: "/computeMetadata/v1/instance/preempted?wait_for_change=true&last_etag=e2&timeout_sec=60" } => new Said(200, "TRUE", "e2"),
            { Target: "/computeMetadata/v1/instance/scheduling/?recursive=true" } => new Said(200, """{"preemptible":"TRUE"}"""),
            _ => new Said(404),
        });
        var clock = new StoppedClock(Noon);
        using var gcp = new GcpNotices(new Metadata(server.Url), clock);
        Assert.Empty((await gcp.AskAsync(default)).Notices);
        var hanging = gcp.AskAsync(default);
        preempted.SetResult(new Said(200, "TRUE", "e2"));
        var notice = Assert.Single((await hanging).Notices);
        Assert.Equal(new Notice("gcp:20260131T120000Z", "gcp", NoticeKind.Leaving, Noon.AddSeconds(30), "the machine is preempted"), notice);
        clock.Now = Noon.AddSeconds(5);
        Assert.Equal(notice, Assert.Single((await gcp.AskAsync(default)).Notices));
    }

    [Theory]
    [InlineData("""{"preemptionNoticeDuration":{"seconds":120}}""", 120)]
    [InlineData("""{"preemptionNoticeDuration":{"seconds":"120"}}""", 120)]
    [InlineData("""{"preemptionNoticeDuration":"120s"}""", 120)]
    [InlineData("""{"preemptionNoticeDuration":0}""", 30)]
    [InlineData("""{"preemptionNoticeDuration":1e300}""", 600)]
    [InlineData("""{"preemptionNoticeDuration":[]}""", 30)]
    [InlineData("nonsense", 30)]
    public async Task Gcp_gives_what_the_scheduling_of_the_machine_says(string scheduling, int seconds)
    {
        await using var server = new MetadataServer(asked => asked.Target.Contains("scheduling", StringComparison.Ordinal) ? new Said(200, scheduling) : new Said(200, "TRUE"));
        using var gcp = new GcpNotices(new Metadata(server.Url), new StoppedClock(Noon));
        Assert.Equal(Noon.AddSeconds(seconds), Assert.Single((await gcp.AskAsync(default)).Notices).Deadline);
    }

    [Theory]
    [InlineData(503, "")]
    [InlineData(200, "MAYBE")]
    public async Task Gcp_that_does_not_know_says_nothing_new(int status, string body)
    {
        await using var server = new MetadataServer(_ => new Said(status, body));
        using var gcp = new GcpNotices(new Metadata(server.Url), new StoppedClock(Noon));
        await Assert.ThrowsAsync<MetadataException>(() => gcp.AskAsync(default));
    }

    [Fact]
    public async Task Azure_tells_events_of_this_machine_and_takes_back_what_was_cancelled()
    {
        var events = "[]";
        var incarnation = 1;
        await using var server = new MetadataServer(asked => asked switch
        {
            _ when asked.Header("metadata") != "true" => new Said(400),
            { Target: "/metadata/instance/compute/name?api-version=2021-02-01&format=text" } => new Said(200, "worker_3"),
            { Target: "/metadata/scheduledevents?api-version=2020-07-01" } => new Said(200, $$"""{"DocumentIncarnation":{{incarnation}},"Events":{{events}}}"""),
            _ => new Said(404),
        });
        using var azure = new AzureNotices(new Metadata(server.Url), new StoppedClock(Noon));
        Assert.Empty((await azure.AskAsync(default)).Notices);

        (incarnation, events) = (2, $"[{Event("a", "Preempt", "WORKER_3")},{Event("b", "Preempt", "worker_4")},{Event("c", "Freeze", "worker_3")},{Event("d", "Party", "worker_3")}]");
        Assert.Equal(
            [
                new Notice("azure:a", "azure", NoticeKind.Leaving, Noon.AddSeconds(47), "scheduled event Preempt"),
                new Notice("azure:c", "azure", NoticeKind.Hint, null, "scheduled event Freeze: the machine stands still for some seconds"),
            ],
            (await azure.AskAsync(default)).Notices);

        events = "[]";
        Assert.Equal(2, (await azure.AskAsync(default)).Notices.Length);

        (incarnation, events) = (3, $"[{Event("a", "Preempt", "worker_3", "")},{Event("e", "Reboot", "worker_3", "")}]");
        Assert.Equal([Noon.AddSeconds(47), Noon.AddSeconds(30)], (await azure.AskAsync(default)).Notices.Select(n => n.Deadline));

        (incarnation, events) = (4, "[]");
        Assert.Empty((await azure.AskAsync(default)).Notices);
        Assert.Single(server.Questions, q => q.Target.Contains("compute/name", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Questions, q => q.Method != "GET");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"Events":7}""")]
    [InlineData("""{"Events":[7]}""")]
    [InlineData("""{"Events":[{"EventId":"a","EventType":"Preempt","Resources":["me"],"NotBefore":"whenever"}]}""")]
    [InlineData("""{"Events":[{"EventType":"Preempt","Resources":["me"],"NotBefore":""}]}""")]
    public async Task Azure_garbage_is_a_problem_and_the_next_document_is_read(string body)
    {
        await using var server = new MetadataServer(asked => new Said(200, asked.Target.Contains("name", StringComparison.Ordinal) ? "me" : body));
        using var azure = new AzureNotices(new Metadata(server.Url), new StoppedClock(Noon));
        await Assert.ThrowsAsync<MetadataException>(() => azure.AskAsync(default));
        body = $$"""{"DocumentIncarnation":1,"Events":[{{Event("a", "Redeploy", "me")}}]}""";
        Assert.Single((await azure.AskAsync(default)).Notices);
    }

    [Theory]
    [InlineData("Amazon EC2", "m7i.large", "1.0", "Amazon EC2", "Aws")]
    [InlineData("Xen", "HVM domU", "4.11.amazon", "", "Aws")]
    [InlineData("Google", "Google Compute Engine", "Google", "", "Gcp")]
    [InlineData("Google", "Chromebook", "", "", null)]
    [InlineData("Microsoft Corporation", "Virtual Machine", "", "7783-7084-3265-9085-8269-3286-77", "Azure")]
    [InlineData("Microsoft Corporation", "Virtual Machine", "", "none", null)]
    [InlineData("", "", "", "", null)]
    public void The_firmware_says_whose_machine_it_is(string vendor, string product, string bios, string tag, string? provider) =>
        Assert.Equal(provider, Dmi.Of(vendor, product, bios, tag)?.ToString());

    private static string Event(string id, string type, string resource, string notBefore = "Sat, 31 Jan 2026 12:00:47 GMT") =>
        $$"""{"EventId":"{{id}}","EventType":"{{type}}","ResourceType":"VirtualMachine","Resources":["{{resource}}"],"EventStatus":"Scheduled","NotBefore":"{{notBefore}}"}""";

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
