using Pawl.Core.Expressions.Expr;
using Xunit;

namespace Pawl.Tests.Core.Expressions.Expr;

/// <summary>Sprig v3, by its documentation: the value comes last, conversions give zero values, emptiness is Go's.</summary>
public sealed class SprigTests
{
    [Theory]
    [InlineData("sprig.upper('a') + sprig.lower('B')", "Ab")]
    [InlineData("sprig.title('hello world') + sprig.untitle('Hello World')", "Hello Worldhello world")]
    [InlineData("sprig.trim('  a ') + sprig.trimAll('$', '$5.00$')", "a5.00")]
    [InlineData("sprig.trimSuffix('-', 'hello-') + sprig.trimPrefix('-', '-hello')", "hellohello")]
    [InlineData("sprig.nospace('h e l')", "hel")]
    [InlineData("sprig.substr(0, 5, 'hello world')", "hello")]
    [InlineData("sprig.trunc(5, 'hello world') + sprig.trunc(-5, 'hello world')", "helloworld")]
    [InlineData("sprig.abbrev(5, 'hello world')", "he...")]
    [InlineData("sprig.abbrevboth(5, 10, '1234 5678 9123')", "...5678...")]
    [InlineData("sprig.initials('First Try')", "FT")]
    [InlineData("sprig.repeat(3, 'ab')", "ababab")]
    [InlineData("sprig.replace('bar', 'baz', 'foobar')", "foobaz")]
    [InlineData("sprig.contains('cat', 'catch')", "true")]
    [InlineData("sprig.hasPrefix('cat', 'catch') && sprig.hasSuffix('ch', 'catch')", "true")]
    [InlineData("sprig.quote('a\"b', 1) + sprig.squote('c')", "\"a\\\"b\" \"1\"'c'")]
    [InlineData("sprig.cat('hello', nil, 'beautiful', 5)", "hello beautiful 5")]
    [InlineData("sprig.indent(2, 'a\nb')", "  a\n  b")]
    [InlineData("sprig.nindent(2, 'a')", "\n  a")]
    [InlineData("sprig.plural('one anchovy', 'many anchovies', 2)", "many anchovies")]
    [InlineData("sprig.snakecase('FirstName') + sprig.kebabcase('FirstName')", "first_namefirst-name")]
    [InlineData("sprig.camelcase('http_server')", "HttpServer")]
    [InlineData("sprig.swapcase('This Is A.Test')", "tHIS iS a.tEST")]
    [InlineData("sprig.wrap(5, 'aa bb cc')", "aa bb\ncc")]
    [InlineData("sprig.join('_', ['hello', 'world', 1])", "hello_world_1")]
    [InlineData("sprig.splitList('$', 'foo$bar$baz')", "[\"foo\",\"bar\",\"baz\"]")]
    [InlineData("sprig.split('$', 'foo$bar')._1", "bar")]
    [InlineData("sprig.splitn('$', 2, 'foo$bar$baz')", "{\"_0\":\"foo\",\"_1\":\"bar$baz\"}")]
    [InlineData("sprig.sortAlpha(['b', 'a'])", "[\"a\",\"b\"]")]
    public void Texts(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("sprig.regexMatch('^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$', 'test@acme.com')", "true")]
    [InlineData("sprig.regexFind('[a-zA-Z][1-9]', 'abcd1234')", "d1")]
    [InlineData("sprig.regexFindAll('[2,4,6,8]', '123456789', -1)", "[\"2\",\"4\",\"6\",\"8\"]")]
    [InlineData("sprig.regexReplaceAll('a(x*)b', '-ab-axxb-', '${1}W')", "-W-xxW-")]
    [InlineData("sprig.regexReplaceAll('a(x*)b', '-ab-axxb-', '$1W')", "---")]
    [InlineData("sprig.regexReplaceAllLiteral('a(x*)b', '-ab-axxb-', '${1}')", "-${1}-${1}-")]
    [InlineData("sprig.regexSplit('z+', 'pizza', -1)", "[\"pi\",\"a\"]")]
    [InlineData("sprig.regexQuoteMeta('1.2.3')", "1\\.2\\.3")]
    public void Patterns(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("sprig.first([1, 2]) + sprig.last([1, 2])", "3")]
    [InlineData("sprig.rest([1, 2, 3])", "[2,3]")]
    [InlineData("sprig.initial([1, 2, 3])", "[1,2]")]
    [InlineData("sprig.append([1], 2)", "[1,2]")]
    [InlineData("sprig.prepend([1], 0)", "[0,1]")]
    [InlineData("sprig.concat([1], [2], [3])", "[1,2,3]")]
    [InlineData("sprig.reverse(sprig.list(1, 2))", "[2,1]")]
    [InlineData("sprig.uniq([1, 1, 2])", "[1,2]")]
    [InlineData("sprig.without([1, 2, 3], 1, 3)", "[2]")]
    [InlineData("sprig.has(4, [1, 4])", "true")]
    [InlineData("sprig.compact([1, 'a', 'foo', '', 0])", "[1,\"a\",\"foo\"]")]
    [InlineData("sprig.slice([1, 2, 3, 4, 5], 1, 3)", "[2,3]")]
    [InlineData("sprig.chunk(2, [1, 2, 3])", "[[1,2],[3]]")]
    [InlineData("sprig.until(3)", "[0,1,2]")]
    [InlineData("sprig.untilStep(3, 9, 3)", "[3,6]")]
    [InlineData("sprig.seq(0, 2, 10)", "0 2 4 6 8 10")]
    [InlineData("sprig.seq(3)", "1 2 3")]
    public void Lists(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("sprig.dict('a', 1, 'b')", "{\"a\":1,\"b\":\"\"}")]
    [InlineData("sprig.get({a: 1}, 'b')", "")]
    [InlineData("sprig.set({a: 1}, 'b', 2)", "{\"a\":1,\"b\":2}")]
    [InlineData("sprig.unset({a: 1, b: 2}, 'a')", "{\"b\":2}")]
    [InlineData("sprig.hasKey({a: 1}, 'a')", "true")]
    [InlineData("sprig.pluck('a', {a: 1}, {b: 2}, {a: 3})", "[1,3]")]
    [InlineData("sprig.pick({a: 1, b: 2}, 'a')", "{\"a\":1}")]
    [InlineData("sprig.omit({a: 1, b: 2}, 'a')", "{\"b\":2}")]
    [InlineData("sprig.merge({a: 1, m: {x: 1}}, {a: 2, b: 3, m: {x: 2, y: 3}})", "{\"a\":1,\"b\":3,\"m\":{\"x\":1,\"y\":3}}")]
    [InlineData("sprig.mergeOverwrite({a: 1}, {a: 2})", "{\"a\":2}")]
    [InlineData("sprig.dig('a', 'b', 'none', {a: {b: 1}})", "1")]
    [InlineData("sprig.dig('a', 'c', 'none', {a: {b: 1}})", "none")]
    public void Dicts(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("sprig.add(1, '2', 3.9)", "6")]
    [InlineData("sprig.add(34, 27, 15, 57, 46) / 5", "35.8")]
    [InlineData("sprig.sub(3, 1) + sprig.mul(2, 3) + sprig.div(7, 2) + sprig.mod(7, 4)", "14")]
    [InlineData("sprig.max(1, 5, 3) + sprig.min(1, 5, 3)", "6")]
    [InlineData("sprig.addf(0.1, 0.2)", "0.3")]
    [InlineData("sprig.round(123.555555, 3)", "123.556")]
    [InlineData("sprig.floor(1.9) + sprig.ceil(1.1)", "3")]
    [InlineData("sprig.int('x') + sprig.int('12') + sprig.int64(1.9) + sprig.atoi('7')", "20")]
    [InlineData("sprig.float64('1.5')", "1.5")]
    [InlineData("sprig.toDecimal('777')", "511")]
    public void Numbers_are_made_of_anything(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("sprig.default('d', '') + sprig.default('d', 'v')", "dv")]
    [InlineData("sprig.empty(0) && sprig.empty([]) && !sprig.empty('0')", "true")]
    [InlineData("sprig.coalesce(nil, '', 'x')", "x")]
    [InlineData("sprig.ternary('yes', 'no', 1 > 2)", "no")]
    [InlineData("sprig.toJson({a: '<'})", "{\"a\":\"\\u003c\"}")]
    [InlineData("sprig.toRawJson({a: '<'})", "{\"a\":\"<\"}")]
    [InlineData("sprig.fromJson('{\"a\": 1}').a", "1")]
    [InlineData("sprig.fromJson('nope')", null)]
    [InlineData("sprig.toString(1.5)", "1.5")]
    [InlineData("sprig.kindOf([1]) + sprig.typeOf('a') + sprig.kindOf({})", "slicestringmap")]
    [InlineData("sprig.deepEqual([1], [1])", "true")]
    public void Defaults_and_types(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("sprig.b64enc('hello') + sprig.b64dec('aGVsbG8=')", "aGVsbG8=hello")]
    [InlineData("sprig.b32enc('hello') + sprig.b32dec('NBSWY3DP')", "NBSWY3DPhello")]
    [InlineData("sprig.sha256sum('Hello world!')", "c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a")]
    [InlineData("sprig.sha1sum('Hello world!')", "d3486ae9136e7856bc42212385ea797094475802")]
    [InlineData("sprig.adler32sum('Wikipedia')", "300286872")]
    public void Hashes_and_encodings(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("sprig.date('2006-01-02', sprig.now())", "2026-11-22")]
    [InlineData("sprig.date('2006', 'no date')", "2026")]
    [InlineData("sprig.dateInZone('15:04 -0700', 0, 'Europe/Berlin')", "01:00 +0100")]
    [InlineData("sprig.date('15:04', sprig.dateModify('-1.5h', sprig.now()))", "10:30")]
    [InlineData("sprig.unixEpoch(sprig.toDate('2006-01-02', '1970-01-02'))", "86400")]
    [InlineData("sprig.duration(95)", "1m35s")]
    [InlineData("sprig.durationRound('2h10m5s')", "2h")]
    [InlineData("sprig.htmlDate(86400)", "1970-01-02")]
    public void Dates(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("sprig.semver('v1.2.3-alpha+x').Minor", "2")]
    [InlineData("sprig.semverCompare('^1.2.0', '1.9.9')", "true")]
    [InlineData("sprig.semverCompare('^1.2.0', '2.0.0')", "false")]
    [InlineData("sprig.semverCompare('~1.2.3', '1.2.9')", "true")]
    [InlineData("sprig.semverCompare('~1.2.3', '1.3.0')", "false")]
    [InlineData("sprig.semverCompare('>=1.2 <2', '1.5.0')", "true")]
    [InlineData("sprig.semverCompare('1.2 - 1.4', '1.4.9')", "true")]
    [InlineData("sprig.semverCompare('1.2.x || 3.*', '3.1.0')", "true")]
    [InlineData("sprig.semverCompare('>1.0.0', '1.1.0-beta')", "false")]
    public void Versions(string expression, string? expected) => Given.Gives(expression, expected);

    [Theory]
    [InlineData("sprig.base('foo/bar/baz') + sprig.dir('foo/bar/baz') + sprig.ext('a.tar.gz')", "bazfoo/bar.gz")]
    [InlineData("sprig.clean('foo/bar/../baz') + sprig.osBase('/x/y')", "foo/bazy")]
    [InlineData("sprig.urlParse('http://admin:secret@server.com:8080/api?list=false#anchor').host", "server.com:8080")]
    [InlineData("sprig.urlJoin(sprig.dict('fragment', 'f', 'host', 'h:80', 'path', '/p', 'query', 'q', 'scheme', 'http'))", "http://h:80/p?q#f")]
    public void Paths(string expression, string? expected) => Given.Gives(expression, expected);

    [Fact]
    public void Chance_follows_from_the_seed()
    {
        var text = Given.Text("sprig.uuidv4() + sprig.randAlphaNum(8) + sprig.randNumeric(4)")!;
        Assert.Equal(text, Given.Text("sprig.uuidv4() + sprig.randAlphaNum(8) + sprig.randNumeric(4)"));
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}[A-Za-z0-9]{8}[0-9]{4}$", text);
        Assert.NotEqual(text[..36], Expression.Parse("sprig.uuidv4()").EvaluateText(Given.Names, Given.Noon with { Seed = 43 }));
        Given.Gives("sprig.uuidv4() != sprig.uuidv4()", "true");
    }

    [Theory]
    [InlineData("sprig.fail('because')", 6, "because")]
    [InlineData("sprig.mustFromJson('x')", 6, "no JSON")]
    [InlineData("sprig.mustToDate('2006', 'x')", 6, "no time of the layout")]
    [InlineData("sprig.upper(5)", 6, "argument 1 is int, not string")]
    [InlineData("sprig.genPrivateKey('rsa')", 6, "not available")]
    [InlineData("sprig.div(1, 0)", 6, "divide by zero")]
    [InlineData("sprig.slice([1], 3)", 6, "out of range")]
    public void Mistakes(string expression, int column, string part) => Given.Fails(expression, column, part);
}
