using System.Collections.Immutable;
using Pawl.Core.Expressions;

namespace Pawl.Core.Workflows;

/// <summary>What <c>depends</c> may say of a task.</summary>
public enum TaskResult
{
    Succeeded,
    Failed,
    Errored,
    Skipped,
    Omitted,
    Daemoned,

    /// <summary>Of a loop: at least one item Succeeded.</summary>
    AnySucceeded,

    /// <summary>Of a loop: there are items, and every one Failed.</summary>
    AllFailed,
}

/// <summary>When a task of a dag may start: a boolean expression over the results of other tasks.</summary>
public abstract record DependsExpr
{
    /// <summary>Parentheses and negations inside each other.</summary>
    public const int DeepestNesting = 200;

    /// <summary>Characters.</summary>
    public const int LongestText = 64 * 1024;

    private DependsExpr() { }

    /// <summary>The tasks mentioned, each once, in order: all of them must be through before the expression is asked.</summary>
    public ImmutableArray<string> Tasks => [.. Mentioned.Select(m => m.Task).Distinct(StringComparer.Ordinal)];

    /// <summary>Every mention of a task, with the result it is asked for; null is the bare name.</summary>
    public IEnumerable<(string Task, TaskResult? Result)> Mentioned => this switch
    {
        Is i => [(i.Task, i.Result)],
        Not n => n.Of.Mentioned,
        All a => a.Of.SelectMany(e => e.Mentioned),
        Any a => a.Of.SelectMany(e => e.Mentioned),
        _ => [],
    };

    /// <summary>Argo's <c>dependencies</c>: every one must be through as a bare name in <c>depends</c> would have it.</summary>
    public static DependsExpr Every(IEnumerable<string> dependencies) => new All([.. dependencies.Select(d => new Is(d, null))]);

    /// <exception cref="ExpressionException">It is no such expression, too long or too deep.</exception>
    public static DependsExpr Parse(string text) => new DependsReader(text).Read();

    /// <param name="isSo">Answers for one mention of a task.</param>
    public bool Holds(Func<string, TaskResult?, bool> isSo) => this switch
    {
        Is i => isSo(i.Task, i.Result),
        Not n => !n.Of.Holds(isSo),
        All a => a.Of.All(e => e.Holds(isSo)),
        Any a => a.Of.Any(e => e.Holds(isSo)),
        Const c => c.Value,
        _ => throw new System.Diagnostics.UnreachableException($"{GetType().Name} is not handled"),
    };

    /// <param name="Result">Null is the bare name: Succeeded, Skipped or Daemoned, or ended as the task's own continueOn allows.</param>
    public sealed record Is(string Task, TaskResult? Result) : DependsExpr;

    public sealed record Not(DependsExpr Of) : DependsExpr;

    /// <summary>True also of nothing.</summary>
    public sealed record All(ImmutableArray<DependsExpr> Of) : DependsExpr;

    public sealed record Any(ImmutableArray<DependsExpr> Of) : DependsExpr;

    public sealed record Const(bool Value) : DependsExpr;
}
