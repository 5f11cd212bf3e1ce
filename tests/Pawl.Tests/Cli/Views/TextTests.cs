using Pawl.Cli.Views;
using Xunit;

namespace Pawl.Tests.Cli.Views;

public sealed class TextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\e[2Jb", "ab")]
    [InlineData("a\e]0;title\ab", "ab")]
    [InlineData("a\e]8;;http://x\e\\b", "ab")]
    [InlineData("a\eP1;2qb\e\\c", "ac")]
    [InlineData("a\u009b31mb", "ab")]
    [InlineData("a\u202eb\u0007\u0000", "ab")]
    [InlineData("a\r\nb", "a  b")]
    [InlineData("grün 学習", "grün 学習")]
    [InlineData("torn\e[3", "torn")]
    [InlineData("torn\e", "torn")]
    public void Nothing_that_commands_a_terminal_passes(string text, string expected) => Assert.Equal(expected, Text.Clean(text));

    [Fact]
    public void Colours_pass_where_they_may_and_nothing_else_does() =>
        Assert.Equal("\e[1;31mred\e[0m", Text.Clean("\e[1;31mred\e[0m\e[2J\e[?25l", keepColours: true));

    [Theory]
    [InlineData(8, "8s")]
    [InlineData(65, "1m 5s")]
    [InlineData(7380, "2h 3m")]
    [InlineData(90000, "1d 1h")]
    [InlineData(-3, "0s")]
    public void A_duration_has_two_units_at_most(int seconds, string expected) => Assert.Equal(expected, Text.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("train", "train")]
    [InlineData("train(0)", "'train(0)'")]
    [InlineData("it's", @"'it'\''s'")]
    public void What_a_shell_would_take_apart_is_quoted(string word, string expected) => Assert.Equal(expected, Text.Quoted(word));
}
