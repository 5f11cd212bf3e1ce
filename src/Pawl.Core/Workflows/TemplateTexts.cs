namespace Pawl.Core.Workflows;

/// <summary>The texts of a steps or dag template in which its calls can be named.</summary>
internal static class TemplateTexts
{
    /// <param name="reference">Such as <c>steps.a.outputs.result</c>.</param>
    public static bool Mentions(Template template, string reference) =>
        Of(template).Any(text => text.Contains(reference, StringComparison.Ordinal));

    private static IEnumerable<string> Of(Template template)
    {
        var calls = template.Body switch
        {
            TemplateBody.Steps steps => steps.Groups.SelectMany(g => g),
            TemplateBody.Dag dag => dag.Tasks,
            _ => [],
        };
        return calls.SelectMany(Of).Concat(Of(template.Outputs.Parameters)).Concat(template.Outputs.Artifacts.Select(a => a.From).OfType<string>());
    }

    private static IEnumerable<string> Of(Call call) => Of(call.Arguments.Parameters)
        .Concat(call.Arguments.Artifacts.SelectMany(a => new[] { a.From, a.RawData }).OfType<string>())
        .Concat(call.When is { } when ? [when] : [])
        .Concat(call.Loop switch
        {
            Loop.Items items => items.List.Select(i => i.Text),
            Loop.Param param => [param.Text],
            Loop.Sequence s => new[] { s.Start, s.End, s.Count, s.Format }.OfType<string>(),
            _ => [],
        });

    private static IEnumerable<string> Of(IEnumerable<Parameter> parameters) =>
        parameters.SelectMany(p => new[] { p.Value, p.Default, p.ValueFrom?.Parameter, p.ValueFrom?.Expression, p.ValueFrom?.Default }).OfType<string>();
}
