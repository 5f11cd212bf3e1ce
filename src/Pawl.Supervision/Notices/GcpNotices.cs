using System.Globalization;
using System.Text.Json;
using Pawl.Core.Preemption;

namespace Pawl.Supervision.Notices;

/// <summary>Google Cloud: one question that is answered when the machine is preempted.</summary>
internal sealed class GcpNotices(Metadata metadata, TimeProvider clock) : IProvider
{
    private const string Instance = "/computeMetadata/v1/instance/";

    private static readonly TimeSpan Hanging = TimeSpan.FromSeconds(60);

    // Of a machine that was given no notice of its own: the time that a shutdown may take.
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private static readonly (string, string) Flavor = ("Metadata-Flavor", "Google");

    private string? _etag;
    private Notice? _leaving;

    // The question itself waits.
    public TimeSpan Pause => TimeSpan.FromSeconds(1);

    public async Task<ProviderAnswer> AskAsync(CancellationToken stop)
    {
        var first = _etag is null;
        var path = first
            ? $"{Instance}preempted"
            : string.Create(CultureInfo.InvariantCulture, $"{Instance}preempted?wait_for_change=true&last_etag={Uri.EscapeDataString(_etag!)}&timeout_sec={Hanging.TotalSeconds:0}");
        var answer = metadata.Good(path, await metadata.AskAsync(HttpMethod.Get, path, first ? Metadata.Patience : Hanging + Metadata.Patience, stop, Flavor));
        switch (answer.Text.Trim().ToUpperInvariant())
        {
            case "FALSE":
                _leaving = null;
                break;
            case "TRUE":
                // Heard again it is the same notice: its time does not move.
                _leaving ??= await LeavingAsync(stop);
                break;
            default:
                throw new MetadataException($"{path}: the answer is neither TRUE nor FALSE");
        }
        _etag = answer.ETag is { Length: > 0 } etag ? etag : null;
        return new ProviderAnswer(_leaving is null ? [] : [_leaving]);
    }

    public void Dispose() => metadata.Dispose();

    private async Task<Notice> LeavingAsync(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var time = now + await NoticeDurationAsync(stop);
        return new Notice($"{NoticeSource.Gcp}:{MetadataJson.Stamp(now)}", NoticeSource.Gcp, NoticeKind.Leaving, time, "the machine is preempted");
    }

    // 0 s is the default: then the shutdown period is all there is.
    private async Task<TimeSpan> NoticeDurationAsync(CancellationToken stop)
    {
        var path = $"{Instance}scheduling/?recursive=true";
        try
        {
            var text = await metadata.ReadAsync(path, stop, Flavor);
            var seconds = MetadataJson.Read(path, text, json => json.TryGetProperty("preemptionNoticeDuration", out var d) ? Seconds(d) : null);
            return TimeSpan.FromSeconds(Math.Clamp(seconds ?? 0, Usual.TotalSeconds, Longest.TotalSeconds));
        }
        catch (MetadataException) { return Usual; }     // less than it may have, which is on the safe side
    }

    // {"seconds": 120}, 120, "120" or "120s".
    private static double? Seconds(JsonElement duration) => duration.ValueKind switch
    {
        JsonValueKind.Object => duration.TryGetProperty("seconds", out var seconds) && seconds.ValueKind is not JsonValueKind.Object ? Seconds(seconds) : null,
        JsonValueKind.Number => duration.TryGetDouble(out var number) ? number : null,
        JsonValueKind.String => double.TryParse(duration.GetString()!.TrimEnd('s'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null,
        _ => null,
    };
}
