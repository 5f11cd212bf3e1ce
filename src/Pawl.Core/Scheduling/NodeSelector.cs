using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>Argo's node field selectors: <c>displayName=approve,phase!=Failed</c>; a comma means and.</summary>
public static class NodeSelector
{
    /// <param name="run">Name of the node's run.</param>
    public static bool Matches(string selector, string run, Node node) =>
        selector.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(term => Holds(term, run, node));

    /// <returns>What is wrong with a selector; null where it can be used.</returns>
    public static string? Problem(string selector)
    {
        foreach (var term in selector.Split(',', StringSplitOptions.TrimEntries))
        {
            var (field, _, _) = Split(term);
            if (field is not ("displayName" or "name" or "id" or "templateName" or "phase")
                && !(field.StartsWith("inputs.parameters.", StringComparison.Ordinal) && field.EndsWith(".value", StringComparison.Ordinal)))
            {
                return $"'{term}' is not a node field selector; write FIELD=VALUE or FIELD!=VALUE with FIELD one of "
                    + "displayName, name, id, templateName, phase, inputs.parameters.NAME.value";
            }
        }
        return null;
    }

    private static bool Holds(string term, string run, Node node)
    {
        var (field, value, equal) = Split(term);
        var actual = field switch
        {
            "displayName" => node.DisplayName,
            "name" => node.Id.Value,
            "id" => Names.ArgoId(run, node.Id),
            "templateName" => TemplateKey.Of(node.Template)?.Template ?? node.Template,
            "phase" => node.Phase.ToString(),
            _ when field.StartsWith("inputs.parameters.", StringComparison.Ordinal) && field.EndsWith(".value", StringComparison.Ordinal) =>
                node.Inputs.Parameters.GetValueOrDefault(field["inputs.parameters.".Length..^".value".Length]),
            _ => null,
        };
        return string.Equals(actual, value, StringComparison.Ordinal) == equal;
    }

    private static (string Field, string Value, bool Equal) Split(string term)
    {
        var at = term.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0) { return (term, "", true); }
        var equal = term[at - 1] != '!';
        return (term[..(equal ? at : at - 1)].Trim(), term[(at + 1)..].TrimStart('=').Trim(), equal);
    }
}
