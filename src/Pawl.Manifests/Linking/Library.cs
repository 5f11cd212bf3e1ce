using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Linking;

/// <summary>What a manifest may refer to besides itself: templates and config maps.</summary>
/// <param name="files">Searched in this order, after the manifest's own file.</param>
/// <param name="more">Asked last, for a document by kind and name; null where there is nobody to ask.</param>
public sealed class Library(IEnumerable<ManifestText> files, Func<string, string, ManifestText?>? more = null)
{
    private readonly Dictionary<(string Kind, string Name), Shelved?> _found = [];
    private ImmutableArray<(ManifestText Text, ImmutableArray<YamlNode> Documents)>? _files;

    /// <summary>They win over those in the manifest's own file.</summary>
    public ConfigMaps ConfigMaps { get; init; } = ConfigMaps.None;

    /// <summary>They are looked into last.</summary>
    public ConfigMaps OtherConfigMaps { get; init; } = ConfigMaps.None;

    /// <summary>What is wrong with the files themselves; known once something was looked for.</summary>
    internal List<Problem> Broken { get; } = [];

    /// <param name="options">How its files are read: as the one that refers to them.</param>
    /// <returns>Null where there is no such document.</returns>
    internal Shelved? Find(string kind, string name, ManifestOptions options)
    {
        if (_found.TryGetValue((kind, name), out var known)) { return known; }
        _files ??= [.. files.Select(f => (f, Read(f, options)))];
        var found = _files.Value.Select(f => In(f.Text, f.Documents, kind, name)).FirstOrDefault(s => s is not null);
        if (found is null && more?.Invoke(kind, name) is { } text) { found = In(text, Read(text, options), kind, name); }
        return _found[(kind, name)] = found;
    }

    /// <summary>The file in which a document stands; null where there is no such document.</summary>
    public ManifestText? Text(string kind, string name, ManifestOptions options) => Find(kind, name, options)?.From;

    /// <summary>Those of <paramref name="used"/> in an order in which a library of them alone finds the same documents.</summary>
    internal ImmutableArray<ManifestText> InOrder(IReadOnlyCollection<ManifestText> used) =>
        [.. (_files ?? []).Select(f => f.Text).Where(used.Contains), .. used.Where(u => (_files ?? []).All(f => f.Text != u))];

    internal static YamlNode? In(ImmutableArray<YamlNode> documents, string kind, string name) =>
        documents.FirstOrDefault(d => d.Field("kind")?.Text == kind && d.Field("metadata")?.Field("name")?.Text == name);

    private static Shelved? In(ManifestText text, ImmutableArray<YamlNode> documents, string kind, string name) =>
        In(documents, kind, name) is { } document ? new Shelved(document, text) : null;

    private ImmutableArray<YamlNode> Read(ManifestText text, ManifestOptions options)
    {
        var problems = new Problems(text.File, options);
        var documents = YamlTree.Read(text.Utf8.Span, problems);
        Broken.AddRange(problems.InFileOrder());
        return documents;
    }
}

/// <param name="From">Null where it stands in the manifest's own file.</param>
internal sealed record Shelved(YamlNode Document, ManifestText? From);
