using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pawl.Conformance;

/// <summary>The templates of a collection, for the rows that refer to those of other files.</summary>
internal sealed class Library
{
    private readonly List<Document> _documents = [];

    public Library(IEnumerable<Row> rows)
    {
        foreach (var row in rows)
        {
            foreach (var node in Documents(File.ReadAllText(row.File)))
            {
                if (Text(node, "kind") is "WorkflowTemplate" or "ClusterWorkflowTemplate" && Name(node) is { } name)
                {
                    _documents.Add(new Document(Path.GetDirectoryName(row.File)!, Text(node, "kind") == "ClusterWorkflowTemplate", name, node));
                }
            }
        }
    }

    /// <summary>What a manifest refers to, and what that refers to, each as a file of its own; those that the collection has.</summary>
    public ImmutableArray<string> ClosureOf(Row row)
    {
        var folder = Path.GetDirectoryName(row.File)!;
        var found = new List<Document>();
        var own = Documents(File.ReadAllText(row.File)).ToList();
        var open = new Queue<(bool IsCluster, string Name)>(own.SelectMany(References));
        var seen = own.Select(d => (IsCluster: Text(d, "kind") == "ClusterWorkflowTemplate", Name: Name(d) ?? "")).ToHashSet();
        while (open.TryDequeue(out var reference))
        {
            if (!seen.Add(reference)) { continue; }
            // Upstream's tests register what lies beside; other folders have templates of the same name.
            var document = _documents.Where(d => d.IsCluster == reference.IsCluster && d.Name == reference.Name).OrderBy(d => d.Folder != folder).FirstOrDefault();
            if (document is null) { continue; }
            found.Add(document);
            foreach (var next in References(document.Node)) { open.Enqueue(next); }
        }
        // What is referred to comes before what refers to it.
        found.Reverse();
        return [.. found.Select(d => Write(d.Node))];
    }

    private static IEnumerable<(bool IsCluster, string Name)> References(YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                foreach (var (key, value) in map.Children)
                {
                    if (key is YamlScalarNode { Value: "templateRef" or "workflowTemplateRef" } && value is YamlMappingNode && Text(value, "name") is { } name)
                    {
                        yield return (Text(value, "clusterScope") == "true", name);
                    }
                    foreach (var inner in References(value)) { yield return inner; }
                }
                break;
            case YamlSequenceNode list:
                foreach (var inner in list.Children.SelectMany(References)) { yield return inner; }
                break;
        }
    }

    private static IEnumerable<YamlNode> Documents(string text)
    {
        var stream = new YamlStream();
        try { stream.Load(new StringReader(text)); }
        catch (YamlException)
        {
            // Its own verdict says so.
            return [];
        }
        return stream.Documents.Select(d => d.RootNode);
    }

    private static string Write(YamlNode node)
    {
        var text = new StringWriter();
        new YamlStream(new YamlDocument(node)).Save(text, assignAnchors: false);
        return text.ToString();
    }

    private static string? Name(YamlNode node) => node is YamlMappingNode map && map.Children.TryGetValue("metadata", out var metadata) ? Text(metadata, "name") : null;

    private static string? Text(YamlNode node, string key) =>
        node is YamlMappingNode map && map.Children.TryGetValue(key, out var value) && value is YamlScalarNode scalar ? scalar.Value : null;

    private sealed record Document(string Folder, bool IsCluster, string Name, YamlNode Node);
}
