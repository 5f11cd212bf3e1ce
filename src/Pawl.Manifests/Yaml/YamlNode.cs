using System.Collections.Immutable;

namespace Pawl.Manifests.Yaml;

internal enum YamlKind
{
    Scalar,
    Sequence,
    Mapping,
}

internal readonly record struct YamlEntry(YamlNode Key, YamlNode Value);

/// <summary>One node of a document, with its place. An alias is the very node it names, so a tree may share parts.</summary>
internal sealed class YamlNode
{
    public required YamlKind Kind { get; init; }

    /// <summary>As it is to stand in messages.</summary>
    public string File { get; init; } = "";

    /// <summary>From 1.</summary>
    public required int Line { get; init; }

    /// <summary>From 1.</summary>
    public required int Column { get; init; }

    /// <summary>Of a scalar, escapes and folding already resolved; else empty.</summary>
    public string Text { get; init; } = "";

    /// <summary>A scalar without quotes, of which YAML 1.1 may make a number, a truth value or null.</summary>
    public bool IsPlain { get; init; }

    /// <summary>A block introduced by <c>|</c>: its lines are those of the file, from the next one on.</summary>
    public bool IsLiteral { get; init; }

    public ImmutableArray<YamlNode> Items { get; init; } = [];

    /// <summary>In written order, merge keys already resolved, no key twice.</summary>
    public ImmutableArray<YamlEntry> Entries { get; init; } = [];

    /// <summary>Nodes from here down, aliases counted each time. Of what the parser made; so are the next two.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Levels from here down, 1 for a scalar.</summary>
    public int Height { get; init; } = 1;

    /// <summary>Characters of text from here down, aliases counted each time.</summary>
    public long Characters { get; init; }

    /// <summary>The value of a key of a map; null where it is absent or null.</summary>
    public YamlNode? Field(string key) => Entries.FirstOrDefault(e => e.Key.Text == key).Value is { IsNull: false } value ? value : null;

    /// <summary>A map with one value replaced, or added at the end under a key that is placed at the value.</summary>
    public YamlNode With(string key, YamlNode value)
    {
        var at = 0;
        while (at < Entries.Length && Entries[at].Key.Text != key) { at++; }
        return at < Entries.Length
            ? WithEntries(Entries.SetItem(at, new(Entries[at].Key, value)))
            : WithEntries(Entries.Add(new(OfText(key, value), value)));
    }

    public YamlNode Without(string key) => WithEntries(Entries.RemoveAll(e => e.Key.Text == key));

    public YamlNode WithEntries(ImmutableArray<YamlEntry> entries) =>
        new() { Kind = YamlKind.Mapping, File = File, Line = Line, Column = Column, Entries = entries };

    public YamlNode WithItems(ImmutableArray<YamlNode> items) =>
        new() { Kind = YamlKind.Sequence, File = File, Line = Line, Column = Column, Items = items };

    /// <summary>A text that stands, for messages, where <paramref name="at"/> does.</summary>
    public static YamlNode OfText(string text, YamlNode at) =>
        new() { Kind = YamlKind.Scalar, File = at.File, Line = at.Line, Column = at.Column, Text = text };

    public bool IsNull => Kind is YamlKind.Scalar && Scalars.TypeOf(this) is ScalarType.Null;

    public string Name => Kind switch
    {
        YamlKind.Sequence => "a list",
        YamlKind.Mapping => "a map",
        _ => Scalars.TypeOf(this) switch
        {
            ScalarType.Null => "nothing",
            ScalarType.Bool => "a truth value",
            ScalarType.Int or ScalarType.Float => "a number",
            _ => "text",
        },
    };
}
