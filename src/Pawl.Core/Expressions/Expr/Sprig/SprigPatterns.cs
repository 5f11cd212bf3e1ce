using System.Text;
using System.Text.RegularExpressions;

namespace Pawl.Core.Expressions.Expr;

/// <summary>What Go's <c>regexp</c> does with matches.</summary>
internal static class SprigPatterns
{
    /// <param name="isLiteral">The replacement is text; else <c>$1</c>, <c>${1}</c> and <c>${name}</c> stand for groups.</param>
    public static string Replace(ExprCall c, Regex pattern, string text, string by, bool isLiteral = false)
    {
        var output = new FuelText(c.Fuel, c.Column);
        var at = 0;
        for (var match = pattern.Match(text); match.Success; match = match.NextMatch())
        {
            output.Append(text[at..match.Index]);
            if (isLiteral) { output.Append(by); }
            else { Expand(output, by, match); }
            at = match.Index + match.Length;
        }
        output.Append(text[at..]);
        return output.ToString();
    }

    // A name is as long as it can be: $1x is the group "1x", which is empty.
    private static void Expand(FuelText output, string by, Match match)
    {
        for (var at = 0; at < by.Length;)
        {
            var dollar = by.IndexOf('$', at);
            if (dollar < 0 || dollar + 1 >= by.Length)
            {
                output.Append(by[at..]);
                return;
            }
            output.Append(by[at..dollar]);
            at = dollar + 1;
            if (by[at] == '$')
            {
                output.Append('$');
                at++;
                continue;
            }
            var isBraced = by[at] == '{';
            var start = isBraced ? at + 1 : at;
            var end = start;
            while (end < by.Length && (char.IsLetterOrDigit(by[end]) || by[end] == '_')) { end++; }
            if (end == start || (isBraced && (end >= by.Length || by[end] != '}')))
            {
                output.Append('$');
                continue;
            }
            output.Append(match.Groups[by[start..end]].Value);
            at = isBraced ? end + 1 : end;
        }
    }

    /// <param name="most">Parts; all below 0.</param>
    public static List<object?> Split(ExprCall c, Regex pattern, string text, long most)
    {
        var parts = new List<object?>();
        if (most == 0) { return parts; }
        var at = 0;
        for (var match = pattern.Match(text); match.Success && (most < 0 || parts.Count < most - 1); match = match.NextMatch())
        {
            c.Fuel.Spend(c.Column);
            // Nothing is cut off by nothing at either end.
            if (match.Length == 0 && (match.Index == 0 || match.Index >= text.Length)) { continue; }
            parts.Add(c.Made(text[at..match.Index]));
            at = match.Index + match.Length;
        }
        parts.Add(c.Made(text[at..]));
        return parts;
    }

    public static string Quote(string text)
    {
        var quoted = new StringBuilder();
        foreach (var c in text)
        {
            if ("\\.+*?()|[]{}^$".Contains(c, StringComparison.Ordinal)) { quoted.Append('\\'); }
            quoted.Append(c);
        }
        return quoted.ToString();
    }
}
