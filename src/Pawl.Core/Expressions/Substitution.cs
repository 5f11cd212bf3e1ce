using System.Text;
using Pawl.Core.Expressions.Expr;

namespace Pawl.Core.Expressions;

/// <summary>The value of a name; null where it is not known.</summary>
public delegate string? Scope(string name);

/// <summary>Puts values in the place of <c>{{name}}</c> tags, the inner ones first.</summary>
/// <remarks>
/// Argo substitutes in stages, and each stage reads what the one before wrote, so that a parameter whose value is the text
/// <c>{{workflow.uid}}</c> becomes a tag in a later stage. Here a text is read once, from left to right: an inserted value can
/// be part of an outer tag's name (<c>{{workflow.parameters.{{inputs.parameters.which}}}}</c>) but never opens or closes a tag,
/// so a hostile value cannot inject one. That holds for a caller who applies a scope to what the author wrote, once, and never to
/// a result. Unknown names stay in the text as written, as Argo leaves them. An expression tag (<c>{{=…}}</c>) ends at the first <c>}}</c> that leaves
/// an expression which can be read, and the scope is asked for it by <c>=</c> and its text. Nesting needs no bound of its own: open tags are kept in a list, not on the stack.
/// </remarks>
public static class Substitution
{
    /// <summary>Characters; a fan-in of many 256 KiB results must not take the engine's memory.</summary>
    public const int LongestOutput = 8 * 1024 * 1024;

    // No scope holds a longer name, so longer ones are not even copied out: input of only braces stays linear.
    private const int LongestName = 1024;

    /// <summary>Ends that are tried for one expression tag: a map within a map has braces of its own.</summary>
    public const int MostEnds = 16;

    // Characters of expressions read in all; beyond that their tags stay as they are.
    private const int MostRead = 4 * 1024 * 1024;

    /// <summary>The text with every tag replaced whose name the scope knows; the same string where there is none.</summary>
    /// <exception cref="ExpressionException">The result would be longer than <see cref="LongestOutput"/>.</exception>
    public static string Apply(string text, Scope scope) => Walk(text, scope, unknown: null);

    /// <summary>The names of the tags whose name stands in the text, each once, in order. Of nested tags that is the inner one.</summary>
    public static IReadOnlyList<string> Tags(string text)
    {
        var names = new List<string>();
        Walk(text, static _ => null, name => AddOnce(names, name));
        return names;
    }

    /// <summary>The names, inner tags replaced, that the scope does not know, each once, in order.</summary>
    public static IReadOnlyList<string> Unresolved(string text, Scope scope)
    {
        var names = new List<string>();
        Walk(text, scope, name => AddOnce(names, name));
        return names;
    }

    private static void AddOnce(List<string> names, string name)
    {
        if (!names.Contains(name)) { names.Add(name); }
    }

    private static string Walk(string text, Scope scope, Action<string>? unknown)
    {
        var next = text.IndexOf("{{", StringComparison.Ordinal);
        if (next < 0) { return text; }

        var output = new StringBuilder(text.Length);
        var open = new List<int>();                            // where in the output each tag that is not closed yet begins
        var replaced = false;
        var ends = 0;
        var read = 0L;
        output.Append(text, 0, next);
        while (next < text.Length)
        {
            if (IsPair(text, next, '{'))
            {
                ends = 0;
                open.Add(output.Length);
                output.Append("{{");
                next += 2;
            }
            else if (open.Count > 0 && IsPair(text, next, '}'))
            {
                var start = open[^1];
                var name = NameFrom(output, start);
                if (name is ['=', ..] && ((read += name.Length) > MostRead || !CanBeRead(name)))
                {
                    if (read <= MostRead && ++ends < MostEnds && text.IndexOf("}}", next + 1, StringComparison.Ordinal) >= 0)
                    {
                        output.Append('}');
                        next++;
                        continue;
                    }
                    name = null;
                }
                ends = 0;
                open.RemoveAt(open.Count - 1);
                next += 2;
                if (name is not null && scope(name) is { } value)
                {
                    replaced = true;
                    output.Length = start;
                    if (output.Length + value.Length > LongestOutput) { throw TooLong(start); }
                    output.Append(value);
                }
                else
                {
                    if (name is not (null or ['=', ..])) { unknown?.Invoke(name); }
                    output.Append("}}");
                }
            }
            else
            {
                var end = text.AsSpan(next + 1).IndexOfAny('{', '}');
                end = end < 0 ? text.Length : next + 1 + end;
                output.Append(text, next, end - next);
                next = end;
            }
            if (output.Length > LongestOutput && replaced) { throw TooLong(next); }
        }
        return replaced ? output.ToString() : text;
    }

    private static bool IsPair(string text, int at, char brace) => text[at] == brace && at + 1 < text.Length && text[at + 1] == brace;

    private static bool CanBeRead(string name)
    {
        try
        {
            Expression.Parse(name[1..]);
            return true;
        }
        catch (ExpressionException)
        {
            return false;
        }
    }

    // Null where what stands after the braces cannot be a tag: nothing, or no expression but text with braces of its own, such as
    // a tag around one that nobody knew.
    private static string? NameFrom(StringBuilder output, int start)
    {
        var length = output.Length - start - 2;
        if (length > 1 && output[start + 2] == '=') { return length <= Expression.LongestExpression ? output.ToString(start + 2, length) : null; }
        if (length is 0 or > LongestName || output[start + 2] == '=') { return null; }
        var name = output.ToString(start + 2, length).Trim();
        return name.Length == 0 || name.Contains("{{", StringComparison.Ordinal) ? null : name;
    }

    private static ExpressionException TooLong(int at) =>
        new($"the text is longer than {LongestOutput:N0} characters with its tags replaced; pass large values as artifacts", at + 1);
}
