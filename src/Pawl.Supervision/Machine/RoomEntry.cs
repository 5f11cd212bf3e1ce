using System.Collections.Immutable;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Storage.Json;

namespace Pawl.Supervision.Machine;

/// <summary>An attempt that has a part of the machine, or awaits one: a line of what it asks for, and one of what it got.</summary>
/// <param name="AttemptFolder">Finds what it left running.</param>
/// <param name="Gpus">Numbers of those that it has; null while it waits.</param>
internal sealed record RoomEntry(string AttemptFolder, string RunId, string RunName, string Node, bool IsDaemon, Needs Needs, ImmutableArray<int>? Gpus)
{
    public static RoomEntry Of(string attemptFolder, AttemptSpec spec) =>
        new(attemptFolder, spec.RunId, spec.RunName, spec.Node, spec.IsDaemon, spec.Needs, null);

    /// <summary>The line of what it asks for.</summary>
    public byte[] Asked() => Line(json =>
    {
        json.WriteString("attempt", AttemptFolder);
        json.WriteString("runId", RunId);
        json.WriteString("runName", RunName);
        json.WriteString("node", Node);
        json.WriteBoolean("daemon", IsDaemon);
        json.WriteNumber("cpu", Needs.CpuMillis);
        json.WriteNumber("memory", Needs.MemoryBytes);
        json.WriteNumber("gpus", Needs.Gpus);
    });

    /// <summary>The line of what it got.</summary>
    public static byte[] Got(ImmutableArray<int> gpus) => Line(json => json.Write("gpus", gpus));

    /// <returns>Null of what was never written to its end: then nothing came of it.</returns>
    public static RoomEntry? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0) { return null; }
            var asked = JsonFields.Parse(bytes[..end]);
            var rest = bytes[(end + 1)..];
            var last = rest.IndexOf((byte)'\n');
            return new RoomEntry(
                asked.Text("attempt"), asked.Text("runId"), asked.Text("runName"), asked.Text("node"), asked.Flag("daemon"),
                new Needs(asked.Long("cpu"), asked.Long("memory"), asked.Long("gpus")),
                last < 0 ? null : JsonFields.Parse(rest[..last]).Numbers("gpus"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Line(Action<Utf8JsonWriter> fields) => [.. JsonWriting.Object(indented: false, fields), (byte)'\n'];
}
