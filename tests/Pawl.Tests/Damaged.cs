using System.Text;

namespace Pawl.Tests;

/// <summary>Documents damaged by chance.</summary>
internal static class Damaged
{
    /// <param name="other">A line of it may come in between.</param>
    /// <param name="pieces">May come in between.</param>
    public static byte[] Of(byte[] document, byte[] other, string[] pieces, Random dice)
    {
        var bytes = document.ToList();
        for (var change = dice.Next(1, 6); change > 0 && bytes.Count > 0; change--)
        {
            var at = dice.Next(bytes.Count);
            var length = Math.Min(dice.Next(1, 40), bytes.Count - at);
            switch (dice.Next(7))
            {
                case 0: bytes[at] = (byte)dice.Next(256); break;
                case 1: bytes.RemoveRange(at, length); break;
                case 2: bytes.InsertRange(at, Encoding.UTF8.GetBytes(pieces[dice.Next(pieces.Length)])); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 4: bytes.InsertRange(at, Line(other, dice)); break;
                case 5: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes[at] ^= (byte)(1 << dice.Next(8)); break;
            }
        }
        return [.. bytes];
    }

    private static byte[] Line(byte[] document, Random dice)
    {
        var lines = Encoding.UTF8.GetString(document).Split('\n');
        return Encoding.UTF8.GetBytes(lines[dice.Next(lines.Length)] + "\n");
    }
}
