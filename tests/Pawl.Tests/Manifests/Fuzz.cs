using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>Manifests damaged by chance: 20,000 inputs or a few seconds, whichever ends first. PAWL_FUZZ_INPUTS sets the number instead.</summary>
public sealed class Fuzz
{
    private const int Seed = 20_241;
    private static readonly string[] Pieces =
    [
        "{{", "}}", "{{=", "&a ", "*a", "<<: *a\n", "---\n", "\t", "\0", "\uFEFF", "- ", ": ", "? ", "|", ">", "'", "\"", "[", "]", "{", "}", "!!", "%YAML 1.2\n", "#", "\r",
        "{{item}}", "{{steps.a.outputs.result}}", "{{tasks..x}}", "{{inputs.parameters}}", "dependencies: [a]\n", "null", "0x", ".", "-", "1e999", "\\", "é", "\uD800",
        "name: a\n", "template: main\n", "withItems: [1]\n", "when: x\n", "withParam: x\n", "withSequence: {count: 3}\n", "depends: a && b.Failed\n", "inline: {suspend: {}}\n", "valueFrom: {}\n", "\n", "   ", "~", "steps", "dag", "container",
    ];

    [Fact]
    public void Never_throws_and_never_hangs()
    {
        var isSet = int.TryParse(Environment.GetEnvironmentVariable("PAWL_FUZZ_INPUTS"), CultureInfo.InvariantCulture, out var set);
        var (wanted, begun) = (isSet ? set : 20_000, Stopwatch.GetTimestamp());
        var manifests = Directory.GetFiles(Checkout.Golden, "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        var dice = new Random(Seed);
        var slowest = TimeSpan.Zero;
        var input = 0;
        for (; input < wanted && (isSet || Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(6)); input++)
        {
            var bytes = Damaged.Of(manifests[dice.Next(manifests.Length)], manifests[dice.Next(manifests.Length)], Pieces, dice);
            var start = Stopwatch.GetTimestamp();
            try
            {
                var result = ManifestReader.Read("fuzz.yaml", bytes);
                Assert.True(result.Workflow is null || !result.HasErrors);
                Assert.True(result.Workflow is not null || result.Problems.Any(p => p.Severity is not Severity.Notice) || result.Documents.All(d => d.Kind != "Workflow"));
                Assert.All(result.Problems, p => Assert.True(p.Line > 0 && p.Column > 0 && !p.Message.Contains('\n')));
                ManifestReader.MissingArguments(ManifestReader.WithParameters(result, new Dictionary<string, string> { ["rate"] = "1" }));
            }
            catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
            {
                Assert.Fail($"input {input} of seed {Seed}: {e}\n{Encoding.UTF8.GetString(bytes)}");
            }
            var took = Stopwatch.GetElapsedTime(start);
            slowest = took > slowest ? took : slowest;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{input} inputs, slowest {slowest.TotalMilliseconds:F0} ms");
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }
}
