using System.Security.Cryptography;
using System.Text;

namespace Pawl.Core.Expressions.Expr;

/// <summary>Sprig's hashes and encodings, and what it draws by chance: here from the seed of the observation.</summary>
internal static class SprigCodes
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static ExprFamily All { get; } = new()
    {
        { "b64enc", 1, c => TypeFunctions.ToBase64(c, c.Text(0)) },
        // Sprig gives the error's text for a result.
        { "b64dec", 1, c => TypeFunctions.FromBase64(c, c.Text(0)) ?? "illegal base64 data" },
        { "b32enc", 1, ToBase32 },
        { "b32dec", 1, c => FromBase32(c, c.Text(0)) ?? "illegal base32 data" },
        { "sha1sum", 1, Sha1 },
        { "sha256sum", 1, c => Hex(c, SHA256.HashData) },
        { "sha512sum", 1, c => Hex(c, SHA512.HashData) },
        { "adler32sum", 1, Adler32 },
        { "uuidv4", 0, c => c.Run.Chance.Uuid() },
        { "randBytes", 1, RandomBytes },
    };

    private static string Hex(ExprCall c, Func<byte[], byte[]> hash) => Convert.ToHexStringLower(hash(Bytes(c)));

    private static byte[] Bytes(ExprCall c)
    {
        c.Fuel.Make(c.Column, c.Text(0).Length);
        return Encoding.UTF8.GetBytes(c.Text(0));
    }

#pragma warning disable CA5350 // Sprig's function is SHA-1 by name; manifests use it to shorten names, not to protect anything.
    private static string Sha1(ExprCall c) => Hex(c, SHA1.HashData);
#pragma warning restore CA5350

    private static string Adler32(ExprCall c)
    {
        uint a = 1, b = 0;
        foreach (var octet in Bytes(c))
        {
            a = (a + octet) % 65521;
            b = (b + a) % 65521;
        }
        return ExprValues.Text((long)((b << 16) | a));
    }

    private static string ToBase32(ExprCall c)
    {
        var bytes = Bytes(c);
        c.Fuel.Make(c.Column, bytes.Length * 2L);
        var text = new StringBuilder();
        for (var at = 0; at < bytes.Length; at += 5)
        {
            var count = Math.Min(5, bytes.Length - at);
            ulong group = 0;
            for (var i = 0; i < 5; i++) { group = (group << 8) | (i < count ? bytes[at + i] : 0u); }
            var letters = (count * 8 + 4) / 5;
            for (var i = 0; i < 8; i++) { text.Append(i < letters ? Base32[(int)(group >> (35 - 5 * i)) & 31] : '='); }
        }
        return text.ToString();
    }

    private static string? FromBase32(ExprCall c, string text)
    {
        c.Fuel.Make(c.Column, text.Length);
        if (text.Length % 8 != 0) { return null; }
        var plain = text.TrimEnd('=');
        if (text.Length - plain.Length is not (0 or 1 or 3 or 4 or 6)) { return null; }
        var bytes = new List<byte>();
        uint bits = 0;
        var count = 0;
        foreach (var letter in plain)
        {
            var value = Base32.IndexOf(letter, StringComparison.Ordinal);
            if (value < 0) { return null; }
            bits = (bits << 5) | (uint)value;
            count += 5;
            if (count >= 8)
            {
                count -= 8;
                bytes.Add((byte)(bits >> count));
            }
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static string RandomBytes(ExprCall c)
    {
        if (c.Whole(0) is < 0 or > 100_000) { throw c.Fail("the length is not between 0 and 100,000"); }
        var bytes = new byte[c.Small(0)];
        c.Fuel.Make(c.Column, bytes.Length * 2L);
        for (var i = 0; i < bytes.Length; i++) { bytes[i] = (byte)c.Run.Chance.Next(); }
        return Convert.ToBase64String(bytes);
    }
}
