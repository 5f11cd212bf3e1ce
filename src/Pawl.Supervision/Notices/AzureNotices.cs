using System.Collections.Immutable;
using System.Text.Json;
using Pawl.Core.Preemption;

namespace Pawl.Supervision.Notices;

/// <summary>Azure's scheduled events. Nothing is acknowledged: that would hurry the event for all machines it is about.</summary>
internal sealed class AzureNotices(Metadata metadata, TimeProvider clock) : IProvider
{
    private const string EventsPath = "/metadata/scheduledevents?api-version=2020-07-01";
    private const string NamePath = "/metadata/instance/compute/name?api-version=2021-02-01&format=text";

    // What Azure gives at least before it takes a machine back.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    private static readonly (string, string) Header = ("Metadata", "true");

    private readonly Dictionary<string, DateTimeOffset> _deadlines = new(StringComparer.Ordinal);
    private string? _name;
    private long? _incarnation;
    private ImmutableArray<Notice> _notices = [];

    // Microsoft's advice.
    public TimeSpan Pause => TimeSpan.FromSeconds(1);

    public async Task<ProviderAnswer> AskAsync(CancellationToken stop)
    {
        // Events of a whole group are told to each of its machines.
        _name ??= (await metadata.ReadAsync(NamePath, stop, Header)).Trim();
        var text = await metadata.ReadAsync(EventsPath, stop, Header);
        MetadataJson.Read(EventsPath, text, json =>
        {
            Learn(json);
            return true;
        });
        return new ProviderAnswer(_notices);
    }

    public void Dispose() => metadata.Dispose();

    private void Learn(JsonElement json)
    {
        long? incarnation = json.TryGetProperty("DocumentIncarnation", out var number) && number.ValueKind is JsonValueKind.Number && number.TryGetInt64(out var n) ? n : null;
        if (incarnation is not null && incarnation == _incarnation) { return; }
        if (!json.TryGetProperty("Events", out var events) || events.ValueKind is not JsonValueKind.Array) { throw new JsonException("'Events' is no list"); }
        var notices = ImmutableArray.CreateBuilder<Notice>();
        foreach (var e in events.EnumerateArray())
        {
            if (e.ValueKind is not JsonValueKind.Object) { throw new JsonException("an event is no object"); }
            if (IsOurs(e) && NoticeOf(e) is { } notice) { notices.Add(notice); }
        }
        // An event that is not there any more is over, or was cancelled.
        foreach (var gone in _deadlines.Keys.Where(id => notices.All(n => n.Id != id)).ToList()) { _deadlines.Remove(gone); }
        _notices = notices.ToImmutable();
        _incarnation = incarnation;
    }

    private bool IsOurs(JsonElement e) =>
        e.TryGetProperty("Resources", out var resources) && resources.ValueKind is JsonValueKind.Array
        && resources.EnumerateArray().Any(r => r.ValueKind is JsonValueKind.String && string.Equals(r.GetString(), _name, StringComparison.OrdinalIgnoreCase));

    private Notice? NoticeOf(JsonElement e)
    {
        var id = $"{NoticeSource.Azure}:{MetadataJson.Text(e, "EventId")}";
        var type = MetadataJson.Text(e, "EventType");
        return type switch
        {
            "Preempt" or "Terminate" or "Reboot" or "Redeploy" => new Notice(id, NoticeSource.Azure, NoticeKind.Leaving, Deadline(id, e), $"scheduled event {type}"),
            "Freeze" => new Notice(id, NoticeSource.Azure, NoticeKind.Hint, null, "scheduled event Freeze: the machine stands still for some seconds"),
            _ => null,
        };
    }

    // Once an event has started its time is left out: then what it said before holds.
    private DateTimeOffset Deadline(string id, JsonElement e)
    {
        var text = MetadataJson.Text(e, "NotBefore");
        if (text.Length > 0) { _deadlines[id] = MetadataJson.TryTime(text) ?? throw new JsonException("'NotBefore' is no time"); }
        else { _deadlines.TryAdd(id, clock.GetUtcNow() + Least); }
        return _deadlines[id];
    }
}
