using System.Globalization;
using Pawl.Supervision.Checkpoints.Formats;

namespace Pawl.Supervision.Checkpoints.Units;

internal enum UnitKind
{
    /// <summary>One file that is a checkpoint by itself: the SDKs' <c>step-12.pawl</c>.</summary>
    Single,

    /// <summary>Files of no known framework: the loose ones, or all below one folder at the top.</summary>
    Plain,

    /// <summary>A folder in which one file is written when all others are: <c>checkpoint-12/trainer_state.json</c>, <c>.metadata</c>.</summary>
    Marked,

    /// <summary>TensorFlow's: shards and an index for each prefix, and the file <c>checkpoint</c> that names the prefixes.</summary>
    TensorFlow,
}

/// <param name="Folder">Below the checkpoint folder; empty for the loose files.</param>
internal sealed record Unit(UnitKind Kind, string Folder)
{
    public List<string> Paths { get; } = [];
}

/// <summary>Which files belong together, so that a new one is never taken beside an old one.</summary>
internal static class FolderUnits
{
    private const string HuggingFace = "checkpoint-";

    public static IEnumerable<Unit> Of(IReadOnlyCollection<string> paths)
    {
        var distributed = paths.Where(p => p.EndsWith(".distcp", StringComparison.Ordinal)).Select(FolderOf).ToHashSet(StringComparer.Ordinal);
        var prefixes = paths.Select(ShardPrefix).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var tensorFlow = prefixes.Select(FolderOf).ToHashSet(StringComparer.Ordinal);
        var units = new Dictionary<(UnitKind, string), Unit>();
        foreach (var path in paths)
        {
            var key = DigestFormat.IsNamed(path) ? (UnitKind.Single, path) : Marked(path, distributed) is { } marked ? (UnitKind.Marked, marked)
                : IsTensorFlow(path, prefixes, tensorFlow) ? (UnitKind.TensorFlow, FolderOf(path))
                : (UnitKind.Plain, path.IndexOf('/', StringComparison.Ordinal) is >= 0 and var end ? path[..end] : "");
            if (!units.TryGetValue(key, out var unit)) { units[key] = unit = new(key.Item1, key.Item2); }
            unit.Paths.Add(path);
        }
        return units.Values;
    }

    public static string FolderOf(string path) => path.LastIndexOf('/') is >= 0 and var end ? path[..end] : "";

    /// <returns>The prefix of <c>prefix.data-00000-of-00002</c>; null of any other name.</returns>
    public static string? ShardPrefix(string path)
    {
        const int Tail = 20;
        var at = path.Length - Tail;
        return at > 0 && path.AsSpan(at).StartsWith(".data-", StringComparison.Ordinal) && IsNumber(path.AsSpan(at + 6, 5))
               && path.AsSpan(at + 11, 4).SequenceEqual("-of-") && IsNumber(path.AsSpan(at + 15, 5))
            ? path[..at]
            : null;
    }

    /// <summary>How many shards the name of one says there are.</summary>
    public static int ShardCount(string shard) => int.Parse(shard.AsSpan(shard.Length - 5), NumberStyles.None, CultureInfo.InvariantCulture);

    private static bool IsTensorFlow(string path, HashSet<string> prefixes, HashSet<string> folders) =>
        ShardPrefix(path) is not null
        || (path.EndsWith(".index", StringComparison.Ordinal) && prefixes.Contains(path[..^".index".Length]))
        || (path.AsSpan(path.LastIndexOf('/') + 1).SequenceEqual("checkpoint") && folders.Contains(FolderOf(path)));

    // The outermost: a sharded model within a Trainer's folder ends with the Trainer's own marker.
    private static string? Marked(string path, HashSet<string> distributed)
    {
        if (distributed.Contains("")) { return ""; }
        for (var end = path.IndexOf('/', StringComparison.Ordinal); end >= 0; end = path.IndexOf('/', end + 1))
        {
            var folder = path[..end];
            var name = folder.AsSpan(folder.LastIndexOf('/') + 1);
            var isTrainers = name.StartsWith(HuggingFace, StringComparison.Ordinal) && IsNumber(name[HuggingFace.Length..]);
            if (isTrainers || distributed.Contains(folder)) { return folder; }
        }
        return null;
    }

    private static bool IsNumber(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9');
}
