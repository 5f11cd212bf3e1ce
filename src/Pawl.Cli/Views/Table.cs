namespace Pawl.Cli.Views;

/// <summary>Columns as <c>argo</c> prints them: as wide as their longest text, three spaces apart.</summary>
public static class Table
{
    /// <param name="rows">Of the same length each; the first are the headings.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = new int[rows[0].Count];
        foreach (var row in rows)
        {
            for (var i = 0; i < widths.Length; i++) { widths[i] = Math.Max(widths[i], row[i].Length); }
        }
        foreach (var row in rows) { yield return string.Join("   ", row.Select((text, i) => text.PadRight(widths[i]))).TrimEnd(); }
    }
}
