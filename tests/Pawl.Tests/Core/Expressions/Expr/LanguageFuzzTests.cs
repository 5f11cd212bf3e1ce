using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Xunit;

namespace Pawl.Tests.Core.Expressions.Expr;

/// <summary>Random texts of the pieces of the expr language, of JSON paths, layouts and formats. PAWL_FUZZ_INPUTS says how many.</summary>
public sealed class LanguageFuzzTests
{
    private static readonly string[] Pieces =
    [
        "1", "0x1f", "2.5", "9223372036854775807", "-1", "'a'", "\"b\"", "`c`", "'2024-01-31'", "'1h'", "true", "nil", "[", "]", "{", "}", "(", ")",
        ",", ":", ";", ".", "..", "?.", "?", "??", "|", "||", "&&", "!", "not ", " in ", " and ", " matches ", " contains ", " startsWith ",
        "+", "-", "*", "/", "%", "**", "^", "==", "!=", "<", ">=", "#", "#acc", "#index", "let x = ", "x", "if ", "else ", "a", "a.b", "item",
        "[1, 2, 3]", "{a: 1}", "1..9", "now()", "duration('1h')", "date('2024-02-29')", ".Year()", ".AddDate(1, 2, 3)", "timezone('UTC')", "$env",
        "map(", "filter(", "reduce(", "sortBy(", "groupBy(", "sum(", "count(", "find(", "sort(", "len(", "get(", "int(", "string(", "toJson(",
        "fromJSON(", "split(", "join(", "replace(", "repeat(", "max(", "flatten(", "jsonpath(", "'$..a[?(@.b>1)]'", "'$.a[0:2]'", "'{\"a\": [1]}'",
        "sprig.", "sprig.add(", "sprig.dict(", "sprig.merge(", "sprig.regexReplaceAll(", "sprig.until(", "sprig.date('Jan', ", "sprig.trunc(",
        "sprig.wrap(", "sprig.semverCompare(", "sprig.b32dec(", "sprig.seq(", "sprig.round(", "sprig.list(", "é", "😀", "\\", "'\\u00e9'", "\ud800", "/*", "//", "\n",
    ];

    private static readonly string[] PathPieces =
        ["$", "@", ".", "..", "*", "[", "]", "?", "(", ")", "'a'", "\"b\"", "a", "length", "0", "-1", ":", ",", "==", "<", "&&", "||", "!", "+", "-", "/", "%", " ", "true", "9e9", "😀", "\\", "é"];

    private static readonly string[] TimePieces =
    [
        "2006", "06", "01", "1", "Jan", "January", "02", "_2", "2", "002", "__2", "Mon", "Monday", "15", "03", "3", "04", "4", "05", "5", "PM", "pm", "MST",
        "-0700", "-07:00", "Z07:00", "Z070000", ".000", ",999", ".0", "_2006", " ", "T", ":", "-", "/", "2024", "12", "31", "29", "Feb", "AM", "+01:00", "-23:59", "Z", "é",
    ];

    private static readonly string[] FormatPieces =
        ["%", "d", "x", "X", "o", "O", "b", "c", "q", "U", "v", "T", "t", "s", "e", "E", "f", "g", "G", "-", "+", "#", " ", "0", "5", "12", ".", "*", "99999999", "a", "😀", "\ud800"];

    private static readonly long[] Numbers = [5, 0, -1, long.MinValue, long.MaxValue, 0x1F600, 0xD800, 12];

    [Fact]
    public void No_text_breaks_the_language()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("PAWL_FUZZ_INPUTS"), CultureInfo.InvariantCulture, out var asked) ? asked : 40_000;
        var slowest = TimeSpan.Zero;
        for (var seed = 0; seed < count; seed++)
        {
            var dice = new Random(seed);
            var text = "";
            var started = Stopwatch.GetTimestamp();
            try
            {
                switch (seed % 8)
                {
                    case 0: Evaluate(text = $"jsonpath(`{{\"a\": [{{\"b\": 2}}, 3, \"str\"], \"b\": {{\"a\": null}}}}`, `{Made(dice, PathPieces, 12)}`)"); break;
                    case 1: Evaluate(text = $"date(`{Made(dice, TimePieces, 8)}`, `{Made(dice, TimePieces, 8)}`)"); break;
                    case 2: Evaluate(text = $"date('2024-02-29T23:59:59.5+05:30').Format(`{Made(dice, TimePieces, 12)}`)"); break;
                    case 3: Format(text = Made(dice, FormatPieces, 12), dice); break;
                    case 4: Substitute(text = Made(dice, Pieces, 12), dice); break;
                    default: Evaluate(text = Made(dice, Pieces, 16)); break;
                }
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e.GetType().Name} on '{text}': {e}");
            }
            var took = Stopwatch.GetElapsedTime(started);
            slowest = took > slowest ? took : slowest;
        }
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"the slowest of {count} short texts took {slowest}");
    }

    // Every function with arguments of every kind, also those it is not made for.
    [Fact]
    public void No_argument_breaks_a_function()
    {
        string[] values =
        [
            "nil", "true", "0", "-1", "3", "9223372036854775807", "-9223372036854775807 - 1", "2.5", "1e300", "-0.0", "''", "'a'", "'12'", "'é😀'", "'\\ud800'",
            "'(a+)b'", "'1.2.3'", "'2006-01-02'", "'1h'", "'$.a'", "'{\"a\": [1, {\"b\": null}]}'", "[]", "[1, 2]", "['b', 'a']", "[[1, 2]]", "[nil]", "{}", "{a: 1, b: {c: 2}}",
            "now()", "duration('-1h')", "timezone('UTC')", "repeat('ab ', 1000)", "1..1000", "a", "$env",
        ];
        var dice = new Random(7);
        var names = Functions();
        Assert.True(names.Count > 200, $"only {names.Count} functions");
        foreach (var name in names)
        {
            for (var n = 0; n < 150; n++)
            {
                var text = $"{name}({string.Join(", ", Enumerable.Range(0, dice.Next(5)).Select(_ => values[dice.Next(values.Length)]))})";
                try { Evaluate(text); }
                catch (Exception e) { Assert.Fail($"{e.GetType().Name} on '{text}': {e}"); }
            }
        }
    }

    // As the program has them: a function added later is in this test by itself.
    private static List<string> Functions()
    {
        var names = new List<string>();
        var families = typeof(Expression).Assembly.GetTypes().Where(t => t.Namespace == typeof(Expression).Namespace && t is { IsAbstract: true, IsSealed: true });
        foreach (var type in families)
        {
            if (type.GetProperty("All")?.GetValue(null) is not System.Collections.IDictionary family) { continue; }
            names.AddRange(family.Keys.Cast<string>().Select(name => type.Name.StartsWith("Sprig", StringComparison.Ordinal) ? $"sprig.{name}" : name));
        }
        string[] methods = ["Year", "Month", "Unix", "UnixNano", "Format", "Add", "Sub", "AddDate", "In", "Truncate", "UTC", "String", "Before", "Hours", "Abs", "Nanoseconds"];
        names.AddRange(methods.SelectMany(m => new[] { $"now().{m}", $"duration('1h').{m}", $"date('0001-01-01').{m}", $"date('9999-12-31').{m}" }));
        return names;
    }

    private static string Made(Random dice, string[] pieces, int most)
    {
        var text = new StringBuilder();
        for (var n = dice.Next(1, most); n > 0; n--) { text.Append(pieces[dice.Next(pieces.Length)]); }
        return text.ToString();
    }

    private static readonly ExprScope Names = ExprScope.Of(new Dictionary<string, string> { ["a"] = "text", ["a.b"] = "1", ["item"] = "x" });

    private static void Evaluate(string text)
    {
        try
        {
            var expression = Expression.Parse(text);
            expression.Missing(Names);
            expression.EvaluateText(Names, Given.Noon);
        }
        catch (ExpressionException e)
        {
            Assert.InRange(e.Column, 1, text.Length + 1);
            Assert.NotEmpty(e.Message);
        }
    }

    private static void Format(string text, Random dice)
    {
        Assert.NotNull(GoFormat.Print(text, Numbers[dice.Next(Numbers.Length)]));
        Assert.NotNull(GoFormat.Quote(text));
    }

    private static void Substitute(string text, Random dice)
    {
        var tag = $"{{{{={text}}}}}{(dice.Next(2) == 0 ? "}}" : "")} {{{{={text}";
        Substitution.Tags(tag);
        Substitution.Apply(tag, name => name is ['=', ..] ? "value" : null);
    }
}
