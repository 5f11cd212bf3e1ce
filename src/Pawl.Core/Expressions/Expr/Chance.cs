namespace Pawl.Core.Expressions.Expr;

/// <summary>Numbers that follow from a seed (SplitMix64): an expression evaluated again for the same observation draws the same ones.</summary>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <param name="end">Above 0; not drawn itself.</param>
    public long Below(long end) => (long)(Next() % (ulong)end);

    public string Letters(string alphabet, int count) => string.Create(count, (this, alphabet), static (text, from) =>
    {
        for (var i = 0; i < text.Length; i++) { text[i] = from.alphabet[(int)from.Item1.Below(from.alphabet.Length)]; }
    });

    /// <summary>A random UUID, version 4.</summary>
    public string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Next());
        BitConverter.TryWriteBytes(bytes[8..], Next());
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
