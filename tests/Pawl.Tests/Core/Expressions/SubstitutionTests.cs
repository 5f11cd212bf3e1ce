using FsCheck;
using FsCheck.Fluent;
using Pawl.Core.Expressions;
using Xunit;

namespace Pawl.Tests.Core.Expressions;

public sealed class SubstitutionTests
{
    private static readonly Dictionary<string, string> Values = new(StringComparer.Ordinal)
    {
        ["workflow.name"] = "digits",
        ["inputs.parameters.which"] = "rate",
        ["workflow.parameters.rate"] = "0.5",
        ["inputs.parameters.hostile"] = "{{workflow.name}}",
        ["inputs.parameters.half"] = "workflow.name}} {{inputs.parameters.which",
        ["empty"] = "",
    };

    private static readonly Scope Scope = name => Values.GetValueOrDefault(name);

    [Theory]
    [InlineData("run {{workflow.name}}", "run digits")]
    [InlineData("{{ workflow.name\t}}/{{workflow.name}}", "digits/digits")]
    [InlineData("{{workflow.parameters.{{inputs.parameters.which}}}}", "0.5")]
    [InlineData("{{workflow.parameters.{{ inputs.parameters.which }} }}", "0.5")]
    [InlineData("[{{empty}}]", "[]")]
    [InlineData("{\"a\":{{workflow.name}}}", "{\"a\":digits}")]
    public void Known_names_are_replaced_from_the_inside_out(string text, string expected) =>
        Assert.Equal(expected, Substitution.Apply(text, Scope));

    [Theory]
    [InlineData("hello {{user}}")]
    [InlineData("{{}} {{ }} {{{{}}}}")]
    [InlineData("{{=workflow.name}}")]
    [InlineData("{{workflow.name")]
    [InlineData("workflow.name}}")]
    [InlineData("{ {workflow.name} }")]
    [InlineData("a } b }} c { d")]
    public void What_is_not_a_known_tag_stays_as_written(string text) => Assert.Same(text, Substitution.Apply(text, Scope));

    [Fact]
    public void An_unknown_outer_tag_keeps_its_replaced_inside() => Assert.Equal(
        "{{steps.rate.id}} {{ digits", Substitution.Apply("{{steps.{{inputs.parameters.which}}.id}} {{ {{workflow.name}}", Scope));

    [Theory]
    [InlineData("{{inputs.parameters.hostile}}", "{{workflow.name}}")]
    [InlineData("{{{{inputs.parameters.hostile}}}}", "{{{{workflow.name}}}}")]
    [InlineData("{{{{inputs.parameters.half}}}}", "{{workflow.name}} {{inputs.parameters.which}}")]
    public void A_value_cannot_bring_in_a_tag(string text, string expected) => Assert.Equal(expected, Substitution.Apply(text, Scope));

    [Theory]
    [InlineData("{{=1}}", "<1>")]
    [InlineData("a {{= {b: {c: 1}} }} d", "a < {b: {c: 1}} > d")]
    [InlineData("{{={a: 1}}}", "<{a: 1}>")]
    [InlineData("{{='}}'}} {{=2}}", "<'}}'> <2>")]
    [InlineData("{{=asInt({{workflow.name}})}}", "<asInt(digits)>")]
    [InlineData("{{=[}} {{=2}}", "{{=[}} <2>")]
    [InlineData("{{=}} {{=2", "{{=}} {{=2")]
    public void An_expression_ends_where_it_can_be_read(string text, string expected) =>
        Assert.Equal(expected, Substitution.Apply(text, name => name is ['=', .. var expression] ? $"<{expression}>" : Scope(name)));

    [Fact]
    public void Tags_names_each_simple_tag_once() => Assert.Equal(
        ["steps.x.outputs.result", "user", "which"],
        Substitution.Tags("{{steps.x.outputs.result}} {{user}} {{=steps.y}} {{ user }} {{a.{{which}}}}"));

    [Fact]
    public void Unresolved_names_what_the_scope_does_not_know_with_inner_tags_replaced() => Assert.Equal(
        ["user", "steps.rate.id"],
        Substitution.Unresolved("{{workflow.name}} {{user}} {{steps.{{inputs.parameters.which}}.id}}", Scope));

    [Fact]
    public void A_result_without_bound_is_refused()
    {
        var megabyte = new string('x', 1024 * 1024);
        var text = string.Concat(Enumerable.Repeat("{{x}}", 9));
        Assert.Contains("longer than", Assert.Throws<ExpressionException>(() => Substitution.Apply(text, _ => megabyte)).Message);
        Assert.Equal(megabyte.Length * 8, Substitution.Apply(text[..40], _ => megabyte).Length);
    }

    [Fact]
    public void A_megabyte_of_braces_is_read_at_once()
    {
        var braces = new string('{', 500_000) + new string('}', 500_000);
        Assert.Same(braces, Substitution.Apply(braces, Scope));
        Assert.Empty(Substitution.Tags(braces));
    }

    [Fact]
    public void Text_without_tags_is_the_same_string() => Prop
        .ForAll((NonNull<string> text) =>
            text.Get.Contains("{{", StringComparison.Ordinal) || ReferenceEquals(text.Get, Substitution.Apply(text.Get, _ => "value")))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_around_a_tag_is_kept() => Prop
        .ForAll((NonNull<string> before, NonNull<string> value, NonNull<string> after) =>
        {
            var (a, b) = (before.Get.Replace("{", "", StringComparison.Ordinal), after.Get.TrimStart('}').Replace("{", "", StringComparison.Ordinal));
            return Substitution.Apply($"{a}{{{{x}}}}{b}", name => name == "x" ? value.Get : null) == a + value.Get + b;
        })
        .QuickCheckThrowOnFailure();
}
