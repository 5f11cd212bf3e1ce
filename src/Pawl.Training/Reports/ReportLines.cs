using System.Buffers;
using System.Text.Json;
using Pawl.Training.Checkpoints;

namespace Pawl.Training.Reports;

/// <summary>The lines from the trainer to pawl, as docs/trainer.md has them.</summary>
internal static class ReportLines
{
    public const int Longest = 64 * 1024;

    public static byte[] Hello(long step, long total) => Line("hello", json =>
    {
        json.WriteString("sdk", "Pawl.Training");
        json.WriteNumber("pid", Environment.ProcessId);
        json.WriteNumber("step", step);
        json.WriteNumber("total", total);
    });

    public static byte[] Step(long step, long total, List<(string Name, double Value)> metrics) => Line("step", json =>
    {
        json.WriteNumber("step", step);
        json.WriteNumber("total", total);
        json.WriteStartObject("metrics");
        foreach (var (name, value) in metrics)
        {
            if (double.IsFinite(value)) { json.WriteNumber(name, value); }
        }
        json.WriteEndObject();
    });

    public static byte[] Checkpoint(WrittenCheckpoint written) => Line("checkpoint", json =>
    {
        json.WriteNumber("step", written.Header.Step);
        json.WriteString("path", written.File);
        json.WriteNumber("bytes", written.Bytes);
        json.WriteNumber("blockedSeconds", written.BlockedSeconds);
        json.WriteNumber("writeSeconds", written.WriteSeconds);
    });

    private static byte[] Line(string kind, Action<Utf8JsonWriter> fields)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            fields(json);
            json.WriteEndObject();
        }
        bytes.Write("\n"u8);
        return bytes.WrittenSpan.ToArray();
    }
}
