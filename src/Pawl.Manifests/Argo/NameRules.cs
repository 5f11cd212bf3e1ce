using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Argo's rules for names.</summary>
internal static class NameRules
{
    private const int LongestName = 128;
    private const int LongestObject = 63;

    /// <summary>The name of a template, step or task, empty when there is none; problems are reported at it.</summary>
    public static (string Name, YamlNode At) OfPart(Fields fields, string what, Problems problems)
    {
        var at = fields.Value("name") ?? fields.Node;
        if (fields.Text("name") is not { Length: > 0 } name)
        {
            if (!fields.Has("name") || fields.Value("name")!.Text.Length == 0) { problems.Error(fields.Node, $"a {what} without a name; write `name: NAME` in it"); }
            return ("", at);
        }
        if (!char.IsAsciiLetterOrDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            problems.Error(at, $"{what} name {name.Quoted()} is invalid; write letters, digits and hyphens, a letter or digit first");
        }
        else if (name.Length > LongestName) { problems.Error(at, $"{what} name {name.Quoted()} has {name.Length} characters; write at most {LongestName}"); }
        return (name, at);
    }

    /// <param name="mayHaveTags">It is made when the template runs.</param>
    public static void CheckValueName(string name, YamlNode at, string what, bool mayHaveTags, Problems problems)
    {
        if (Checks.Tags.AnyIn(name) && mayHaveTags) { return; }
        if (Checks.Tags.AnyIn(name)) { problems.Unsupported(at, $"{what} name {name.Quoted()} is made by a tag, which only that of an output may be; write the name"); }
        else if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            problems.Error(at, $"{what} name {name.Quoted()} is invalid; write letters, digits, hyphens and underscores");
        }
    }

    /// <summary>Kubernetes' rule for objects (RFC 1123 subdomain), and the 63 characters that Argo allows.</summary>
    /// <param name="isPrefix">A generateName, which may end in a hyphen.</param>
    public static void CheckObjectName(string name, YamlNode at, bool isPrefix, Problems problems)
    {
        var checkedPart = isPrefix ? name.TrimEnd('-', '.') : name;
        var parts = checkedPart.Split('.');
        if (parts.Any(p => p.Length == 0 || p[0] == '-' || p[^1] == '-' || !p.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
        {
            problems.Error(at, $"workflow name {name.Quoted()} is invalid; write lower-case letters, digits and hyphens, a letter or digit first and last");
        }
        else if (name.Length > LongestObject)
        {
            problems.Error(at, $"workflow name {name.Quoted()} has {name.Length} characters; write at most {LongestObject}");
        }
    }

    public static void CheckUnique<T>(IEnumerable<T> named, Func<T, string> name, Func<T, YamlNode> at, string what, Problems problems)
    {
        var first = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var one in named)
        {
            if (name(one).Length == 0) { continue; }
            if (!first.TryAdd(name(one), at(one)))
            {
                var earlier = first[name(one)];
                problems.Error(at(one), $"{what} {name(one).Quoted()} is not unique, first at {earlier.Line}:{earlier.Column}; give one of them another name");
            }
        }
    }
}
