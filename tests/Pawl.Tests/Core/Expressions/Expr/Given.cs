using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Xunit;

namespace Pawl.Tests.Core.Expressions.Expr;

/// <summary>Expressions evaluated at one moment, with some names of a run.</summary>
internal static class Given
{
    public static ExprMoment Noon { get; } = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero), 42);

    public static ExprScope Names { get; } = ExprScope.Of(new Dictionary<string, string>
    {
        ["inputs.parameters"] = "[]",
        ["inputs.parameters.foo"] = "3",
        ["inputs.parameters.my-param"] = "dash",
        ["inputs.parameters.flag"] = "true",
        ["workflow.parameters.config"] = """{"a": "1", "employees": [{"name": "Baris", "age": 43}, {"name": "Mo", "age": 42}, {"name": "Jai", "age": 44}]}""",
        ["workflow.status"] = "Running",
        ["tasks.a.outputs.result"] = "heads",
    });

    public static string? Text(string expression) => Expression.Parse(expression).EvaluateText(Names, Noon);

    public static void Gives(string expression, string? expected) => Assert.Equal(expected, Text(expression));

    public static ExpressionException Fails(string expression, int column, string part)
    {
        var fault = Assert.Throws<ExpressionException>(() => Text(expression));
        Assert.Contains(part, fault.Message, StringComparison.Ordinal);
        Assert.Equal(column, fault.Column);
        return fault;
    }
}
