using System.Globalization;
using System.Text;

namespace Pawl.Cli.Views;

/// <summary>Text of strangers on its way to a terminal, and how times and sizes are written.</summary>
public static class Text
{
    /// <summary>One line without anything that moves a cursor, colours, rings, or turns the direction of writing.</summary>
    /// <param name="keepColours">Let sequences pass that only colour (SGR).</param>
    public static string Clean(string text, bool keepColours = false)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) { return text; }
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '\e' or '\u009b')
            {
                var end = SequenceEnd(text, i);
                if (keepColours && IsColour(text.AsSpan(i, end - i))) { clean.Append(text, i, end - i); }
                i = end - 1;
            }
            else if (c == '\t') { clean.Append("    "); }
            else if (c is '\r' or '\n') { clean.Append(' '); }
            else if (!char.IsControl(c) && CharUnicodeInfo.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator))
            {
                clean.Append(c);
            }
        }
        return clean.ToString();
    }

    /// <summary>As <c>argo</c> shows it: two units at most, such as <c>8s</c>, <c>1m 5s</c>, <c>2h 3m</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.Zero) { time = TimeSpan.Zero; }
        return time switch
        {
            { TotalMinutes: < 1 } => Invariant($"{time.Seconds}s"),
            { TotalHours: < 1 } => Invariant($"{time.Minutes}m {time.Seconds}s"),
            { TotalDays: < 1 } => Invariant($"{time.Hours}h {time.Minutes}m"),
            _ => Invariant($"{time.Days}d {time.Hours}h"),
        };
    }

    /// <summary>One unit, such as <c>5m</c>.</summary>
    public static string Age(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => Invariant($"{Math.Max(0, time.Seconds)}s"),
        { TotalHours: < 1 } => Invariant($"{time.Minutes}m"),
        { TotalDays: < 1 } => Invariant($"{time.Hours}h"),
        _ => Invariant($"{time.Days}d"),
    };

    public static string Size(long bytes) => bytes switch
    {
        < 1 << 10 => Invariant($"{bytes} B"),
        < 1 << 20 => Invariant($"{bytes / 1024.0:0.0} KiB"),
        < 1 << 30 => Invariant($"{bytes / 1048576.0:0.0} MiB"),
        _ => Invariant($"{bytes / 1073741824.0:0.0} GiB"),
    };

    /// <summary>RFC 3339 in UTC, whole seconds, as Argo's objects have it.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Cut(string text, int length) => text.Length <= length ? text : length < 1 ? "" : string.Concat(text.AsSpan(0, length - 1), "…");

    /// <summary>As a shell takes it for one word.</summary>
    public static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=@+,".Contains(c))
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // CSI ends with a letter, OSC and its kin with BEL or ST, any other escape is two characters long.
    private static int SequenceEnd(string text, int start)
    {
        var csi = text[start] == '\u009b';
        var at = start + 1;
        if (!csi && at < text.Length)
        {
            csi = text[at] == '[';
            if (text[at] is ']' or 'P' or 'X' or '^' or '_')
            {
                while (at < text.Length && text[at] is not ('\a' or '\u009c')
                    && !(text[at] == '\e' && at + 1 < text.Length && text[at + 1] == '\\')) { at++; }
                return Math.Min(text.Length, at < text.Length && text[at] == '\e' ? at + 2 : at + 1);
            }
            at++;
        }
        if (!csi) { return at; }
        while (at < text.Length && text[at] is >= ' ' and < '@') { at++; }
        return Math.Min(text.Length, at + 1);
    }

    private static bool IsColour(ReadOnlySpan<char> sequence) =>
        sequence is ['\e', '[', .. var middle, 'm'] && middle.TrimEnd("0123456789;:").IsEmpty;
}
