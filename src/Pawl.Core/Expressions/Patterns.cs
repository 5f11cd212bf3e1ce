using System.Text.RegularExpressions;

namespace Pawl.Core.Expressions;

/// <summary>Regular expressions from manifests and settings: RE2's, run by an engine whose time grows only with the text.</summary>
/// <remarks>What RE2 has no word for (look-around, references back) is refused here too. <c>\d</c> and <c>\w</c> know all of Unicode, which RE2's do not.</remarks>
internal static class Patterns
{
    private const int LongestPattern = 4096;

    // RE2's own bound; without it a few characters, ((a{999}){999}){999}, ask for a billion states.
    private const long MostRepeats = 1000;

    /// <summary>The compiled pattern, or null and why not.</summary>
    public static Regex? Compile(string pattern, out string? problem)
    {
        problem = pattern.Length > LongestPattern ? $"it is longer than {LongestPattern} characters"
            : Repeats(pattern) > MostRepeats ? $"it repeats something more than {MostRepeats} times"
            : null;
        if (problem is not null) { return null; }
        try
        {
            return new Regex(Net(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            problem = e.Message;
            return null;
        }
    }

    private static string Net(string pattern) => pattern
        .Replace("(?P<", "(?<", StringComparison.Ordinal)
        .Replace("[:alpha:]", "a-zA-Z", StringComparison.Ordinal)
        .Replace("[:alnum:]", "0-9a-zA-Z", StringComparison.Ordinal)
        .Replace("[:digit:]", "0-9", StringComparison.Ordinal)
        .Replace("[:lower:]", "a-z", StringComparison.Ordinal)
        .Replace("[:upper:]", "A-Z", StringComparison.Ordinal)
        .Replace("[:space:]", "\\s", StringComparison.Ordinal);

    // The largest product of counts, {n,m}, that stand within each other.
    private static long Repeats(string pattern)
    {
        var outer = new Stack<long>();
        long group = 1, last = 1;
        for (var i = 0; i < pattern.Length && group <= MostRepeats; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    last = 1;
                    break;
                case '[':
                    i = EndOfClass(pattern, i);
                    last = 1;
                    break;
                case '(':
                    outer.Push(group);
                    group = last = 1;
                    break;
                case ')':
                    last = group;
                    group = Math.Max(group, outer.TryPop(out var before) ? before : 1);
                    break;
                case '{' when Count(pattern, i) is { } count:
                    last = Math.Min(last * count, MostRepeats + 1);
                    group = Math.Max(group, last);
                    break;
                case '*' or '+' or '?' or '}' or ',' or (>= '0' and <= '9'):
                    break;                                     // keeps what a count after it, or its end, belongs to
                default:
                    last = 1;
                    break;
            }
        }
        return group;
    }

    private static int EndOfClass(string pattern, int at)
    {
        var i = at + 1;
        if (i < pattern.Length && pattern[i] == '^') { i++; }
        if (i < pattern.Length && pattern[i] == ']') { i++; }
        for (; i < pattern.Length && pattern[i] != ']'; i++)
        {
            if (pattern[i] == '\\') { i++; }
        }
        return i;
    }

    // The greatest number of a {n}, {n,} or {n,m}; null where the brace is only a brace.
    private static long? Count(string pattern, int at)
    {
        var end = pattern.IndexOf('}', at);
        if (end < 0 || end == at + 1) { return null; }
        long greatest = 0, number = 0;
        foreach (var c in pattern.AsSpan(at + 1, end - at - 1))
        {
            if (c == ',') { number = 0; continue; }
            if (!char.IsAsciiDigit(c)) { return null; }
            number = Math.Min(number * 10 + (c - '0'), MostRepeats + 1);
            greatest = Math.Max(greatest, number);
        }
        return Math.Max(greatest, 1);
    }
}
