using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pawl.Engine.Homes;
using Pawl.Storage.Files;

namespace Pawl.Engine.Inboxes;

/// <summary>A request as it lies in the inbox.</summary>
/// <param name="Name">Of its file. The event that carries the request out names it, since a crash before the removal shows it again.</param>
/// <param name="Json">One well-formed document.</param>
public sealed record InboxRequest(string Name, ReadOnlyMemory<byte> Json);

/// <summary>What was in the inbox and is no request; it lies in <c>rejected/</c> now.</summary>
public sealed record Rejection(string Name, string Reason);

/// <param name="Requests">Oldest first.</param>
public sealed record InboxContent(ImmutableArray<InboxRequest> Requests, ImmutableArray<Rejection> Rejections);

/// <summary>Requests to a run from other processes: one file each, made atomically, journaled and then removed by the run's owner.</summary>
public sealed class Inbox(IDisk disk, string folder)
{
    private const int MaxRequest = 64 << 10;

    private string Rejected => $"{folder}/rejected";

    /// <summary>Puts a request in; it is durable when this returns.</summary>
    /// <param name="nonce">Letters and digits; tells apart two requests of the same instant.</param>
    /// <returns>The name of its file.</returns>
    /// <exception cref="IOException">The disk refused, or the same request is there.</exception>
    public async ValueTask<string> PostAsync(DateTimeOffset at, string nonce, ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxRequest) { throw new ArgumentException($"A request has at most {MaxRequest} bytes.", nameof(json)); }
        var name = string.Create(CultureInfo.InvariantCulture, $"{at.UtcTicks:D20}-{nonce}.json");
        await disk.MakeFolderAsync(folder);
        return await SmallFile.TryCreateAsync(disk, $"{folder}/{name}", json, nonce)
            ? name
            : throw new IOException($"{folder}/{name} exists already.");
    }

    /// <summary>All requests, oldest first; what is none is put aside with the reason.</summary>
    /// <remarks>Only the run's owner calls this.</remarks>
    public async ValueTask<InboxContent> ReadAllAsync()
    {
        var requests = ImmutableArray.CreateBuilder<InboxRequest>();
        var rejections = ImmutableArray.CreateBuilder<Rejection>();
        foreach (var entry in await disk.ListAsync(folder))
        {
            if (entry.Name == "rejected" || entry.Name.StartsWith('.')) { continue; }
            switch (await ReadAsync(entry))
            {
                case (not null and var json, _): requests.Add(new InboxRequest(entry.Name, json)); break;
                case (_, not null and var reason): rejections.Add(await RejectAsync(entry.Name, reason)); break;
                default: break;     // gone meanwhile
            }
        }
        return new InboxContent(requests.ToImmutable(), rejections.ToImmutable());
    }

    /// <summary>Removes a request once the event that carries it out is in the journal.</summary>
    public ValueTask RemoveAsync(string name) => disk.RemoveAsync($"{folder}/{name}");

    /// <summary>Puts aside a request that the caller cannot make sense of.</summary>
    public async ValueTask<Rejection> RejectAsync(string name, string reason)
    {
        await disk.MakeFolderAsync(Rejected);
        var to = $"{Rejected}/{name}";
        for (var n = 2; !await disk.TryRenameNewAsync($"{folder}/{name}", to); n++) { to = $"{Rejected}/{name}.{n}"; }
        await using var why = await disk.OpenAppendAsync($"{to}.reason");
        await why.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"{reason}\n"));
        return new Rejection(name, reason);
    }

    private async ValueTask<(byte[]? Json, string? Reason)> ReadAsync(DiskEntry entry)
    {
        if (entry.Kind is not FileKind.File || !entry.Name.EndsWith(".json", StringComparison.Ordinal))
        {
            return (null, "it is not a .json file");
        }
        if (await disk.StatAsync($"{folder}/{entry.Name}") is { Size: > MaxRequest } facts)
        {
            return (null, $"it has {facts.Size} bytes; a request has at most {MaxRequest}");
        }
        if (await SmallFile.ReadAsync(disk, $"{folder}/{entry.Name}", MaxRequest) is not { } json) { return (null, null); }
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind is JsonValueKind.Object ? (json, null) : (null, "it is not a JSON object");
        }
        catch (JsonException e)
        {
            return (null, $"it is not JSON: {e.Message}");
        }
    }
}
