using System.Globalization;
using System.Text;

namespace Pawl.Supervision.Checkpoints.Units;

/// <summary>Names that differ in numbers only: <c>ckpt-0002.pt</c> and <c>ckpt-0003.pt</c>.</summary>
internal static class CountingNames
{
    /// <returns>The name with <c>#</c> for each number.</returns>
    public static string Shape(string path)
    {
        var shape = new StringBuilder(path.Length);
        foreach (var letter in path)
        {
            if (!char.IsAsciiDigit(letter)) { shape.Append(letter); }
            else if (shape.Length == 0 || shape[^1] != '#') { shape.Append('#'); }
        }
        return shape.ToString();
    }

    /// <summary>Whether a number of this name is greater than in all the others, of which no two have the same: then each is one checkpoint, and this is the next.</summary>
    /// <param name="others">Of the same shape: <c>step-1-rank-0</c> and <c>step-1-rank-1</c> count nothing that <c>step-2-rank-0</c> goes on with.</param>
    public static bool GoesOn(string path, IReadOnlyCollection<string> others)
    {
        var numbers = Numbers(path);
        var before = others.Select(Numbers).ToList();
        for (var at = 0; at < numbers.Count; at++)
        {
            var isNext = before.TrueForAll(b => b.Count == numbers.Count && b[at] < numbers[at]) && before.Select(b => b[at]).Distinct().Count() == before.Count;
            if (isNext) { return true; }
        }
        return false;
    }

    private static List<long?> Numbers(string path)
    {
        var numbers = new List<long?>();
        for (var from = 0; from < path.Length; from++)
        {
            if (!char.IsAsciiDigit(path[from])) { continue; }
            var to = from;
            while (to < path.Length && char.IsAsciiDigit(path[to])) { to++; }
            numbers.Add(long.TryParse(path.AsSpan(from, to - from), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null);
            from = to;
        }
        return numbers;
    }
}
