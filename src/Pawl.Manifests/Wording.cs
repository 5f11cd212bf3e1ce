using System.Text;

namespace Pawl.Manifests;

/// <summary>How user text is shown in a message.</summary>
internal static class Wording
{
    private const int Longest = 80;

    /// <summary>In single quotes, cut at 80 characters, control characters as <c>?</c>, so that a message stays one line.</summary>
    public static string Quoted(this string text)
    {
        var shown = new StringBuilder("'", Longest + 4);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, Longest))) { shown.Append(char.IsControl(c) ? '?' : c); }
        return shown.Append(text.Length > Longest ? "…'" : "'").ToString();
    }

    /// <summary>A message followed by what Argo says of the same mistake, where its words are others.</summary>
    public static string InArgo(this string message, string argo) => $"{message} [argo: {argo}]";

    /// <summary>A hint that names what was most likely meant; empty when nothing is near.</summary>
    public static string DidYouMean(string written, IEnumerable<string> known) =>
        Nearest(written, known) is { } near ? $"; did you mean {near.Quoted()}?" : "";

    public static string? Nearest(string written, IEnumerable<string> known)
    {
        if (written.Length is 0 or > 64) { return null; }
        string? best = null;
        // One slip in a short name, two in a word, a third of a long name; of two letters nothing can be guessed.
        var least = written.Length switch { <= 2 => 1, <= 4 => 2, _ => Math.Max(2, written.Length / 3) + 1 };
        // A list of thousands of names is somebody's program, not somebody's slip.
        foreach (var name in known.Take(1000))
        {
            if (Math.Abs(name.Length - written.Length) >= least) { continue; }
            var distance = Distance(written, name);
            if (distance < least) { (best, least) = (name, distance); }
        }
        return best;
    }

    // Levenshtein, two rows; both texts are short, see above.
    private static int Distance(string a, string b)
    {
        Span<int> above = stackalloc int[b.Length + 1];
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) { above[j] = j; }
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + same);
            }
            row.CopyTo(above);
        }
        return above[b.Length];
    }
}
