using Pawl.Core.Expressions;
using Pawl.Core.Workflows;
using Xunit;

namespace Pawl.Tests.Core.Workflows;

/// <summary>The grammar of <c>depends</c>.</summary>
public sealed class DependsExprTests
{
    [Theory]
    [InlineData("A", "A")]
    [InlineData(" A && B||C ", "((A&B)|C)")]
    [InlineData("A and B or not C", "((A&B)|!C)")]
    [InlineData("A && (B.Failed || !C.Omitted)", "(A&(B.Failed|!C.Omitted))")]
    [InlineData("!!A", "!!A")]
    [InlineData("a-b && a_b && 1c", "(a-b&a_b&1c)")]
    [InlineData("'5A' && \"b\".Errored", "(5A&b.Errored)")]
    [InlineData("and.Failed || nothing || or-else", "(and.Failed|nothing|or-else)")]
    [InlineData("not(A) and(B)", "(!A&B)")]
    [InlineData("true && A || false", "((true&A)|false)")]
    [InlineData("A.AnySucceeded || A.AllFailed || A.Daemoned || A.Skipped", "(A.AnySucceeded|A.AllFailed|A.Daemoned|A.Skipped)")]
    public void Names_results_signs_and_words_are_read(string text, string tree) => Assert.Equal(tree, Shown(DependsExpr.Parse(text)));

    [Theory]
    [InlineData("", 1, "unexpected end; write the name of a task")]
    [InlineData("A &&", 5, "unexpected end; write the name of a task")]
    [InlineData("A B", 3, "unexpected 'B'")]
    [InlineData("(A", 3, "unexpected end; a parenthesis is not closed")]
    [InlineData("'A", 3, "unexpected end; a quote is not closed")]
    [InlineData("A & B", 3, "unexpected '&'")]
    [InlineData("A.Suceeded", 3, "task result 'Suceeded' for task 'A' is invalid; write one of Succeeded, Failed, Errored, Skipped, Omitted, Daemoned, AnySucceeded, AllFailed")]
    [InlineData("A.", 3, "task result '' for task 'A' is invalid; write one of Succeeded, Failed, Errored, Skipped, Omitted, Daemoned, AnySucceeded, AllFailed")]
    [InlineData("A || and", 6, "unexpected 'a'; write the name of a task")]
    public void Mistakes_have_a_column(string text, int column, string message)
    {
        var e = Assert.Throws<ExpressionException>(() => DependsExpr.Parse(text));
        Assert.Equal((column, message), (e.Column, e.Message));
    }

    [Theory]
    [InlineData('(')]
    [InlineData('!')]
    public void Depth_has_an_end(char nested) =>
        Assert.Contains("more than 200", Assert.Throws<ExpressionException>(() => DependsExpr.Parse(new string(nested, 50_000) + "A")).Message, StringComparison.Ordinal);

    [Fact]
    public void Length_has_an_end() =>
        Assert.Contains("65,536", Assert.Throws<ExpressionException>(() => DependsExpr.Parse(new string('A', 70_000))).Message, StringComparison.Ordinal);

    [Fact]
    public void Thousands_of_names_in_a_row_are_no_depth()
    {
        var names = Enumerable.Range(0, 6_000).Select(i => $"t{i}").ToArray();
        Assert.Equal(names, DependsExpr.Parse(string.Join(" && ", names)).Tasks);
    }

    [Fact]
    public void Each_task_is_waited_for_once() => Assert.Equal(["B", "A"], DependsExpr.Parse("B.Failed || A || !B").Tasks);

    [Fact]
    public void A_plan_takes_its_edges_from_either_field()
    {
        var plan = new DagPlan(
            [
                new Call { Name = "d", Template = "x", Depends = DependsExpr.Parse("b || c.Failed") },
                new Call { Name = "b", Template = "x", Depends = DependsExpr.Parse("a") },
                new Call { Name = "c", Template = "x", Dependencies = ["a", "a"] },
                new Call { Name = "a", Template = "x" },
                new Call { Name = "e", Template = "x" },
            ], null);
        Assert.Equal(["d", "e"], plan.Targets);
        Assert.Equal(["b", "c"], plan.Before("d"));
        Assert.Equal(["b", "c"], plan.DependentsOf("a"));
    }

    private static string Shown(DependsExpr expr) => expr switch
    {
        DependsExpr.Is i => i.Result is { } result ? $"{i.Task}.{result}" : i.Task,
        DependsExpr.Not n => $"!{Shown(n.Of)}",
        DependsExpr.All a => $"({string.Join('&', a.Of.Select(Shown))})",
        DependsExpr.Any a => $"({string.Join('|', a.Of.Select(Shown))})",
        DependsExpr.Const c => c.Value ? "true" : "false",
        _ => throw new InvalidOperationException(),
    };
}
