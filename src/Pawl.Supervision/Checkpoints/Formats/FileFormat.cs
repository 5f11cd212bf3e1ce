namespace Pawl.Supervision.Checkpoints.Formats;

/// <summary>What a file's own format says of its end.</summary>
internal enum Ending
{
    /// <summary>The format is not known, or has no end that could be seen.</summary>
    Unknown,

    /// <summary>Something is missing.</summary>
    Missing,

    /// <summary>The length is right. A writer that reserves the length first has not written all of it by then.</summary>
    Long,

    /// <summary>What is written last is there.</summary>
    Whole,
}

/// <summary>Tells formats by their first bytes, by the name only those that have none, and looks for their end.</summary>
internal static class FileFormat
{
    // Magic number of torch.save before 1.6, pickled with protocol 2. After the pickles come the tensors, raw, so it ends with anything.
    private static ReadOnlySpan<byte> LegacyTorch => [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    /// <summary>Whether a file is of a format that checkpoints have, and so no log, whatever state it is in.</summary>
    public static bool IsKnown(FileBytes file)
    {
        if (Path.GetExtension(file.Name.AsSpan()) is ".pt" or ".pth" or ".ckpt" or ".npz" or ".npy" or ".keras" or ".h5" or ".hdf5" or ".safetensors" or ".pkl"
            or ".pickle" or ".joblib" or ".bin" or ".msgpack" or ".distcp" or ".index" or ".pdparams" or ".gguf" or ".onnx" or ".pawl")
        {
            return true;
        }
        Span<byte> first = stackalloc byte[16];
        first = first[..(int)Math.Min(first.Length, file.Size)];
        return file.TryRead(0, first)
            && (first.StartsWith(ZipFormat.Entry) || first.StartsWith(Hdf5Format.Signature) || first is [0x80, >= 2 and <= 5, ..] || SafetensorsFormat.IsLikely(first));
    }

    /// <summary>Whether what stands before a file's end is what its end says, as far as it says anything.</summary>
    public static bool IsSound(FileBytes file)
    {
        Span<byte> first = stackalloc byte[4];
        return !file.TryRead(0, first) || !first.StartsWith(ZipFormat.Entry) || ZipFormat.IsSound(file);
    }

    public static Ending End(FileBytes file)
    {
        if (file.Name.EndsWith(".json", StringComparison.Ordinal)) { return JsonFormat.End(file); }
        if (file.Name.EndsWith(".safetensors", StringComparison.Ordinal)) { return SafetensorsFormat.End(file); }
        Span<byte> first = stackalloc byte[16];
        first = first[..(int)Math.Min(first.Length, file.Size)];
        if (!file.TryRead(0, first)) { return Ending.Missing; }
        return 0 switch
        {
            _ when first.StartsWith(ZipFormat.Entry) || first.StartsWith(ZipFormat.Empty) => ZipFormat.End(file),
            _ when first.StartsWith(Hdf5Format.Signature) => Hdf5Format.End(file),
            _ when first.StartsWith(LegacyTorch) => Ending.Unknown,
            _ when first is [0x80, >= 2 and <= 5, ..] => EndsWithDot(file),
            _ when SafetensorsFormat.IsLikely(first) => SafetensorsFormat.End(file),
            // Too short to be told, but no format these names stand for is so short.
            _ when first.Length < 8 && HasFormat(file.Name) => Ending.Missing,
            _ => Ending.Unknown,
        };
    }

    /// <summary>Whether a file of that name has bytes to be known by, as soon as there are some.</summary>
    private static bool HasFormat(string name) =>
        Path.GetExtension(name.AsSpan()) is ".pt" or ".pth" or ".ckpt" or ".npz" or ".keras" or ".h5" or ".hdf5";

    // STOP is the last opcode of a pickle; it may also stand where one was cut, so it proves nothing.
    private static Ending EndsWithDot(FileBytes file)
    {
        Span<byte> last = stackalloc byte[1];
        return file.TryRead(file.Size - 1, last) && last[0] == '.' ? Ending.Unknown : Ending.Missing;
    }
}
