using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Xunit;

namespace Pawl.Tests.Core.Expressions.Expr;

/// <summary>The expr language itself: its definition's examples, and what Argo's reference says of it.</summary>
public sealed class LanguageTests
{
    [Theory]
    [InlineData("42", "42")]
    [InlineData("0x2A + 0o52 + 0b101010 + 1_000", "1126")]
    [InlineData(".5", "0.5")]
    [InlineData("1.5e3", "1500")]
    [InlineData("'it' + \"s\"", "its")]
    [InlineData("`raw \\n`", "raw \\n")]
    [InlineData("\"a\\tb\\u0041\\x42\"", "a\tbAB")]
    [InlineData("true", "true")]
    [InlineData("nil", null)]
    [InlineData("[1, 2, 3,]", "[1,2,3]")]
    [InlineData("{b: 1, 'a': 2, (\"c\" + \"d\"): 3}", "{\"a\":2,\"b\":1,\"cd\":3}")]
    [InlineData("/* nothing */ 1 // rest", "1")]
    public void Literals(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("-2 ^ 2", "-4")]
    [InlineData("2 ** 3 ** 2", "512")]
    [InlineData("7 % 4", "3")]
    [InlineData("10 / 4", "2.5")]
    [InlineData("10 / 5", "2")]
    [InlineData("1 + 2.5", "3.5")]
    [InlineData("9223372036854775807 + 1", "-9223372036854775808")]
    [InlineData("1 == 1.0", "true")]
    [InlineData("1 == '1'", "false")]
    [InlineData("nil == ''", "false")]
    [InlineData("[1, {a: 2}] == [1.0, {a: 2}]", "true")]
    [InlineData("'abc' < 'abd'", "true")]
    [InlineData("1 < 2 < 3", "true")]
    [InlineData("3 > 2 > 2", "false")]
    [InlineData("true and not false", "true")]
    [InlineData("true && !true || true", "true")]
    [InlineData("false and 1/0 == 1", "false")]
    [InlineData("1 in [1, 2]", "true")]
    [InlineData("3 not in [1, 2]", "true")]
    [InlineData("'a' in {a: 1}", "true")]
    [InlineData("1 in nil", "false")]
    [InlineData("'foobar' contains 'oba'", "true")]
    [InlineData("'foobar' startsWith 'foo' && 'foobar' endsWith 'bar'", "true")]
    [InlineData("'foobar' not startsWith 'foo'", "false")]
    [InlineData("'imminent node shutdown' matches 'imminent node shutdown|pod deleted'", "true")]
    [InlineData("'abc' matches '^b'", "false")]
    [InlineData("true ? 'a' : 'b'", "a")]
    [InlineData("false ? 'a' : true ? 'b' : 'c'", "b")]
    [InlineData("if 1 > 2 { 'a' } else if 2 > 2 { 'b' } else { 'c' }", "c")]
    [InlineData("nil ?? 'x'", "x")]
    [InlineData("'a' ?? 'x'", "a")]
    [InlineData("1..3", "[1,2,3]")]
    [InlineData("3..1", "[]")]
    public void Operators(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("[1, 2, 3, 4, 5][1:4]", "[2,3,4]")]
    [InlineData("[1, 2, 3, 4, 5][1:-1]", "[2,3,4]")]
    [InlineData("[1, 2, 3, 4, 5][:3]", "[1,2,3]")]
    [InlineData("[1, 2, 3, 4, 5][3:]", "[4,5]")]
    [InlineData("[1, 2, 3][:]", "[1,2,3]")]
    [InlineData("[1, 2, 3][5:9]", "[]")]
    [InlineData("'hello'[1:3]", "el")]
    [InlineData("[1, 2, 3][-1]", "3")]
    [InlineData("{a: {b: 1}}.a['b']", "1")]
    [InlineData("{a: 1}.b", null)]
    [InlineData("{a: 1}.b?.c.d", null)]
    [InlineData("{a: 1}.b?.c.d ?? 'none'", "none")]
    [InlineData("{a: 1}.b.c ?? 'none'", "none")]
    [InlineData("nothing.at.all ?? 'none'", "none")]
    [InlineData("{a: [10, 20]}.a?.[1]", "20")]
    public void Members_and_slices(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("let x = 42; x * 2", "84")]
    [InlineData("let x = 1; let y = x + 1; x + y", "3")]
    [InlineData("let name = 'Foo Bar' | lower() | split(' '); 'Hello, ' + name[0] + '!'", "Hello, foo!")]
    [InlineData("[1, 2] | map(# * 2) | sum()", "6")]
    [InlineData("'a,b' | split(',') | join('-')", "a-b")]
    [InlineData("map([1, 2], {let y = #; y + 1})", "[2,3]")]
    [InlineData("' x ' | sprig.trim()", "x")]
    public void Variables_and_pipes(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("inputs.parameters.foo", "3")]
    [InlineData("inputs.parameters['my-param']", "dash")]
    [InlineData("tasks['a'].outputs.result == 'heads'", "true")]
    [InlineData("workflow.status == \"Running\"", "true")]
    [InlineData("asInt(inputs.parameters.foo) * 10", "30")]
    [InlineData("inputs.parameters", "{\"flag\":\"true\",\"foo\":\"3\",\"my-param\":\"dash\"}")]
    [InlineData("'foo' in inputs.parameters", "true")]
    [InlineData("keys(inputs.parameters)", "[\"flag\",\"foo\",\"my-param\"]")]
    [InlineData("get(inputs.parameters, 'bar') ?? 'none'", "none")]
    [InlineData("$env.inputs.parameters.foo", "3")]
    [InlineData("'inputs' in $env", "true")]
    public void Dotted_names_unfold_into_maps(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("", 1, "unexpected end")]
    [InlineData("1 +", 4, "unexpected end")]
    [InlineData("1 2", 3, "unexpected token number")]
    [InlineData("(1", 3, "expected ')'")]
    [InlineData("'abc", 1, "not terminated")]
    [InlineData("a @ b", 3, "unrecognized character")]
    [InlineData("1 < '2'", 3, "mismatched types int and string")]
    [InlineData("'a' + 1", 5, "mismatched types")]
    [InlineData("foo", 1, "unknown name foo")]
    [InlineData("foo(1)", 1, "unknown name foo")]
    [InlineData("sprig.nope()", 6, "unknown function sprig.nope")]
    [InlineData("sprig.env('HOME')", 6, "not available")]
    [InlineData("[1][3]", 4, "index out of range: 3 (array length is 1)")]
    [InlineData("{a: 1}.b.c", 9, "cannot fetch c from <nil>")]
    [InlineData("1 ? 2 : 3", 1, "used as condition")]
    [InlineData("asInt('x')", 1, "invalid operation: int(\"x\")")]
    [InlineData("5 % 0", 3, "divide by zero")]
    [InlineData("upper()", 1, "not enough arguments to call upper")]
    [InlineData("upper('a', 'b')", 1, "too many arguments to call upper")]
    [InlineData("nil ?? 1 + 2", 10, "cannot be mixed")]
    [InlineData("'a' matches '('", 5, "error parsing regexp")]
    [InlineData("#", 1, "unexpected token '#'")]
    public void Mistakes_name_their_column(string expression, int column, string part) => Given.Fails(expression, column, part);

    [Theory]
    [InlineData("map(1..1000000, 1..1000)")]
    [InlineData("map(1..2000, map(1..2000, #))")]
    [InlineData("1..100000000000")]
    [InlineData("repeat('x', 100000000)")]
    [InlineData("sprig.repeat(9223372036854775807, 'xy')")]
    [InlineData("reduce(1..100, #acc + #acc, 'xxxxxxxxxx')")]
    [InlineData("replace(repeat('a', 1000000), 'a', repeat('b', 1000000))")]
    [InlineData("toJson(reduce(1..100, [#acc, #acc], 1))")]
    [InlineData("toJson(reduce(1..10000, [#acc], 1))")]
    [InlineData("reduce(1..10000, [#acc], 1) == reduce(1..10000, [#acc], 1)")]
    [InlineData("flatten(reduce(1..100, [#acc, #acc], 1))")]
    [InlineData("string(reduce(1..60, [#acc, #acc], 1))")]
    [InlineData("sprig.untilStep(0, 9223372036854775807, 1)")]
    [InlineData("sprig.seq(1, 100000000)")]
    [InlineData("sprig.indent(100000, sprig.repeat(1000, 'x\n'))")]
    public void Nothing_takes_unbounded_time_or_memory(string expression) =>
        Assert.Throws<ExpressionException>(() => Given.Text(expression));

    [Fact]
    public void Depth_is_bounded()
    {
        foreach (var (open, close) in new[] { ("(", ")"), ("[", "]"), ("!", ""), ("-", ""), ("1+(", ")"), ("true?1:", ""), ("1**", "1"), ("map([1],", ")") })
        {
            var text = string.Concat(Enumerable.Repeat(open, 5000)) + "1" + string.Concat(Enumerable.Repeat(close, 5000));
            Assert.Throws<ExpressionException>(() => Given.Text(text));
        }
        Assert.Throws<ExpressionException>(() => Given.Text(string.Join('+', Enumerable.Repeat("1", 20_000))));
        Assert.Throws<ExpressionException>(() => Given.Text("x" + string.Concat(Enumerable.Repeat(".a", 20_000))));
        Given.Gives(string.Join('+', Enumerable.Repeat("1", 400)), "400");
    }

    [Fact]
    public void Rows_of_comparisons_within_each_other_do_not_blow_up()
    {
        var text = "1";
        for (var i = 0; i < 60; i++) { text = $"({text} < 2 < 3 ? 1 : 1)"; }
        Given.Gives(text, "1");
    }

    [Fact]
    public void A_missing_name_is_told_from_one_that_is_guarded()
    {
        static string? Missing(string text) => Expression.Parse(text).Missing(Given.Names);
        Assert.Null(Missing("inputs.parameters.foo + tasks.a.outputs.result"));
        Assert.Equal("inputs.parameters.bar", Missing("inputs.parameters.bar == 'x'"));
        Assert.Equal("steps.x.status", Missing("upper(steps['x'].status)"));
        Assert.Null(Missing("inputs.parameters.bar ?? 'x'"));
        Assert.Null(Missing("inputs?.parameters?.bar"));
        Assert.Null(Missing("true ? 'x' : inputs.parameters.bar"));
        Assert.Null(Missing("let bar = 1; bar"));
        Assert.Null(Missing("sprig.upper('a')"));
        // These come later than the rest: a guard must not take them for nil.
        Assert.Equal("item", Missing("item ?? 'x'"));
        Assert.Equal("lastRetry.exitCode", Missing("lastRetry.exitCode ?? '0'"));
        Assert.Equal("workflow.failures", Missing("workflow.failures ?? ''"));
    }
}
