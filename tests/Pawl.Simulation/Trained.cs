using System.Globalization;
using System.Text;

namespace Pawl.Simulation;

/// <summary>What the trainers of a made-up world write into a checkpoint: it says itself who wrote it, and whether it is whole.</summary>
/// <param name="Start">Who wrote it.</param>
/// <param name="Recipe">What is trained: another one's checkpoint is worth nothing.</param>
/// <param name="Task">Of the step, as <see cref="TaskOf"/> says it.</param>
/// <param name="Step">The last training step that it includes.</param>
public sealed record Trained(int Start, string Recipe, string Task, long Step)
{
    /// <summary>Of the run's own attempts.</summary>
    public const string OwnRecipe = "own";

    private const int HeaderLength = 64;
    private const int FrozenLength = 128;

    /// <summary>A header, a part that is the same in all checkpoints of a step, as frozen layers are, and a part that never is.</summary>
    public byte[] Content()
    {
        var text = new StringBuilder(400).Append(CultureInfo.InvariantCulture, $"{Start}|{Recipe}|{Task}|{Step}|");
        text.Append('.', HeaderLength - text.Length);
        Throw(text, new Dice(Hash(Task + Recipe)), FrozenLength);
        var dice = new Dice(((ulong)Start * 7919) + (ulong)Step);
        Throw(text, dice, dice.Between(20, 150));
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <returns>Null where no trainer ever wrote exactly these bytes.</returns>
    public static Trained? WrittenAs(ReadOnlySpan<byte> bytes)
    {
        var parts = Encoding.ASCII.GetString(bytes[..Math.Min(bytes.Length, HeaderLength)]).Split('|');
        if (parts.Length < 5 || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out var start) || !long.TryParse(parts[3], CultureInfo.InvariantCulture, out var step))
        {
            return null;
        }
        var said = new Trained(start, parts[1], parts[2], step);
        return bytes.SequenceEqual(said.Content()) ? said : null;
    }

    public static string TaskOf(string step) => Hash(step).ToString("x16", CultureInfo.InvariantCulture);

    private static void Throw(StringBuilder text, Dice dice, int length)
    {
        for (var i = 0; i < length; i++) { text.Append((char)('a' + dice.Next(26))); }
    }

    private static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text) { hash = (hash ^ c) * 1099511628211UL; }
        return hash;
    }
}
