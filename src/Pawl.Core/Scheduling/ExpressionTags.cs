using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>What becomes of an expression tag that cannot be resolved.</summary>
internal enum Unresolved
{
    /// <summary>It stays in the text, as an unknown simple tag does.</summary>
    Stays,

    /// <summary>Whoever uses the text is told.</summary>
    Fails,
}

/// <summary>Evaluates expressions for a place of a run.</summary>
internal static class ExpressionTags
{
    /// <summary>The scope that knows expression tags too, asked for as <c>=EXPRESSION</c>.</summary>
    /// <param name="salt">Names the place, so that two of one turn draw different chances.</param>
    public static Scope Scope(RunState run, RunNames names, Scope plain, Unresolved unresolved, string salt)
    {
        var draws = 0;
        return name => name is ['=', .. var text] ? Evaluate(text, names, Moment(run, $"{salt}\n{draws++}"), unresolved) : plain(name);
    }

    /// <summary>The time and chance of one expression.</summary>
    public static ExprMoment Moment(RunState run, string salt)
    {
        // FNV-1a: the same in every process, unlike string.GetHashCode.
        var seed = 14695981039346656037UL ^ run.Moment.Seed;
        foreach (var c in salt) { seed = unchecked((seed ^ c) * 1099511628211UL); }
        return run.Moment with { Seed = seed };
    }

    /// <summary>An output of a steps or dag node by <c>valueFrom.expression</c>; null of nil, and of what fails where there is a default.</summary>
    /// <exception cref="ExpressionException">It cannot be evaluated and has no default.</exception>
    public static string? Output(RunState run, Node node, string text, Parameter parameter)
    {
        try
        {
            var names = new RunNames(run, Scopes.Caller(run, node, "", null)) { Inside = node, Bound = node.Inputs };
            return Expression.Parse(text).EvaluateText(names, Moment(run, $"{node.Id.Value}.{parameter.Name}"));
        }
        catch (ExpressionException) when (parameter.ValueFrom?.Default is not null || parameter.Default is not null)
        {
            return null;
        }
        catch (ExpressionException e)
        {
            throw new ExpressionException($"outputs.parameters.{parameter.Name}: failed to evaluate expression: {e.Message}", e.Column);
        }
    }

    /// <summary>What a <c>fromExpression</c> inside a steps or dag node chooses; null of nil.</summary>
    /// <exception cref="ExpressionException">It cannot be evaluated, or gives something else than an artifact.</exception>
    public static BoundArtifact? Artifact(RunState run, Node inside, string text, ArtifactScope artifacts)
    {
        var names = new RunNames(run, Scopes.Caller(run, inside, "", null)) { Inside = inside, Bound = inside.Inputs, Artifacts = artifacts };
        return Expression.Parse(text).Evaluate(names, Moment(run, inside.Id.Value)) switch
        {
            null => null,
            BoundArtifact artifact => artifact,
            _ => throw new ExpressionException($"fromExpression {Short(text)} gave no artifact", 1),
        };
    }

    /// <summary>Whether an expression can be read and uses one of these names.</summary>
    public static bool Mentions(string text, params ReadOnlySpan<string> names)
    {
        try { return Expression.Parse(text).Mentions(names); }
        catch (ExpressionException) { return false; }
    }

    private static string? Evaluate(string text, RunNames names, ExprMoment moment, Unresolved unresolved)
    {
        try
        {
            var expression = Expression.Parse(text);
            if (expression.Missing(names) is { } missing)
            {
                return unresolved == Unresolved.Stays ? null : throw new ExpressionException($"{missing} is not known here", 1);
            }
            var value = expression.EvaluateText(names, moment);
            return value is not null || unresolved == Unresolved.Stays ? value : throw new ExpressionException("it gives nil", 1);
        }
        catch (ExpressionException e) when (unresolved == Unresolved.Fails)
        {
            throw new ExpressionException($"failed to evaluate expression {Short(text)}: {e.Message}", e.Column);
        }
        catch (ExpressionException)
        {
            // As in Argo the tag stays, and whoever reads the text sees it; lint has said what cannot be read.
            return null;
        }
    }

    // On one line, however many the expression has.
    private static string Short(string text) =>
        string.Concat(text.Take(200).Select(c => char.IsControl(c) ? ' ' : c)) + (text.Length <= 200 ? "" : "…");
}
