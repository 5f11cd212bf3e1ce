using System.Collections.Immutable;
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
    private bool _hasErrors;

    public string File => file;

    public ManifestOptions Options { get; } = options ?? ManifestOptions.Default;

    /// <summary>For a second look at something, whose problems are told elsewhere.</summary>
    public Problems Aside() => new(file, Options);

    public bool HasErrors => _hasErrors;

    /// <summary>Nothing that could still be found would change the answer or be listed.</summary>
    public bool IsSettled => _hasErrors && _found.Count > Most;

    public void Error(YamlNode at, string message) => Add(Severity.Error, at.Line, at.Column, message);

    public void Error(int line, int column, string message) => Add(Severity.Error, line, column, message);

    /// <summary>An error, but where the manifest is not read strictly.</summary>
    public void ErrorIfStrict(YamlNode at, string message, string otherwise)
    {
        if (Options.Strict) { Error(at, message); } else { Notice(at, otherwise); }
    }

    public void Unsupported(YamlNode at, string message) => Add(Severity.Unsupported, at.Line, at.Column, message);

    public void Notice(YamlNode at, string message) => Add(Severity.Notice, at.Line, at.Column, message);

    /// <summary>Nothing below this node is looked at: it was already said that it is not supported or has no effect.</summary>
    public void MakeOpaque(YamlNode node) => _opaque.Add(node);

    public bool IsOpaque(YamlNode node) => _opaque.Contains(node);

    public ImmutableArray<Problem> InFileOrder() => [.. _found.OrderBy(p => p.Line).ThenBy(p => p.Column).Distinct()];

    private void Add(Severity severity, int line, int column, string message)
    {
        // Kept even when the list is full: an unsound manifest must never look sound.
        var first = severity is Severity.Error && !_hasErrors;
        _hasErrors |= severity is Severity.Error;
        if (_found.Count < Most || first) { _found.Add(new Problem(severity, file, line, column, message)); }
        else if (_found.Count == Most) { _found.Add(new Problem(severity, file, line, column, $"and more: only the first {Most} problems are listed")); }
    }
}
