using Pawl.Core.Expressions;
using Xunit;

namespace Pawl.Tests.Core.Expressions.Expr;

/// <summary>Times and values as Go writes them, by the documentation of its packages time and fmt.</summary>
public sealed class GoTextTests
{
    [Theory]
    [InlineData("2006-01-02T15:04:05Z07:00", "2023-02-03T16:05:06Z")]
    [InlineData("Mon Jan _2 15:04:05 2006", "Fri Feb  3 16:05:06 2023")]
    [InlineData("Monday, 02-Jan-06 15:04:05 MST", "Friday, 03-Feb-23 16:05:06 UTC")]
    [InlineData("Mon, 02 Jan 2006 15:04:05 -0700", "Fri, 03 Feb 2023 16:05:06 +0000")]
    [InlineData("3:04PM", "4:05PM")]
    [InlineData("Jan _2 15:04:05.000000", "Feb  3 16:05:06.700000")]
    [InlineData("15:04:05.999999999", "16:05:06.7")]
    [InlineData("2006-002 __2", "2023-034  34")]
    [InlineData("1/2/06 03:4:5 pm", "2/3/23 04:5:6 pm")]
    [InlineData("January Janet", "February Janet")]
    [InlineData("20060102150405", "20230203160506")]
    [InlineData("no layout", "no layout")]
    public void Layouts(string layout, string expected) =>
        Given.Gives($"date('2023-02-03T16:05:06.7Z').Format('{layout}')", expected);

    [Theory]
    [InlineData("2006-01-02 15:04:05 -0700", "2023-02-03 16:05:06 +0530", "2023-02-03T16:05:06+05:30")]
    [InlineData("3:04PM", "4:05AM", "0001-01-01T04:05:00Z")]
    [InlineData("Jan 2, 2006", "Feb 3, 2023", "2023-02-03T00:00:00Z")]
    [InlineData("2006-01-02T15:04:05Z07:00", "2023-02-03T16:05:06.123Z", "2023-02-03T16:05:06.123Z")]
    [InlineData("2006-002", "2024-060", "2024-02-29T00:00:00Z")]
    public void Times_are_read_by_their_layout(string layout, string text, string expected) =>
        Given.Gives($"date('{text}', '{layout}')", $"\"{expected}\"");

    [Theory]
    [InlineData("2006-01-02", "2023-13-01")]
    [InlineData("2006-01-02", "2023-02-30")]
    [InlineData("2006-01-02", "2023-02-03x")]
    [InlineData("15:04", "25:00")]
    public void What_is_no_time_of_the_layout_is_an_error(string layout, string text) =>
        Given.Fails($"date('{text}', '{layout}')", 1, "no time of the layout");

    [Theory]
    [InlineData("testuser%02X", 10, "testuser0A")]
    [InlineData("%d|", 5, "5|")]
    [InlineData("%3d|", 5, "  5|")]
    [InlineData("%-3d|", 5, "5  |")]
    [InlineData("%03d", 5, "005")]
    [InlineData("%+d", 5, "+5")]
    [InlineData("%03d", -5, "-05")]
    [InlineData("%b", 5, "101")]
    [InlineData("%#x", 31, "0x1f")]
    [InlineData("%#o", 15, "017")]
    [InlineData("%#b", 3, "0b11")]
    [InlineData("%[1]c %[1]q %[1]U %[1]T", 65, "A 'A' U+0041 int")]
    [InlineData("%q", '\'', "'\\''")]
    [InlineData("%q", '"', "'\"'")]
    [InlineData("%.3d %%", 7, "007 %")]
    public void Formats_of_whole_numbers(string format, long number, string text) => Assert.Equal(text, GoFormat.Print(format, number));

    [Fact]
    public void Mistakes_of_a_format_show_in_the_text()
    {
        Assert.Equal("5%!d(MISSING)", GoFormat.Print("%d%d", 5));
        Assert.Equal("a%!(EXTRA int=1)", GoFormat.Print("a", 1));
        Assert.Equal("%!(NOVERB)%!(EXTRA int=1)", GoFormat.Print("%", 1));
        Assert.Equal("%!y(int=1)", GoFormat.Print("%y", 1));
    }

    [Fact]
    public void Text_in_quotes() => Assert.Equal("\"a\\n\\\"'\\\\\\x01\\u0085\"", GoFormat.Quote("a\n\"'\\\u0001\u0085"));
}
