using System.Diagnostics;
using Pawl.Core.Expressions;
using Xunit;

namespace Pawl.Tests.Core.Expressions;

public sealed class WhenTests
{
    [Theory]
    // Argo's own truth table (argo-semantics §6) and the conditions of its examples.
    [InlineData("a < b", true)]
    [InlineData("(1 > 0) && (11 < 2)", false)]
    [InlineData("!(Succeeded in (Failed, Error))", true)]
    [InlineData("true == true", true)]
    [InlineData("foo == foo", true)]
    [InlineData("Error in (Failed, Error)", true)]
    [InlineData("1/2 == 0.5", true)]
    [InlineData("heads == tails", false)]
    [InlineData("heads =~ hea", true)]
    [InlineData("tails =~ hea", false)]
    [InlineData("tails !~ hea", true)]
    [InlineData("", true)]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("True == False", false)]
    [InlineData("\"SUCCESS\" != \"SUCCESS\" && \"SUCCESS\" == \"SUCCESS\"", false)]
    [InlineData("'a-b' == \"a-b\"", true)]
    // Types: nothing is converted.
    [InlineData("1 == '1'", false)]
    [InlineData("1 == 1.0", true)]
    [InlineData("0x1F == 31", true)]
    [InlineData("'true' == true", false)]
    [InlineData("'10' < '9'", true)]
    [InlineData("10 < 9", false)]
    // Lists.
    [InlineData("a in (a)", true)]
    [InlineData("a in (b)", false)]
    [InlineData("a in ()", false)]
    [InlineData("a IN (b, a)", true)]
    [InlineData("2 in (1, 1 + 1)", true)]
    [InlineData("(a, b) == (a, b)", true)]
    [InlineData("((a, b), c) == (a, b, c)", true)]
    [InlineData("(a, (b, c)) == (a, b, c)", false)]
    // Precedence, and everything binds to the left.
    [InlineData("1 + 2 * 3 == 7", true)]
    [InlineData("(1 + 2) * 3 == 9", true)]
    [InlineData("8 - 3 - 2 == 3", true)]
    [InlineData("2 ** 3 ** 2 == 64", true)]
    [InlineData("-2 ** 2 == 4", true)]
    [InlineData("1 - -1 == 2", true)]
    [InlineData("7 % 4 == 3", true)]
    [InlineData("1 & 3 == 1", true)]
    [InlineData("1 | 2 ^ 3 == 0", true)]
    [InlineData("1 << 2 + 1 == 8", true)]
    [InlineData("1 << 64 == 0", true)]
    [InlineData("~0 == -1", true)]
    [InlineData("1 < 2 == true", true)]
    [InlineData("true || false && false", true)]
    [InlineData("!true || true", true)]
    [InlineData("a + 1 == a1", true)]
    [InlineData("1 + a == '1a'", true)]
    // ?: and ??.
    [InlineData("1 < 2 ? true : false", true)]
    [InlineData("1 > 2 ? true : false", false)]
    [InlineData("(false ? x ?? true) == true", true)]
    [InlineData("(false ? x) ?? (1 == 1)", true)]
    // A short-circuit does not compute what it skips.
    [InlineData("false && (a - 1 == 0)", false)]
    [InlineData("true || (a - 1 == 0)", true)]
    // Times are compared as times.
    [InlineData("'2014-01-02' < '2015-01-01'", true)]
    [InlineData("'2024-05-01T12:00:00+02:00' == '2024-05-01T10:00:00Z'", true)]
    [InlineData("'2024-05-01 10:00:01' > '2024-05-01T10:00:00Z'", true)]
    // Escapes and brackets make a word of what is not one.
    [InlineData("a\\-b == 'a-b'", true)]
    [InlineData("[a b] == 'a b'", true)]
    [InlineData("'it\\'s' == \"it\\'s\"", true)]
    public void Truth_table(string expression, bool expected) => Assert.Equal(expected, When.Evaluate(expression));

    [Theory]
    [InlineData("foo", "Expected boolean evaluation for 'foo'. Got foo")]
    [InlineData("1 + 1", "Expected boolean evaluation for '1 + 1'. Got 2")]
    [InlineData("1000000 * 15", "Expected boolean evaluation for '1000000 * 15'. Got 1.5e+07")]
    [InlineData("0.00001 * 1", "Expected boolean evaluation for '0.00001 * 1'. Got 1e-05")]
    [InlineData("1 / 3", "Expected boolean evaluation for '1 / 3'. Got 0.3333333333333333")]
    [InlineData("1 / 0", "Expected boolean evaluation for '1 / 0'. Got +Inf")]
    [InlineData("a == a, b", "Expected boolean evaluation for 'a == a, b'. Got [true b]")]
    [InlineData("false ? a", "Expected boolean evaluation for 'false ? a'. Got <nil>")]
    public void What_is_neither_true_nor_false_is_an_error(string expression, string message) =>
        Assert.Equal(message, Assert.Throws<ExpressionException>(() => When.Evaluate(expression)).Message);

    [Theory]
    [InlineData(" ", 2, "Invalid 'when' expression ' ': Unexpected end of expression")]
    [InlineData("a ==", 5, "Invalid 'when' expression 'a ==': Unexpected end of expression")]
    [InlineData("(a == b", 8, "Invalid 'when' expression '(a == b': Unbalanced parenthesis")]
    [InlineData("a) == (b", 2, "Invalid 'when' expression 'a) == (b': Unbalanced parenthesis")]
    [InlineData("'a == b", 1, "Invalid 'when' expression ''a == b': Unclosed string literal")]
    [InlineData("two words == x", 5, "Invalid 'when' expression 'two words == x': Cannot transition token types from VARIABLE [two] to VARIABLE [words]")]
    [InlineData("{{item}} == x", 1, "Invalid 'when' expression '{{item}} == x': Invalid token: '{{' (hint: try wrapping the affected expression in quotes (\"))")]
    [InlineData("/data/x == y", 1, "Invalid 'when' expression '/data/x == y': Cannot transition token types from UNKNOWN [<nil>] to MODIFIER [/]")]
    [InlineData("10.0.0.1 == x", 1, "Invalid 'when' expression '10.0.0.1 == x': Unable to parse numeric value '10.0.0.1' to float64")]
    [InlineData("1 = 1", 3, "Invalid 'when' expression '1 = 1': Invalid token: '=' (hint: try wrapping the affected expression in quotes (\"))")]
    public void What_cannot_be_read_is_an_error_with_its_column(string expression, int column, string message)
    {
        var error = Assert.Throws<ExpressionException>(() => When.Evaluate(expression));
        Assert.Equal((message, column), (error.Message, error.Column));
    }

    [Theory]
    [InlineData("a-b == a-b", "Value 'a' cannot be used with the modifier '-', it is not a number")]
    [InlineData("1 < a", "Value '1' cannot be used with the comparator '<', it is not a number")]
    [InlineData("a && true", "Value 'a' cannot be used with the logical operator '&&', it is not a bool")]
    [InlineData("true && a", "Value 'a' cannot be used with the logical operator '&&', it is not a bool")]
    [InlineData("1 ? a : b", "Value '1' cannot be used with the ternary operator '?', it is not a bool")]
    [InlineData("!a", "Value 'a' cannot be used with the prefix '!'")]
    [InlineData("a in b", "Value 'b' cannot be used with the comparator 'in', it is not a number")]
    [InlineData("v1.2 == x", "No parameter 'v1' found.")]
    public void What_cannot_be_computed_is_an_error(string expression, string reason) => Assert.Equal(
        $"Failed to evaluate 'when' expresion '{expression}': {reason}",
        Assert.Throws<ExpressionException>(() => When.Evaluate(expression)).Message);

    [Fact]
    public void A_text_that_cannot_be_read_is_reported_before_one_that_cannot_be_computed() => Assert.StartsWith(
        "Invalid 'when' expression", Assert.Throws<ExpressionException>(() => When.Evaluate("a - 1 == 0 && {{x}}")).Message);

    [Fact]
    public void Parentheses_may_stand_200_deep()
    {
        Assert.True(When.Evaluate(Nested(200)));
        Assert.Contains("200 deep", Assert.Throws<ExpressionException>(() => When.Evaluate(Nested(201))).Message);
        Assert.Throws<ExpressionException>(() => When.Evaluate(Nested(30_000)));

        static string Nested(int depth) => new string('(', depth) + "true" + new string(')', depth);
    }

    [Fact]
    public void Texts_of_64_KiB_are_read_and_longer_ones_refused()
    {
        Assert.True(When.Evaluate(string.Join('+', Enumerable.Repeat("1", 32_000)) + "==32000"));
        Assert.True(When.Evaluate($"x in ({string.Join(',', Enumerable.Repeat("1", 32_000))},x)"));
        Assert.Throws<ExpressionException>(() => When.Evaluate(new string(' ', 65_532) + "true=="));
        Assert.True(When.Evaluate(new string(' ', 65_532) + "true"));
        Assert.Contains("more than 65536", Assert.Throws<ExpressionException>(() => When.Evaluate(new string(' ', 65_533) + "true")).Message);
    }

    [Theory]
    [InlineData("'a' =~ '('")]
    [InlineData("'a' =~ '(?=a)'")]
    [InlineData("'a' =~ '((a{100}){100}){100}'")]
    public void A_pattern_that_RE2_would_refuse_is_an_error(string expression) =>
        Assert.Contains("Unable to compile regexp pattern", Assert.Throws<ExpressionException>(() => When.Evaluate(expression)).Message);

    [Fact]
    public void A_hundred_patterns_may_be_matched()
    {
        Assert.False(When.Evaluate(string.Join("||", Enumerable.Repeat("x =~ y", 100))));
        Assert.Contains("100 patterns", Assert.Throws<ExpressionException>(
            () => When.Evaluate(string.Join("||", Enumerable.Repeat("x =~ y", 101)))).Message);
    }

    [Fact]
    public void A_pattern_that_is_slow_elsewhere_is_not_slow_here()
    {
        var clock = Stopwatch.StartNew();
        Assert.False(When.Evaluate($"'{new string('a', 30_000)}!' =~ '^(a+)+$'"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5));
    }
}
