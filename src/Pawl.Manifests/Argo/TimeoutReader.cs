using Pawl.Core.Expressions;
using Pawl.Manifests.Checks;

namespace Pawl.Manifests.Argo;

/// <summary>Reads the <c>timeout</c> and <c>pendingTimeout</c> of a template.</summary>
internal sealed class TimeoutReader(Problems problems)
{
    public string? Read(Fields fields, string field, TemplateSource source)
    {
        if (fields.Key(field) is not { } key) { return null; }
        if (!source.IsLeaf && source.Type.Length > 0)
        {
            problems.Error(key, $"{field} is only valid for leaf templates; write it in the templates that this one calls"
                .InArgo($"templates.{source.Name} {Named(source.Type)} template doesn't support {field} field"));
        }
        if (fields.Text(field) is not { } text) { return null; }
        // Argo reads a bare number only where a tag gave it.
        if (!Tags.AnyIn(text) && (!Durations.TryParse(text, out _) || text.All(char.IsAsciiDigit)))
        {
            problems.Error(fields.Value(field)!, $"{field} {text.Quoted()} is not a duration with a unit; write 30s, or 1m30s"
                .InArgo($"{source.Name} has invalid duration format in {field}"));
        }
        return text;
    }

    private static string Named(string type) => type switch
    {
        "steps" => "Steps",
        "dag" => "DAG",
        _ => "Suspend",
    };
}
