using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Pawl.Core.Preemption;

namespace Pawl.Supervision.Notices;

/// <summary>AWS, by the second version of its instance metadata service.</summary>
internal sealed class AwsNotices(Metadata metadata, TimeProvider clock) : IProvider
{
    private const string TokenPath = "/latest/api/token";
    private const string ActionPath = "/latest/meta-data/spot/instance-action";
    private const string RebalancePath = "/latest/meta-data/events/recommendations/rebalance";

    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan RenewEarly = TimeSpan.FromMinutes(1);

    private string? _token;
    private DateTimeOffset _renew;
    private ImmutableArray<Notice> _hints = [];

    // AWS suggests it.
    public TimeSpan Pause => TimeSpan.FromSeconds(5);

    public async Task<ProviderAnswer> AskAsync(CancellationToken stop)
    {
        var action = await GetAsync(ActionPath, stop);
        ImmutableArray<Notice> notices = action is null ? [] : [Interruption(action)];
        try
        {
            var rebalance = await GetAsync(RebalancePath, stop);
            _hints = rebalance is null ? [] : [Rebalance(rebalance)];
            return new ProviderAnswer([.. notices, .. _hints]);
        }
        catch (MetadataException e)
        {
            // Advice that cannot be had must not hide the interruption.
            return new ProviderAnswer([.. notices, .. _hints], e.Message);
        }
    }

    public void Dispose() => metadata.Dispose();

    /// <returns>Null where there is nothing: the normal answer.</returns>
    private async Task<string?> GetAsync(string path, CancellationToken stop)
    {
        var answer = await WithTokenAsync(path, stop);
        if (answer.Status == HttpStatusCode.Unauthorized)
        {
            _token = null;
            answer = await WithTokenAsync(path, stop);
        }
        return answer.Status == HttpStatusCode.NotFound ? null : metadata.Good(path, answer).Text;
    }

    private async Task<MetadataAnswer> WithTokenAsync(string path, CancellationToken stop)
    {
        if (_token is null || clock.GetUtcNow() >= _renew)
        {
            var seconds = TokenLife.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            var answer = await metadata.AskAsync(HttpMethod.Put, TokenPath, Metadata.Patience, stop, ("X-aws-ec2-metadata-token-ttl-seconds", seconds));
            _token = metadata.Good(TokenPath, answer).Text.Trim();
            _renew = clock.GetUtcNow() + TokenLife - RenewEarly;
        }
        return await metadata.AskAsync(HttpMethod.Get, path, Metadata.Patience, stop, ("X-aws-ec2-metadata-token", _token));
    }

    private static Notice Interruption(string text)
    {
        var (action, time) = MetadataJson.Read(ActionPath, text, json => (MetadataJson.Text(json, "action"), MetadataJson.Time(json, "time")));
        return action is "terminate" or "stop" or "hibernate"
            ? new Notice($"{NoticeSource.AwsSpot}:{MetadataJson.Stamp(time)}", NoticeSource.AwsSpot, NoticeKind.Leaving, time, $"spot interruption, the instance will {action}")
            : throw new MetadataException($"{ActionPath}: the action '{action}' is unknown");
    }

    private static Notice Rebalance(string text)
    {
        var time = MetadataJson.Read(RebalancePath, text, json => MetadataJson.Time(json, "noticeTime"));
        return new Notice($"{NoticeSource.AwsRebalance}:{MetadataJson.Stamp(time)}", NoticeSource.AwsRebalance, NoticeKind.Hint, null, "AWS recommends to move: an interruption is likelier than usual");
    }
}
