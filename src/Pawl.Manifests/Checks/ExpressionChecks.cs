using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Checks;

/// <summary>Reads the expressions of a manifest without evaluating them. Names are not checked, as in Argo.</summary>
internal static class ExpressionChecks
{
    /// <summary>Every <c>{{=…}}</c> of a text.</summary>
    public static void CheckTags(YamlNode node, Problems problems)
    {
        var text = Masked(node.Text);
        var reads = 0;
        for (var open = text.IndexOf("{{=", StringComparison.Ordinal); open >= 0 && ++reads <= 1000;)
        {
            var start = open + 3;
            var (end, fault) = Read(text, start);
            if (fault is not null)
            {
                var shown = Short(node.Text[start..end]) + (end < text.Length ? "}}" : "");
                Report(node, start + fault.Column - 1, $"expression {{{{={shown}: {fault.Message}", problems);
            }
            open = text.IndexOf("{{=", Math.Min(end, text.Length), StringComparison.Ordinal);
        }
    }

    /// <summary>A field that is an expression as a whole.</summary>
    public static void CheckBare(YamlNode? node, Problems problems)
    {
        if (node is not { Kind: YamlKind.Scalar }) { return; }
        var fault = Fault(Masked(node.Text));
        if (fault is not null) { Report(node, fault.Column - 1, $"expression {Short(node.Text)}: {fault.Message}", problems); }
    }

    // The tag ends at the first braces that leave something readable; else the mistake is that of the shortest.
    private static (int End, ExpressionException? Fault) Read(string text, int start)
    {
        ExpressionException? first = null;
        var firstEnd = text.Length;
        var end = text.IndexOf("}}", start, StringComparison.Ordinal);
        for (var tries = 0; end >= 0 && tries < Substitution.MostEnds; tries++)
        {
            var fault = Fault(text[start..end]);
            if (fault is null) { return (end, null); }
            if (first is null) { (first, firstEnd) = (fault, end); }
            end = text.IndexOf("}}", end + 1, StringComparison.Ordinal);
        }
        return (firstEnd, first ?? new ExpressionException("the tag is not closed; write }} at its end", 1));
    }

    private static ExpressionException? Fault(string expression)
    {
        try
        {
            Expression.Parse(expression);
            return null;
        }
        catch (ExpressionException e)
        {
            return e;
        }
    }

    // Simple tags are filled in before an expression is read: here a word of the same length stands for each.
    private static string Masked(string text)
    {
        if (!text.Contains("{{", StringComparison.Ordinal)) { return text; }
        var masked = text.ToCharArray();
        for (var open = text.IndexOf("{{", StringComparison.Ordinal); open >= 0; open = text.IndexOf("{{", open + 1, StringComparison.Ordinal))
        {
            var end = open + 2;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '_' or '-' or '.' or ' ')) { end++; }
            if (end == open + 2 || string.CompareOrdinal(text, end, "}}", 0, 2) != 0) { continue; }
            masked.AsSpan(open, end + 2 - open).Fill('x');
        }
        return new string(masked);
    }

    private static void Report(YamlNode node, int at, string message, Problems problems)
    {
        at = Math.Clamp(at, 0, node.Text.Length);
        var before = node.Text.AsSpan(0, at);
        // How far a block is indented is not known any more.
        if (node.IsLiteral) { problems.Error(node.Line + 1 + before.Count('\n'), 1, $"{message}, at character {at - before.LastIndexOf('\n')} of the line"); }
        else if (node.Text.Contains('\n', StringComparison.Ordinal)) { problems.Error(node, message); }
        else { problems.Error(node.Line, node.Column + at + (node.IsPlain ? 0 : 1), message); }
    }

    // On one line, however many the expression has.
    private static string Short(string text) =>
        string.Concat(text.Take(120).Select(c => char.IsControl(c) ? ' ' : c)) + (text.Length <= 120 ? "" : "…");
}
