using System.Buffers;
using System.Collections.Immutable;
using System.Text.Unicode;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pawl.Manifests.Yaml;

/// <summary>Reads YAML (and so JSON) into nodes with places, within fixed bounds of memory and time.</summary>
internal sealed class YamlTree
{
    public const int MostBytes = 4 * 1024 * 1024;
    private const int MostNodes = 200_000;
    private const int MostLevels = 100;

    // Text that aliases repeat; far above what a manifest of 4 MiB holds without them.
    private const long MostCharacters = 16 * 1024 * 1024;

    // Characters parsed over all attempts; eight times the largest file.
    private const long MostWork = 8L * MostBytes;

    private const string StandardTag = "tag:yaml.org,2002:";

    private readonly Parser _parser;
    private readonly Problems _problems;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private int _nodes;
    private long _characters;

    private YamlTree(string text, Problems problems)
    {
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        _problems = problems;
    }

    /// <summary>The documents of a file; those before the first syntax error, which is reported.</summary>
    public static ImmutableArray<YamlNode> Read(ReadOnlySpan<byte> utf8, Problems problems)
    {
        if (utf8.Length > MostBytes)
        {
            problems.Error(1, 1, $"the file has {utf8.Length:N0} bytes; a manifest may have {MostBytes:N0}: keep data out of it, in artifacts or files beside it");
            return [];
        }
        return Decode(utf8, problems) is { } text ? Read(text, problems) : [];
    }

    /// <summary>The documents of a text that stands inside another, such as a patch.</summary>
    public static ImmutableArray<YamlNode> Read(string text, Problems problems)
    {
        for (var work = text.Length; ; work += text.Length)
        {
            var documents = ImmutableArray.CreateBuilder<YamlNode>();
            var tree = new YamlTree(text, problems);
            try
            {
                tree.Documents(documents);
                return documents.ToImmutable();
            }
            catch (YamlException e)
            {
                if (work < MostWork && QuotedLines.Indent(text, e) is { } indented) { text = indented; continue; }
                Explain(e, text, problems);
                return documents.ToImmutable();
            }
            // Found by damaged input: the parser's own slips on text that is no YAML (YamlDotNet 16.3).
            catch (Exception e) when (e is InvalidOperationException or ArgumentException)
            {
                var end = tree._parser.Current?.End ?? Mark.Empty;
                problems.Error(Place(end.Line), Place(end.Column), "not YAML after this place; look for a stray quote, bracket, tab or tag");
                return documents.ToImmutable();
            }
        }
    }

    private void Documents(ImmutableArray<YamlNode>.Builder documents)
    {
        while (_parser.MoveNext())
        {
            switch (_parser.Current)
            {
                case DocumentStart:
                    _anchors.Clear();
                    break;
                case NodeEvent or AnchorAlias:
                    documents.Add(Node(level: 1));
                    break;
                default:
                    break;
            }
        }
    }

    // The parser stands on the first event of the node and is left on its last.
    private YamlNode Node(int level)
    {
        var here = _parser.Current!;
        if (level > MostLevels) { throw Refused(here, $"more than {MostLevels} levels of nesting"); }
        switch (here)
        {
            case AnchorAlias alias:
                return Alias(alias, level);
            case Scalar scalar:
                Spend(here, 1, scalar.Value.Length);
                return Remember(scalar, OfScalar(scalar));
            case SequenceStart start:
                Open(start);
                return Remember(start, Sequence(start, level));
            case MappingStart start:
                Open(start);
                return Remember(start, Mapping(start, level));
            default:
                throw Refused(here, "something that is neither text, list nor map");
        }
    }

    private YamlNode Alias(AnchorAlias alias, int level)
    {
        var name = alias.Value.Value;
        if (!_anchors.TryGetValue(name, out var node)) { throw Refused(alias, $"alias *{name} without an anchor &{name} before it"); }
        if (node is null) { throw Refused(alias, $"alias *{name} inside its own anchor"); }
        if (level + node.Height - 1 > MostLevels) { throw Refused(alias, $"more than {MostLevels} levels of nesting"); }
        Spend(alias, node.Count, node.Characters);
        return node;
    }

    private YamlNode Sequence(SequenceStart start, int level)
    {
        Spend(start, 1, 0);
        CheckTag(start, start.Tag);
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        while (Next() is not SequenceEnd) { items.Add(Node(level + 1)); }
        return new YamlNode
        {
            Kind = YamlKind.Sequence,
            File = _problems.File,
            Line = Place(start.Start.Line),
            Column = Place(start.Start.Column),
            Items = items.ToImmutable(),
            Count = 1 + items.Sum(i => i.Count),
            Height = 1 + items.Select(i => i.Height).DefaultIfEmpty(0).Max(),
            Characters = items.Sum(i => i.Characters),
        };
    }

    private YamlNode Mapping(MappingStart start, int level)
    {
        Spend(start, 1, 0);
        CheckTag(start, start.Tag);
        var own = new Dictionary<string, int>(StringComparer.Ordinal);
        var entries = new List<YamlEntry>();
        var merged = new List<YamlNode>();
        while (Next() is not MappingEnd)
        {
            var key = Node(level + 1);
            Next();
            var value = Node(level + 1);
            if (key.Kind is not YamlKind.Scalar) { _problems.Error(key, $"{key.Name} as a key; a key is text"); }
            else if (key is { IsPlain: true, Text: "<<" }) { merged.AddRange(value.Kind is YamlKind.Sequence ? value.Items : [value]); }
            else if (own.TryAdd(key.Text, entries.Count)) { entries.Add(new(key, value)); }
            else
            {
                var first = entries[own[key.Text]].Key;
                var again = $"key {key.Text.Quoted()} stands here again, first at {first.Line}:{first.Column}";
                _problems.ErrorIfStrict(key, $"{again}; remove one of the two", $"{again}; the last one counts");
                if (!_problems.Options.Strict) { entries[own[key.Text]] = new(key, value); }
            }
        }
        foreach (var source in merged) { Merge(source, own, entries); }
        return new YamlNode
        {
            Kind = YamlKind.Mapping,
            File = _problems.File,
            Line = Place(start.Start.Line),
            Column = Place(start.Start.Column),
            Entries = [.. entries],
            Count = 1 + entries.Sum(e => e.Key.Count + e.Value.Count),
            Height = 1 + entries.Select(e => e.Value.Height).DefaultIfEmpty(0).Max(),
            Characters = entries.Sum(e => e.Key.Characters + e.Value.Characters),
        };
    }

    // Keys of the map itself win, then those of earlier sources (YAML 1.1, merge key type).
    private void Merge(YamlNode source, Dictionary<string, int> own, List<YamlEntry> entries)
    {
        if (source.Kind is not YamlKind.Mapping)
        {
            _problems.Error(source, $"merge key << with {source.Name}; write an alias of a map, or a list of such aliases");
            return;
        }
        foreach (var entry in source.Entries)
        {
            if (own.TryAdd(entry.Key.Text, entries.Count)) { entries.Add(entry); }
        }
    }

    private YamlNode OfScalar(Scalar scalar)
    {
        CheckTag(scalar, scalar.Tag);
        var isTagged = !scalar.Tag.IsEmpty && !scalar.Tag.IsNonSpecific;
        return new YamlNode
        {
            Kind = YamlKind.Scalar,
            File = _problems.File,
            Line = Place(scalar.Start.Line),
            Column = Place(scalar.Start.Column),
            Text = scalar.Value,
            // !!int "3" is a number in spite of its quotes, !!str 3 a text without any.
            IsPlain = isTagged ? scalar.Tag.Value != StandardTag + "str" : scalar.Style is ScalarStyle.Plain && scalar.Tag.IsEmpty,
            IsLiteral = scalar.Style is ScalarStyle.Literal,
            Characters = scalar.Value.Length,
        };
    }

    private void CheckTag(ParsingEvent at, TagName tag)
    {
        if (tag.IsEmpty || tag.IsNonSpecific) { return; }
        if (tag.Value is not (StandardTag + "str" or StandardTag + "int" or StandardTag + "float" or StandardTag + "bool"
            or StandardTag + "null" or StandardTag + "map" or StandardTag + "seq"))
        {
            _problems.Error(Place(at.Start.Line), Place(at.Start.Column), $"YAML tag {tag.Value.Quoted()}; write the value without a tag");
        }
    }

    private ParsingEvent Next() => _parser.MoveNext() ? _parser.Current! : throw new SyntaxErrorException("the document ends in the middle");

    // An anchor that is still open stands for itself inside itself, which no tree can hold.
    private void Open(NodeEvent start)
    {
        if (!start.Anchor.IsEmpty) { _anchors[start.Anchor.Value] = null; }
    }

    private YamlNode Remember(NodeEvent start, YamlNode node)
    {
        if (!start.Anchor.IsEmpty) { _anchors[start.Anchor.Value] = node; }
        return node;
    }

    private void Spend(ParsingEvent at, int nodes, long characters)
    {
        _nodes += nodes;
        _characters += characters;
        if (_nodes > MostNodes) { throw Refused(at, $"more than {MostNodes:N0} values, aliases counted each time"); }
        if (_characters > MostCharacters) { throw Refused(at, $"more than {MostCharacters:N0} characters, aliases counted each time"); }
    }

    private static YamlException Refused(ParsingEvent at, string what) => new(at.Start, at.End, $"{what}; this is not read further");

    private static void Explain(YamlException e, string text, Problems problems)
    {
        // Where it names a tab it may have stopped at the line before.
        var ahead = e.Message.Contains(" tab", StringComparison.Ordinal) ? 1000 : 1;
        if (TabIndent(text, (int)Math.Clamp(e.Start.Index, 0, text.Length), (int)Math.Clamp(e.End.Index + ahead, 0, text.Length)) is { } tab)
        {
            var (line, column) = PlaceOf(text.AsSpan(0, tab));
            problems.Error(line, column, "a tab where YAML takes spaces only; indent with spaces");
            return;
        }
        var reason = e.Message.AsSpan().Trim().TrimEnd('.').ToString();
        problems.Error(Place(e.Start.Line), Place(e.Start.Column), $"not YAML: {(reason.Length > 200 ? reason[..200] : reason).ReplaceLineEndings(" ")}");
    }

    // The first tab in the white space at the start of a line that the complaint touches.
    private static int? TabIndent(string text, int from, int to)
    {
        for (var line = text.AsSpan(0, from).LastIndexOf('\n') + 1; line < to;)
        {
            var end = text.AsSpan(line).IndexOf('\n') is >= 0 and var length ? line + length : text.Length;
            var spaces = text.AsSpan(line, end - line).IndexOfAnyExcept(' ');
            if (spaces >= 0 && text[line + spaces] == '\t') { return line + spaces; }
            line = end + 1;
        }
        return null;
    }

    // A manifest of more than two thousand million lines does not pass the limit of size.
    private static int Place(long at) => (int)Math.Clamp(at, 1, int.MaxValue);

    private static string? Decode(ReadOnlySpan<byte> utf8, Problems problems)
    {
        var text = new char[utf8.Length];
        var status = Utf8.ToUtf16(utf8, text, out _, out var written, replaceInvalidSequences: false);
        var read = text.AsSpan(0, written);
        if (read.StartsWith("\uFEFF")) { read = read[1..]; }
        var strange = read.IndexOfAny(Control);
        if (strange >= 0)
        {
            var (line, column) = PlaceOf(read[..strange]);
            problems.Error(line, column, $"control character U+{(int)read[strange]:X4}; a manifest is text: remove it, or write \\x{(int)read[strange]:X2} in double quotes");
            return null;
        }
        if (status is not OperationStatus.Done)
        {
            var (line, column) = PlaceOf(read);
            problems.Error(line, column, "bytes that are not UTF-8; save the file as UTF-8");
            return null;
        }
        return new string(read);
    }

    private static readonly SearchValues<char> Control = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (char)c).Where(c => c is not ('\t' or '\n' or '\r')), '\x7F', '\uFFFE', '\uFFFF']);

    private static (int Line, int Column) PlaceOf(ReadOnlySpan<char> before) =>
        (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
}
