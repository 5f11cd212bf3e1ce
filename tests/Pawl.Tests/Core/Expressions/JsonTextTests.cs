using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Pawl.Core.Expressions;
using Xunit;

namespace Pawl.Tests.Core.Expressions;

public sealed class JsonTextTests
{
    [Fact]
    public void Parameters_are_a_list_of_names_and_values() => Assert.Equal(
        """[{"name":"b","value":"1"},{"name":"a","value":"x\"y"}]""",
        JsonText.Parameters([new("b", "1"), new("a", "x\"y")]));

    [Fact]
    public void A_map_has_its_keys_in_order() =>
        Assert.Equal("""{"A":"2","a":"1","b":""}""", JsonText.Compact([new("b", ""), new("a", "1"), new("A", "2")]));

    [Fact]
    public void Strings_are_escaped_as_Go_escapes_them() => Assert.Equal(
        """
        "\u003ca\u003e \u0026 é😀 \\ \n\t\r\b\f\u0001\u2028\ufffd"
        """,
        JsonText.Quote("<a> & é😀 \\ \n\t\r\b\f\u0001\u2028\ud800"));

    [Fact]
    public void Every_string_reads_back() => Prop
        .ForAll((NonNull<string> text) => JsonSerializer.Deserialize<string>(JsonText.Quote(text.Get)) == text.Get)
        .QuickCheckThrowOnFailure();
}
