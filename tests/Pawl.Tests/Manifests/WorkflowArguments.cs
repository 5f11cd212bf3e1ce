using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

public sealed class WorkflowArguments
{
    private const string Spec = "  arguments:\n    parameters:\n    - name: a\n    - {name: b, value: x, enum: [x, w]}\n";

    private const string Templates = "  - name: main\n    inputs: {parameters: [{name: a}, {name: c}]}\n    container: {image: i, command: [c]}\n";

    private static ManifestResult Read() => Checkout.Read(Checkout.WithTemplates(Templates, Spec));

    [Fact]
    public void Without_a_value_are_no_matter_to_lint() => Assert.Empty(Read().Problems);

    [Fact]
    public void Without_a_value_are_an_error_to_a_run()
    {
        var missing = ManifestReader.MissingArguments(Read());
        Assert.Equal([(5, "inputs.parameters.c"), (8, "workflow argument 'a'")], missing.Select(p => (p.Line, p.Message[..(p.Line == 5 ? 19 : 21)])));
    }

    [Fact]
    public void Are_replaced_and_added_and_come_first()
    {
        var given = ManifestReader.WithParameters(Read(), new Dictionary<string, string> { ["c"] = "3", ["a"] = "1", ["z"] = "26" });
        Assert.Equal([("a", "1"), ("c", "3"), ("z", "26"), ("b", "x")], given.Workflow!.Arguments.Parameters.Select(p => (p.Name, p.Value)));
        Assert.Empty(ManifestReader.MissingArguments(given));
        Assert.True(given.CanRun);
    }

    [Fact]
    public void Outside_their_enum_are_refused()
    {
        var given = ManifestReader.WithParameters(Read(), new Dictionary<string, string> { ["b"] = "q" });
        Assert.Null(given.Workflow);
        Assert.Contains("'x', 'w'", Assert.Single(given.Messages(Severity.Error)), StringComparison.Ordinal);
    }
}
