using System.Globalization;
using System.Text;

namespace Pawl.Conformance;

internal enum Standing
{
    Passed,

    /// <summary>It will not pass, and users are told why.</summary>
    Excepted,

    /// <summary>It is listed as not passing yet.</summary>
    NotYet,

    Failed,
}

/// <summary>The verdicts of a collection, counted, and every one that did not pass.</summary>
internal sealed class Table(string title, IReadOnlyCollection<Verdict> verdicts, TimeSpan took)
{
    public static Standing Of(Verdict verdict) => verdict.Passed ? Standing.Passed
        : Lists.Exceptions.ContainsKey(verdict.Row.Name) ? Standing.Excepted
        : Lists.NotYet.ContainsKey(verdict.Key) ? Standing.NotYet
        : Standing.Failed;

    /// <summary>Listed as not passing, and passing.</summary>
    public IEnumerable<Verdict> Surprises => verdicts.Where(v => v.Passed && (Lists.NotYet.ContainsKey(v.Key) || Lists.Exceptions.ContainsKey(v.Row.Name)));

    public IEnumerable<Verdict> Failures => verdicts.Where(v => Of(v) is Standing.Failed);

    /// <summary>Adds it to the file that PAWL_CONFORMANCE_TABLE names.</summary>
    public void Save()
    {
        if (Environment.GetEnvironmentVariable("PAWL_CONFORMANCE_TABLE") is { Length: > 0 } file) { File.AppendAllText(file, ToString() + "\n"); }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{title}, in {took.TotalSeconds:0} s");
        text.AppendLine(CultureInfo.InvariantCulture, $"  {"check",-22}{"rows",6}{"passed",8}{"excepted",10}{"not yet",9}{"failed",8}{"%",8}");
        foreach (var group in verdicts.GroupBy(Group).OrderBy(g => g.Key, StringComparer.Ordinal)) { Line(text, group.Key, [.. group]); }
        var played = verdicts.Where(v => v.Check is Check.Run).ToList();
        if (played.Count > 0) { Line(text, "run, all", played); }
        Reasons(text);
        foreach (var verdict in verdicts.Where(v => !v.Passed).OrderBy(Of).ThenBy(v => v.Key, StringComparer.Ordinal))
        {
            var remark = verdict.Remark.ReplaceLineEndings(" ");
            text.AppendLine(CultureInfo.InvariantCulture, $"  {Of(verdict),-9}{verdict.Key}: {verdict.Reason}{(remark.Length > 0 ? $" ({remark[..Math.Min(remark.Length, 300)]})" : "")}");
        }
        foreach (var verdict in Surprises) { text.AppendLine(CultureInfo.InvariantCulture, $"  Passes now: {verdict.Key}"); }
        return text.ToString();
    }

    private void Reasons(StringBuilder text)
    {
        foreach (var check in verdicts.Where(v => !v.Passed).GroupBy(v => v.Check).OrderBy(g => g.Key))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {check.Key}, by reason:");
            foreach (var reason in check.GroupBy(v => v.Reason).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"    {reason.Count(),4}  {reason.Key}");
            }
        }
    }

    private static void Line(StringBuilder text, string name, List<Verdict> rows)
    {
        int Count(Standing standing) => rows.Count(v => Of(v) == standing);
        text.AppendLine(CultureInfo.InvariantCulture,
            $"  {name,-22}{rows.Count,6}{Count(Standing.Passed),8}{Count(Standing.Excepted),10}{Count(Standing.NotYet),9}{Count(Standing.Failed),8}{100.0 * Count(Standing.Passed) / rows.Count,8:0.0}");
    }

    private static string Group(Verdict verdict) => verdict.Check is Check.Run ? $"run, {verdict.Row.RunsLocally}"
        : verdict.Row.IsInvalid ? "invalid, refused" : "valid, taken";
}
