using System.Collections.Immutable;
using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>The labels whose values a workflow leaves to expressions: Argo's <c>workflowMetadata.labelsFrom</c>.</summary>
public static class AddedLabels
{
    private const int LongestLabel = 63;

    /// <param name="submitted">Says what the expressions see.</param>
    /// <exception cref="ExpressionException">One cannot be evaluated, or gives what no label can be.</exception>
    public static ImmutableSortedDictionary<string, string> Of(Workflow workflow, RunEvent.Submitted submitted)
    {
        var run = Scheduler.Apply(RunState.Begin(workflow), submitted);
        var names = new RunNames(run, Scopes.Globals(run));
        var labels = Workflow.NoText;
        foreach (var (label, expression) in workflow.LabelsFrom)
        {
            object? value;
            try { value = Expression.Parse(expression).Evaluate(names, new ExprMoment(submitted.At, 0)); }
            catch (ExpressionException e) { throw new ExpressionException($"failed to evaluate label '{label}' expression '{expression}': {e.Message}", e.Column); }
            labels = value is string text && IsLabel(text)
                ? labels.SetItem(label, text)
                : throw new ExpressionException($"label '{label}': expression '{expression}' gave no text that a label can be", 1);
        }
        return labels;
    }

    private static bool IsLabel(string text) => text.Length == 0
        || (text.Length <= LongestLabel && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'));
}
