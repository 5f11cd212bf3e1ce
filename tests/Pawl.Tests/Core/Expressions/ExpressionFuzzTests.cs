using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pawl.Core.Expressions;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;

namespace Pawl.Tests.Core.Expressions;

/// <summary>Random texts of the pieces that expressions are made of. PAWL_FUZZ_INPUTS says how many; a failure names its seed.</summary>
public sealed class ExpressionFuzzTests
{
    private static readonly string[] Pieces =
    [
        "a", "true", "false", "in", "Failed", "1", "0x", "0xff", "1.5", ".", "..", "99999999999", "'", "\"", "'2024-01-01'", "'3:04PM'",
        "(", ")", "[", "]", ",", " ", "\t", "\n", "==", "!=", "<", "<=", ">", "=~", "!~", "&&", "||", "!", "~", "-", "+", "*", "**", "/",
        "%", "&", "|", "^", "<<", ">>", "?", ":", "??", "\\", "{{", "}}", "{", "}", "{{=", "x", "{{x}}", "{{ y }}", "s", "ms", "h", "m",
        "µs", "é", "😀", "\ud800", "\u0000", "=", "a{3}", "(a|b)*", "(?P<n>", "[[:alpha:]]", "{1,2}", "{9999}", "$", "_", "a.b", "a.",
        "A", "B.Failed", ".Succeeded", ".AnySucceeded", "and", "or", "not", "A-b", "%", "%d", "%5", "%-08", "%+", "X", "%[1]", "*", "%s", "%%", "\"k\":",
    ];

    [Fact]
    public void No_text_breaks_the_readers()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("PAWL_FUZZ_INPUTS"), CultureInfo.InvariantCulture, out var asked) ? asked : 100_000;
        var slowest = TimeSpan.Zero;
        for (var seed = 0; seed < count; seed++)
        {
            var text = Text(new Random(seed));
            var started = Stopwatch.GetTimestamp();
            try
            {
                Read(text);
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

    private static void ReadLoops(string text)
    {
        try
        {
            var depends = DependsExpr.Parse(text);
            Assert.Equal(depends.Tasks.Length, depends.Tasks.Distinct().Count());
            depends.Holds((task, _) => task.Length > 3);
        }
        catch (ExpressionException e)
        {
            Assert.InRange(e.Column, 1, text.Length + 1);
            Assert.NotEmpty(e.Message);
        }

        var item = new Fanout("a", null, new SequenceRange(-7, 1, 1, text)).StartAt(0).Item!;
        Assert.True(item.Text.Length < 20_000, "a format grows");

        try
        {
            using var json = JsonDocument.Parse(text);
            Assert.NotNull(Item.Of(json.RootElement).Text);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // No JSON, or with half a surrogate pair in it.
        }
    }

    private static string Text(Random dice)
    {
        var text = new StringBuilder();
        for (var n = dice.Next(1, 14); n > 0; n--) { text.Append(Pieces[dice.Next(Pieces.Length)]); }
        return text.ToString();
    }

    private static void Read(string text)
    {
        try
        {
            When.Evaluate(text);
        }
        catch (ExpressionException e)
        {
            Assert.InRange(e.Column, 1, text.Length + 1);
            Assert.NotEmpty(e.Message);
        }

        ReadLoops(text);
        Substitution.Tags(text);
        Substitution.Unresolved(text, _ => null);
        var result = Substitution.Apply(text, name => name == "x" ? "{{y}}" : null);
        Assert.True(result.Length <= text.Length, "the value is as long as its tag");

        if (Durations.TryParse(text, out var duration))
        {
            Assert.InRange(duration, TimeSpan.Zero, Durations.Longest);
            Assert.NotEmpty(Durations.Format(duration));
        }
    }
}
