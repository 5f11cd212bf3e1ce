using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Pawl.Tests.Supervision.Checkpoints;

/// <summary>Small files of the formats that frameworks write, each different for each number.</summary>
internal static class Samples
{
    public static byte[] Zip(int number)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "archive/data.pkl", Storage(number));
            Add(zip, "archive/data/0", Tensor(number, 200));
        }
        return bytes.ToArray();
    }

    /// <summary>As torch.save writes it: a 64-bit end record and its locator beside an ordinary end record that is filled in too.</summary>
    public static byte[] Torch(int number)
    {
        var zip = Zip(number);
        var end = zip.AsSpan(zip.Length - 22);
        var record = new byte[56];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x06064b50);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(4), 44);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(24), BinaryPrimitives.ReadUInt16LittleEndian(end[10..]));
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(32), BinaryPrimitives.ReadUInt16LittleEndian(end[10..]));
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(40), BinaryPrimitives.ReadUInt32LittleEndian(end[12..]));
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(48), BinaryPrimitives.ReadUInt32LittleEndian(end[16..]));
        var locator = new byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(locator, 0x07064b50);
        BinaryPrimitives.WriteInt64LittleEndian(locator.AsSpan(8), zip.Length - 22);
        locator[16] = 1;
        return [.. zip[..^22], .. record, .. locator, .. end];
    }

    public static byte[] Safetensors(int number)
    {
        var header = Encoding.UTF8.GetBytes(
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[100],"data_offsets":[0,100]},"b":{"dtype":"U8","shape":[50],"data_offsets":[100,150]}}""");
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. Tensor(number, 150)];
    }

    /// <param name="version">Of the superblock: 0, 2 or 3.</param>
    public static byte[] Hdf5(int number, int version = 0)
    {
        var bytes = Tensor(number, 300);
        byte[] signature = [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n', (byte)version];
        bytes.AsSpan(0, 96).Clear();
        signature.CopyTo(bytes, 0);
        bytes[version == 0 ? 13 : 9] = 8;
        bytes[version == 0 ? 14 : 10] = 8;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(version == 0 ? 40 : 28), bytes.Length);
        return bytes;
    }

    public static byte[] Json(int number) => Encoding.UTF8.GetBytes($$"""{"global_step": {{number}}, "log_history": [{"loss": 0.5, "step": 1}]}""");

    /// <summary>As Python's json writes what is no number.</summary>
    public static byte[] NaN(int number) => Encoding.UTF8.GetBytes($$"""{"global_step": {{number}}, "log_history": [{"grad_norm": NaN, "best": -Infinity, "worst": Infinity, "name": "a \"NaN\" }"}]}""" + "\n");

    public static byte[] Pickle(int number) => [0x80, 4, .. Tensor(number, 60).Select(b => b == (byte)'.' ? (byte)0 : b), (byte)'.'];

    /// <summary>Bytes of no format.</summary>
    public static byte[] Raw(int number) => [0xfe, .. Tensor(number, 120)];

    /// <summary>A pickle that names the storage 0.</summary>
    public static byte[] Storage(int number) =>
    [
        0x80, 2, (byte)'(', .. Text("storage"), (byte)'q', 0, .. "ctorch\nByteStorage\n"u8, (byte)'q', 1, .. Text("0"), (byte)'q', 2, .. Text("cpu"), (byte)'q', 3,
        (byte)'K', (byte)number, (byte)'t', (byte)'q', 4, (byte)'Q', (byte)'.',
    ];

    private static byte[] Text(string text) => [(byte)'X', (byte)text.Length, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Tensor(int number, int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++) { bytes[i] = (byte)(number * 37 + i * 101 + (i >> 3)); }
        return bytes;
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        entry.Write(content);
    }
}
