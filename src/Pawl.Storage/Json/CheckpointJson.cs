using System.Text.Json;
using Pawl.Core.Checkpoints;

namespace Pawl.Storage.Json;

/// <summary>A checkpoint as fields of its chain entry.</summary>
public static class CheckpointJson
{
    public static void Write(Utf8JsonWriter json, Checkpoint checkpoint)
    {
        json.Write("step", checkpoint.Step);
        json.Write("files", checkpoint.Files, Write);
        json.Write("links", checkpoint.Links, (link, l) =>
        {
            link.WriteString("path", l.Path);
            link.WriteString("target", l.Target);
        });
    }

    public static Checkpoint Read(JsonFields json) => new(
        json.LongOrNull("step"),
        json.All("files", file => new CheckpointFile(
            file.Text("path"),
            file.Long("size"),
            file.Number("mode"),
            file.Long("modified"),
            file.All("chunks", chunk => new Chunk(chunk.Number("claim"), chunk.Text("sha256"), chunk.Number("size"), Crc(chunk))))),
        json.All("links", link => new CheckpointLink(link.Text("path"), link.Text("target"))));

    private static void Write(Utf8JsonWriter json, CheckpointFile file)
    {
        json.WriteString("path", file.Path);
        json.WriteNumber("size", file.Size);
        json.WriteNumber("mode", file.Mode);
        json.WriteNumber("modified", file.Modified);
        json.Write("chunks", file.Chunks, (chunk, c) =>
        {
            chunk.WriteNumber("claim", c.Claim);
            chunk.WriteString("sha256", c.Sha256);
            chunk.WriteNumber("size", c.Size);
            chunk.WriteNumber("crc32c", c.Crc32C);
        });
    }

    private static uint Crc(JsonFields chunk) => chunk.Long("crc32c") is >= 0 and <= uint.MaxValue and var crc
        ? (uint)crc
        : throw new JsonException("'crc32c' is not a number of 32 bits");
}
