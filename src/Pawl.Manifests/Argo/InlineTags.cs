using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>The tags of a template inside a call that its caller might know: Argo fills in a call as a whole, its template included.</summary>
internal static class InlineTags
{
    private static readonly string[] OfCallers = ["inputs.", "item.", "steps.", "tasks."];

    /// <summary>Each once.</summary>
    public static IEnumerable<string> In(YamlNode node) => Texts(node).SelectMany(Names).Where(IsOfCaller).Distinct(StringComparer.Ordinal);

    // A field that is an expression as a whole is one in a tag.
    private static IEnumerable<string> Texts(YamlNode node) => node.Kind is YamlKind.Scalar
        ? [node.Text]
        : node.Items.SelectMany(Texts).Concat(node.Entries.SelectMany(e => Texts(e.Key)
            .Concat(e.Key.Text is "expression" or "fromExpression" && e.Value.Kind is YamlKind.Scalar ? [$"{{{{={e.Value.Text}}}}}"] : Texts(e.Value))));

    private static IEnumerable<string> Names(string text) => Tags.AnyIn(text)
        ? Tags.In(text).Select(t => t.Tag).Concat(Tags.HasExpression(text) ? Words(text) : [])
        : [];

    // In an expression a name stands among others: any word that looks like one is worth a look-up.
    private static IEnumerable<string> Words(string text)
    {
        // inputs.parameters['a-b'] is the only way to write a name with a hyphen.
        text = text.Replace("['", ".", StringComparison.Ordinal).Replace("[\"", ".", StringComparison.Ordinal).Replace("?.", ".", StringComparison.Ordinal);
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '_' or '-')) { end++; }
            if (end > at) { yield return text[at..end]; }
            at = end + 1;
        }
    }

    private static bool IsOfCaller(string name) => name == "item" || OfCallers.Any(p => name.StartsWith(p, StringComparison.Ordinal));
}
