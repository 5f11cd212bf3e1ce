using System.Diagnostics;
using System.Text;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>Input that is no manifest, or meant to do harm, gets one clear error, soon and in bounded memory.</summary>
public sealed class HostileManifests
{
    [Fact]
    public void Hundred_mebibytes_are_refused_by_their_size()
    {
        var garbage = new byte[100 * 1024 * 1024];
        Array.Fill(garbage, (byte)'[');
        var problem = Assert.Single(InASecond(garbage).Problems);
        Assert.Contains("4,194,304", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_of_aliases_is_refused_before_it_grows()
    {
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 30; i++) { bomb.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 9))}]\n"); }
        Assert.Contains("200,000", Only(bomb.ToString()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_of_text_is_refused_before_it_grows()
    {
        var bomb = "a: &a " + new string('x', 1_000_000) + "\nb:\n" + string.Concat(Enumerable.Repeat("- *a\n", 1000));
        Assert.Contains("16,777,216 characters", Only(bomb).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Depth_is_bounded(char open) => Assert.Contains("100 levels", Only(new string(open, 50_000)).Message, StringComparison.Ordinal);

    [Fact]
    public void Depth_of_blocks_is_bounded() => Assert.Contains("100 levels", Only(string.Concat(Enumerable.Repeat("- ", 50_000))).Message, StringComparison.Ordinal);

    [Fact]
    public void Depth_is_counted_through_aliases()
    {
        var text = new StringBuilder("a0: &a0 [x]\n");
        for (var i = 1; i < 120; i++) { text.Append($"a{i}: &a{i} [*a{i - 1}]\n"); }
        Assert.Contains("100 levels", Only(text.ToString()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: &a [*a]", "inside its own anchor", 1, 8)]
    [InlineData("a: *nobody", "without an anchor", 1, 4)]
    [InlineData("a: 1\nb: 2\na: 3", "first at 1:1", 3, 1)]
    [InlineData("a: b\n\tc: d", "indent with spaces", 2, 1)]
    [InlineData("a:\n\t- b", "indent with spaces", 2, 1)]
    [InlineData("a: \"open", "not YAML", 1, 4)]
    [InlineData("a: [1, 2", "not YAML", 2, 1)]
    [InlineData("ok: 1\nnul: \0", "U+0000", 2, 6)]
    [InlineData("? [a]\n: b", "a list as a key", 1, 3)]
    [InlineData("a: !!binary aGk=", "YAML tag", 1, 4)]
    [InlineData("<<: 3", "merge key", 1, 5)]
    [InlineData("", "no Workflow found", 1, 1)]
    [InlineData("just text", "the document is text", 1, 1)]
    public void Broken_text_is_reported_at_its_place(string text, string expected, int line, int column)
    {
        var problem = Assert.Single(Checkout.Read(text).Problems, p => p.Message.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(Severity.Error, problem.Severity);
        Assert.Equal((line, column), (problem.Line, problem.Column));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_reported_at_their_place()
    {
        var problem = Assert.Single(ManifestReader.Read("f", [.. "a: 1\nbä: "u8, 0xFF, 0xFE, .. "x"u8]).Problems);
        Assert.Equal((2, 5), (problem.Line, problem.Column));
        Assert.Contains("UTF-8", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Thousands_of_mistakes_are_listed_up_to_a_thousand()
    {
        var yaml = Checkout.WithTemplates("  - name: main\n    suspend: {}\n", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"  unknown{i}: 1\n")));
        Assert.InRange(InASecond(Encoding.UTF8.GetBytes(yaml)).Problems.Length, 1000, 1002);
    }

    [Fact]
    public void A_long_chain_of_tasks_is_no_trouble()
    {
        var tasks = string.Concat(Enumerable.Range(0, 5_000).Select(i => i == 0
            ? "      - {name: t0, template: leaf}\n"
            : $"      - {{name: t{i}, template: leaf, dependencies: [t{i - 1}], when: \"{{{{tasks.t0.status}}}} == Succeeded\"}}\n"));
        var yaml = Checkout.WithTemplates("  - name: main\n    dag:\n      tasks:\n" + tasks + "  - {name: leaf, container: {image: busybox, command: [echo]}}\n");
        Assert.True(InASecond(Encoding.UTF8.GetBytes(yaml)).CanRun);
    }

    private static Problem Only(string text) => Assert.Single(InASecond(Encoding.UTF8.GetBytes(text)).Problems);

    // Ten seconds are one on a machine that is busy with other tests as well.
    private static ManifestResult InASecond(byte[] utf8)
    {
        ManifestReader.Read("warm-up", "a: 1"u8);
        var (start, memory) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        var result = ManifestReader.Read("hostile", utf8);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - memory, 0, 256L * 1024 * 1024);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        return result;
    }
}
