using System.Collections.Immutable;
using Pawl.Core.Expressions;

namespace Pawl.Core.Workflows;

/// <summary>What the arguments of a workflow come to when it is submitted.</summary>
public static class WorkflowParameters
{
    /// <exception cref="ExpressionException">One cannot be had, see <see cref="Unset"/>.</exception>
    public static ImmutableSortedDictionary<string, string> Of(Workflow workflow) =>
        workflow.Arguments.Parameters.ToImmutableSortedDictionary(p => p.Name, p => Value(workflow, p), StringComparer.Ordinal);

    /// <summary>The parameters that have no value, each with the reason.</summary>
    public static IEnumerable<(string Name, string Why)> Unset(Workflow workflow)
    {
        foreach (var parameter in workflow.Arguments.Parameters)
        {
            string why;
            try
            {
                Value(workflow, parameter);
                continue;
            }
            catch (ExpressionException e) { why = e.Message; }
            yield return (parameter.Name, $"failed to set global parameter {parameter.Name}: {why}");
        }
    }

    private static string Value(Workflow workflow, Parameter parameter) => parameter.Value
        ?? (parameter.ValueFrom is { ConfigMapKeyRef: not null } from ? workflow.ConfigMaps.Value(from, name => Literal(workflow, name)) : null)
        ?? parameter.Default ?? "";

    private static string? Literal(Workflow workflow, string name)
    {
        const string word = "workflow.parameters.";
        return name.StartsWith(word, StringComparison.Ordinal)
            ? workflow.Arguments.Parameters.FirstOrDefault(p => p.Name == name[word.Length..])?.Value
            : null;
    }
}
