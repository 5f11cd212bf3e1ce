using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads <c>podSpecPatch</c>, a document inside a text.</summary>
internal sealed class PatchReader(Problems problems)
{
    /// <returns>The patch; the grace period it sets, where that is written as a number; and whether it sets one.</returns>
    public (PodPatch? Patch, TimeSpan? Grace, bool SetsGrace) Read(Fields owner)
    {
        if (owner.Text("podSpecPatch") is not { Length: > 0 } patch || owner.Value("podSpecPatch") is not { } at) { return default; }
        var (inside, documents, fields, grace) = Parse(patch);
        var tags = new List<string>();
        if (Tags.AnyIn(patch) && (inside.HasErrors || fields is null))
        {
            // Tags without quotes are no YAML yet.
            (inside, documents, fields, grace) = Parse(Masked(patch, tags));
            if (fields is null) { return (new PodPatch(patch), null, true); }
        }
        // Places inside the patch are no places of the file.
        foreach (var problem in inside.InFileOrder())
        {
            if (problem.Severity is Severity.Error) { problems.Error(at, $"podSpecPatch: {problem.Message}"); }
            else if (problem.Severity is Severity.Unsupported) { problems.Unsupported(at, $"podSpecPatch: {problem.Message}"); }
            else { problems.Notice(at, $"podSpecPatch: {problem.Message}"); }
        }
        if (fields is null && !inside.HasErrors)
        {
            problems.Error(at, "podSpecPatch is not one YAML or JSON map; write '{\"terminationGracePeriodSeconds\": 60}'");
        }
        if (fields is null || inside.HasErrors) { return default; }
        if (grace is < 0 or > int.MaxValue)
        {
            problems.Error(at, $"terminationGracePeriodSeconds {grace} is not a time; write a number of seconds from 0");
            return default;
        }
        var json = Scalars.Json(fields.Node);
        for (var i = 0; i < tags.Count; i++) { json = json.Replace(Mask(i), JsonEncodedText.Encode(tags[i]).ToString(), StringComparison.Ordinal); }
        return (new PodPatch(json), grace is { } seconds ? TimeSpan.FromSeconds(seconds) : null, fields.Has("terminationGracePeriodSeconds"));
    }

    private (Problems Inside, ImmutableArray<YamlNode> Documents, Fields? Fields, long? Grace) Parse(string patch)
    {
        var inside = problems.Aside();
        var documents = YamlTree.Read(patch, inside);
        var fields = documents is [{ Kind: YamlKind.Mapping } only] ? Fields.Of(only, PodTables.Patch, inside) : null;
        return (inside, documents, fields, fields is null ? null : Checked(fields, inside));
    }

    private static string Mask(int number) => string.Create(CultureInfo.InvariantCulture, $"pawl-tag-{number}-of-patch");

    private static string Masked(string patch, List<string> tags)
    {
        var masked = new StringBuilder();
        var from = 0;
        for (var open = patch.IndexOf("{{", StringComparison.Ordinal); open >= 0; open = patch.IndexOf("{{", from, StringComparison.Ordinal))
        {
            var close = patch.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0) { break; }
            masked.Append(patch, from, open - from).Append(Mask(tags.Count));
            from = close + 2;
            tags.Add(patch[open..from]);
        }
        return masked.Append(patch, from, patch.Length - from).ToString();
    }

    private static long? Checked(Fields fields, Problems inside)
    {
        foreach (var field in (string[])["containers", "initContainers"])
        {
            foreach (var node in fields.List(field)) { CheckContainer(Fields.Of(node, PodTables.PatchContainer, inside), inside); }
        }
        foreach (var node in fields.List("hostAliases")) { _ = Fields.Of(node, PodTables.HostAlias, inside)?.Texts("hostnames"); }
        return fields.Value("terminationGracePeriodSeconds") is { Kind: YamlKind.Scalar } grace && (Tags.AnyIn(grace.Text) || grace.Text.StartsWith("pawl-tag-", StringComparison.Ordinal)) ? null : fields.Whole("terminationGracePeriodSeconds");
    }

    private static void CheckContainer(Fields? container, Problems inside)
    {
        if (container is null) { return; }
        if (container.Text("name") is not { Length: > 0 }) { inside.Error(container.Node, "a container without a name; write `name: main`"); }
        _ = (container.Texts("command"), container.Texts("args"), container.Text("image"), container.Text("workingDir"));
        foreach (var variable in container.List("env")) { _ = Fields.Of(variable, PodTables.PatchVariable, inside)?.Text("value"); }
        if (container.Map("resources", PodTables.PatchResources)?.Value("limits") is not { } limits) { return; }
        if (limits.Kind is not YamlKind.Mapping) { inside.Error(limits, $"limits is {limits.Name}; write a map such as `cpu: 500m`"); }
        foreach (var (key, _) in limits.Entries)
        {
            // What machines are shared out by is what the template itself asks for.
            if (key.Text.Contains('/', StringComparison.Ordinal)) { inside.Unsupported(key, $"resource {key.Text.Quoted()} cannot be patched in; write it under resources of the container"); }
        }
    }
}
