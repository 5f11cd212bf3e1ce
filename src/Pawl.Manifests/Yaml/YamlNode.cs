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

    /// <summary>Nodes from here down, aliases counted each time.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Levels from here down, 1 for a scalar.</summary>
    public int Height { get; init; } = 1;

    /// <summary>Characters of text from here down, aliases counted each time.</summary>
    public long Characters { get; init; }

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
