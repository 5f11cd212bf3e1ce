using System.Buffers;
using System.Collections.Immutable;
using System.IO.Enumeration;

namespace Pawl.Supervision.Checkpoints;

/// <summary>Which names are never part of a checkpoint: what is being made under a name of its own, and what the user left out.</summary>
/// <param name="globs"><c>*</c> and <c>?</c>; one without a slash is matched against the last name, else against the path.</param>
internal sealed class IgnoredNames(ImmutableArray<string> globs)
{
    private static readonly string[] Endings = [".tmp", ".part", ".partial", "~", ".lock", ".swp"];
    private const string Shards = "_temp";
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> Number = SearchValues.Create("0123456789abcdef-._");
    private static readonly SearchValues<char> Random = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    public bool File(string path)
    {
        var name = Name(path);
        return (name.StartsWith('.') && !name.SequenceEqual(".metadata")) || IsTemporary(name) || IsShard(path, name) || Named(path, name);
    }

    public bool Folder(string path)
    {
        var name = Name(path);
        return name.StartsWith('.') || name.StartsWith("tmp", StringComparison.Ordinal) || name.StartsWith("_tmp", StringComparison.Ordinal)
            || IsTemporary(name) || Named(path, name);
    }

    private static bool IsTemporary(ReadOnlySpan<char> name)
    {
        foreach (var ending in Endings)
        {
            if (name.EndsWith(ending, StringComparison.Ordinal)) { return true; }
        }
        return HasNumber(name, ".tmp") || HasNumber(name, ".tempstate") || IsFromTempfile(name);
    }

    // "checkpoint.tmp1f0c…" and "ckpt-1.index.tempstate1234" of TensorFlow, "name.tmp.4711" of many.
    private static bool HasNumber(ReadOnlySpan<char> name, string mark) =>
        name.LastIndexOf(mark, StringComparison.Ordinal) is >= 0 and var at && !name[(at + mark.Length)..].ContainsAnyExcept(Number);

    // Python's tempfile: "tmp" and eight of these.
    private static bool IsFromTempfile(ReadOnlySpan<char> name) =>
        name.Length == 11 && name.StartsWith("tmp", StringComparison.Ordinal) && !name.ContainsAnyExcept(Random);

    // TensorFlow writes "ckpt-1_temp/part-00000-of-00001…", in TensorFlow 1 "model_temp_<uuid4 hex>/part-…", and renames the shards. A folder may be
    // called so for other reasons.
    private static bool IsShard(string path, ReadOnlySpan<char> name)
    {
        if (!name.StartsWith("part-", StringComparison.Ordinal) || path.Length == name.Length) { return false; }
        var folder = Name(path[..^(name.Length + 1)]);
        return folder.EndsWith(Shards, StringComparison.Ordinal)
            || (folder.LastIndexOf($"{Shards}_", StringComparison.Ordinal) is >= 0 and var at && folder[(at + Shards.Length + 1)..] is { Length: 32 } uuid && !uuid.ContainsAnyExcept(Hex));
    }

    private bool Named(string path, ReadOnlySpan<char> name)
    {
        foreach (var glob in globs)
        {
            var matched = glob.Contains('/', StringComparison.Ordinal) ? path : name;
            if (FileSystemName.MatchesSimpleExpression(glob, matched, ignoreCase: false)) { return true; }
        }
        return false;
    }

    private static ReadOnlySpan<char> Name(string path) => path.AsSpan(path.LastIndexOf('/') + 1);
}
