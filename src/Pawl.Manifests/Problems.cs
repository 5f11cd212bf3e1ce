using System.Collections.Immutable;
using System.Globalization;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>The problems found so far in one file.</summary>
/// <param name="options">How the file is to be read; null is as Argo's command line reads it.</param>
internal sealed class Problems(string file, ManifestOptions? options = null)
{
    // A file that is wrong everywhere needs no longer list than a person reads.
    private const int Most = 1000;

    private readonly List<Problem> _found = [];
    private readonly HashSet<YamlNode> _opaque = new(ReferenceEqualityComparer.Instance);
    private readonly List<YamlNode> _idle = [];
    private bool _hasErrors;

    public string File => file;

    public ManifestOptions Options { get; } = options ?? ManifestOptions.Default;

    /// <summary>For a second look at something, whose problems are told elsewhere.</summary>
    public Problems Aside() => new(file, Options);

    public bool HasErrors => _hasErrors;

    /// <summary>Nothing that could still be found would change the answer or be listed.</summary>
    public bool IsSettled => _hasErrors && _found.Count > Most;

    public void Error(YamlNode at, string message) => Add(Severity.Error, at.File, at.Line, at.Column, message);

    public void Error(int line, int column, string message) => Add(Severity.Error, file, line, column, message);

    /// <param name="inside">What the place is in; it may be of another file.</param>
    public void Error(YamlNode inside, int line, int column, string message) => Add(Severity.Error, inside.File, line, column, message);

    /// <summary>An error, but where the manifest is not read strictly.</summary>
    public void ErrorIfStrict(YamlNode at, string message, string otherwise)
    {
        if (Options.Strict) { Error(at, message); } else { Notice(at, otherwise); }
    }

    public void Unsupported(YamlNode at, string message) => Add(Severity.Unsupported, at.File, at.Line, at.Column, message);

    public void Notice(YamlNode at, string message) => Add(Severity.Notice, at.File, at.Line, at.Column, message);

    /// <summary>A field that Argo has and one machine has no use for: all of a document are said at once.</summary>
    /// <param name="field">The key.</param>
    public void NoEffect(YamlNode field)
    {
        if (_idle.Count < Most) { _idle.Add(field); }
    }

    /// <summary>Nothing below this node is looked at: it was already said that it is not supported or has no effect.</summary>
    public void MakeOpaque(YamlNode node) => _opaque.Add(node);

    public bool IsOpaque(YamlNode node) => _opaque.Contains(node);

    /// <summary>Those of the file itself first, then those of the files it refers to.</summary>
    public ImmutableArray<Problem> InFileOrder() =>
        [.. All().OrderBy(p => p.File != file).ThenBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line).ThenBy(p => p.Column).Distinct()];

    /// <summary>The problems of all documents of a file.</summary>
    public static ImmutableArray<Problem> Together(IReadOnlyList<Problems> all)
    {
        var problems = new Problems(all[0].File);
        foreach (var p in all.SelectMany(a => a.All())) { problems.Add(p.Severity, p.File, p.Line, p.Column, p.Message); }
        return problems.InFileOrder();
    }

    private IEnumerable<Problem> All() => _found.Concat(_idle.DistinctBy(f => (f.File, f.Line, f.Column)).GroupBy(f => f.File).Select(WithoutEffect));

    private static Problem WithoutEffect(IGrouping<string, YamlNode> fields)
    {
        var sorted = fields.OrderBy(f => f.Line).ThenBy(f => f.Column).ToList();
        var names = sorted.GroupBy(f => f.Text).Select(g => string.Create(
            CultureInfo.InvariantCulture, $"{g.Key} ({string.Join(", ", g.Take(3).Select(f => $"{f.Line}:{f.Column}"))}{(g.Count() > 3 ? ", …" : "")})"));
        return new Problem(Severity.Notice, fields.Key, sorted[0].Line, sorted[0].Column, $"no effect on one machine: {string.Join(", ", names)}; see docs/argo-coverage.md");
    }

    private void Add(Severity severity, string where, int line, int column, string message)
    {
        // Kept even when the list is full: an unsound manifest must never look sound.
        var first = severity is Severity.Error && !_hasErrors;
        _hasErrors |= severity is Severity.Error;
        if (_found.Count < Most || first) { _found.Add(new Problem(severity, where, line, column, message)); }
        else if (_found.Count == Most) { _found.Add(new Problem(severity, where, line, column, $"and more: only the first {Most} problems are listed")); }
    }
}
