using System.Diagnostics;
using System.Text.Json;
using Pawl.Core.Chains;
using Pawl.Storage.Json;

namespace Pawl.Storage.Chains;

/// <summary>An entry as a JSON object, without its seal.</summary>
internal static class EntryJson
{
    internal static byte[] Write(Entry entry) => JsonWriting.Object(indented: false, json =>
    {
        json.WriteString("type", entry.GetType().Name);
        WriteOwn(json, entry);
        json.WriteNumber("schema", entry.Schema);
        json.WriteNumber("number", entry.Number);
        json.WriteString("previous", entry.Previous);
        json.WriteString("at", entry.At);
    });

    /// <exception cref="JsonException">It is not an entry, or not one that this program knows.</exception>
    internal static Entry Read(ReadOnlySpan<byte> bytes)
    {
        var json = JsonFields.Parse(bytes);
        return ReadOwn(json) with
        {
            Schema = json.Schema(Entry.CurrentSchema),
            Number = json.Number("number"),
            Previous = json.Text("previous"),
            At = json.Time("at"),
        };
    }

    private static void WriteOwn(Utf8JsonWriter json, Entry entry)
    {
        switch (entry)
        {
            case Entry.Claimed claimed:
                json.WriteString("node", claimed.Node);
                json.WriteNumber("attempt", claimed.Attempt);
                json.WriteString("fingerprint", claimed.Fingerprint);
                json.WriteNumber("sequence", claimed.Sequence);
                json.WriteString("host", claimed.Host);
                json.WriteString("nonce", claimed.Nonce);
                break;
            case Entry.Checkpointed made:
                json.WriteNumber("claim", made.Claim);
                json.WriteString("fingerprint", made.Fingerprint);
                json.Write("checkpoint", made.Checkpoint, CheckpointJson.Write);
                break;
            case Entry.Pruned pruned:
                json.WriteNumber("claim", pruned.Claim);
                json.Write("checkpoints", pruned.Checkpoints);
                json.WriteNumber("orphansBelow", pruned.OrphansBelow);
                break;
            case Entry.Ended ended:
                json.WriteNumber("claim", ended.Claim);
                json.Write("outcome", ended.Outcome, OutcomeJson.Write);
                break;
            case Entry.Completed completed:
                json.WriteNumber("claim", completed.Claim);
                json.WriteString("fingerprint", completed.Fingerprint);
                json.Write("outputs", completed.Outputs, OutcomeJson.Write);
                break;
            case Entry.Superseded superseded:
                json.WriteString("reason", superseded.Reason);
                break;
            default:
                throw new UnreachableException($"{entry.GetType().Name} is not handled");
        }
    }

    private static Entry ReadOwn(JsonFields json) => json.Text("type") switch
    {
        nameof(Entry.Claimed) => new Entry.Claimed(
            json.Text("node"), json.Number("attempt"), json.Text("fingerprint"), json.Long("sequence"), json.Text("host"), json.Text("nonce")),
        nameof(Entry.Checkpointed) => new Entry.Checkpointed(
            json.Number("claim"), json.Text("fingerprint"), CheckpointJson.Read(json.Object("checkpoint"))),
        nameof(Entry.Pruned) => new Entry.Pruned(json.Number("claim"), json.Numbers("checkpoints"), json.Number("orphansBelow")),
        nameof(Entry.Ended) => new Entry.Ended(json.Number("claim"), OutcomeJson.Read(json.Object("outcome"))),
        nameof(Entry.Completed) => new Entry.Completed(
            json.Number("claim"), json.Text("fingerprint"), OutcomeJson.ReadOutputs(json.Object("outputs"))),
        nameof(Entry.Superseded) => new Entry.Superseded(json.Text("reason")),
        var type => throw new JsonException($"there is no entry of type '{type}'"),
    };
}
