using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;

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

    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
