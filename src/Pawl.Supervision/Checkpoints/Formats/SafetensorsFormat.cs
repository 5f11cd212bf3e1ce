using System.Buffers.Binary;
using System.Text.Json;

namespace Pawl.Supervision.Checkpoints.Formats;

/// <summary>Safetensors: the header's length, the header, and tensors that fill the rest without a gap.</summary>
internal static class SafetensorsFormat
{
    // The limit of the format's own reader.
    private const int MostHeader = 100_000_000;

    /// <summary>The format has no magic number; its header is an object of at most 100 MB.</summary>
    public static bool IsLikely(ReadOnlySpan<byte> first) =>
        first.Length > 8 && first[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(first) is >= 2 and <= MostHeader;

    public static Ending End(FileBytes file)
    {
        Span<byte> first = stackalloc byte[9];
        if (!file.TryRead(0, first) || !IsLikely(first)) { return Ending.Missing; }
        var length = BinaryPrimitives.ReadInt64LittleEndian(first);
        if (length > file.Size - 8) { return Ending.Missing; }
        var header = new byte[length];
        if (!file.TryRead(8, header)) { return Ending.Missing; }
        try { return Fills(Tensors(header), file.Size - 8 - length) ? Ending.Long : Ending.Missing; }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException) { return Ending.Missing; }
    }

    private static bool Fills(List<(long From, long To)> tensors, long size)
    {
        tensors.Sort();
        var at = 0L;
        foreach (var (from, to) in tensors)
        {
            if (from != at || to < from) { return false; }
            at = to;
        }
        return at == size;
    }

    // {"name": {"dtype": …, "shape": […], "data_offsets": [from, to]}, "__metadata__": {…}}
    private static List<(long From, long To)> Tensors(byte[] header)
    {
        var tensors = new List<(long From, long To)>();
        var json = new Utf8JsonReader(header);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isTensor = !json.ValueTextEquals("__metadata__"u8);
            json.Read();
            if (isTensor) { tensors.Add(Offsets(ref json)); }
            else { json.Skip(); }
        }
        while (json.Read()) { }
        return tensors;
    }

    private static (long From, long To) Offsets(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject) { throw new JsonException("a tensor is not an object"); }
        (long From, long To)? found = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isOffsets = json.ValueTextEquals("data_offsets"u8);
            json.Read();
            if (!isOffsets)
            {
                json.Skip();
                continue;
            }
            json.Read();
            var from = json.GetInt64();
            json.Read();
            found = (from, json.GetInt64());
            json.Read();
        }
        return found ?? throw new JsonException("a tensor has no data_offsets");
    }
}
