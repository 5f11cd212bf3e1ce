using Xunit;

namespace Pawl.Tests.Core.Expressions.Expr;

public sealed class JsonPathTests
{
    private const string Store =
        """
        {"book": [{"category": "reference", "author": "Rees", "title": "Sayings", "price": 8.95},
                  {"category": "fiction", "author": "Waugh", "title": "Sword", "price": 12.99},
                  {"category": "fiction", "author": "Melville", "title": "Moby", "isbn": "0-553", "price": 8.99},
                  {"category": "fiction", "author": "Tolkien", "title": "Rings", "isbn": "0-395", "price": 22.99}],
         "bicycle": {"color": "red", "price": 19.95}, "my key": 1, "text": "string"}
        """;

    [Theory]
    [InlineData("$.bicycle.color", "red")]
    [InlineData("$['bicycle']['color']", "red")]
    [InlineData("$['my key']", "1")]
    [InlineData("$.book[0].title", "Sayings")]
    [InlineData("$.book[-1].title", "Rings")]
    [InlineData("$.book[*].author", "[\"Rees\",\"Waugh\",\"Melville\",\"Tolkien\"]")]
    [InlineData("$..author", "[\"Rees\",\"Waugh\",\"Melville\",\"Tolkien\"]")]
    [InlineData("$..price", "[19.95,8.95,12.99,8.99,22.99]")]
    [InlineData("$.book[0,2].title", "[\"Sayings\",\"Moby\"]")]
    [InlineData("$.book[0:2].title", "[\"Sayings\",\"Sword\"]")]
    [InlineData("$.book[::2].title", "[\"Sayings\",\"Moby\"]")]
    [InlineData("$.book[-2:].title", "[\"Moby\",\"Rings\"]")]
    [InlineData("$.book[(@.length-1)].title", "Rings")]
    [InlineData("$.book[?(@.isbn)].title", "[\"Moby\",\"Rings\"]")]
    [InlineData("$.book[?(@.price < 10)].title", "[\"Sayings\",\"Moby\"]")]
    [InlineData("$.book[?(@.price > 8.95 && @.category == 'fiction')].title", "[\"Sword\",\"Moby\",\"Rings\"]")]
    [InlineData("$.book[?(@.author == \"Rees\" || @.price > 20)].title", "[\"Sayings\",\"Rings\"]")]
    [InlineData("$.book[?(@.price > $.bicycle.price)].title", "[\"Rings\"]")]
    [InlineData("$.book.length", "4")]
    [InlineData("$.text[0:2]", "st")]
    [InlineData("$.text[0]", "s")]
    [InlineData("$.bicycle[0]", "red")]
    [InlineData("$.bicycle.*", "[\"red\",19.95]")]
    public void Paths(string path, string expected) => Given.Gives($"jsonpath({Quoted(Store)}, {Quoted(path)})", expected);

    [Theory]
    [InlineData("$.employees[?(@.name==\"Baris\")].age", "[43]")]
    [InlineData("$.employees[?(@.age>42 && @.age<44)].age", "[43]")]
    [InlineData("$.employees[0:1]", "[{\"age\":43,\"name\":\"Baris\"}]")]
    [InlineData("$.employees[*].name", "[\"Baris\",\"Mo\",\"Jai\"]")]
    [InlineData("$.a", "1")]
    public void Argos_examples(string path, string expected) => Given.Gives($"jsonpath(workflow.parameters.config, {Quoted(path)})", expected);

    [Theory]
    [InlineData("a", "must begin with '$'")]
    [InlineData("$.", "expected a name")]
    [InlineData("$.a[", "unexpected character")]
    [InlineData("$.a[]", "empty subscript")]
    [InlineData("$.a[0:2:0]", "the step is 0")]
    [InlineData("$.nope", "key 'nope' not found")]
    [InlineData("$.book[9]", "key '9' not found")]
    [InlineData("$.a[?(@.b ==)]", "unexpected character")]
    public void Mistakes(string path, string part) => Given.Fails($"jsonpath({Quoted(Store.Replace("\"text\"", "\"a\"", StringComparison.Ordinal))}, {Quoted(path)})", 1, part);

    [Fact]
    public void What_is_no_json_is_an_error() => Given.Fails("jsonpath('{', '$.a')", 1, "no JSON");

    private static string Quoted(string text) => $"`{text}`";
}
