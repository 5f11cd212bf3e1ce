using Pawl.Storage.Files;
using Pawl.Supervision.Checkpoints.Formats;

namespace Pawl.Supervision.Checkpoints;

/// <summary>Tells logs, that their writer holds open for as long as it lives, from files of a checkpoint that are being written.</summary>
/// <remarks>
/// A name alone proves nothing: somebody may keep state in a table. A log was open before a file beside it was written, or goes on where the content
/// given last ended.
/// </remarks>
internal sealed class HeldLogs
{
    /// <summary>Open for less, a file may be one of the checkpoint.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Every file is written after that.</summary>
    public const long Always = long.MinValue;

    private const int EndBytes = 64;

    /// <summary>By path, the last bytes of logs as they were given.</summary>
    private readonly Dictionary<string, (FileFacts Facts, byte[] End)> _given = new(StringComparer.Ordinal);

    public static bool IsNamed(string name) =>
        Path.GetExtension(name.AsSpan()) is ".log" or ".txt" or ".csv" or ".tsv" or ".jsonl" or ".out" or ".err" || name.StartsWith("events.out.tfevents", StringComparison.Ordinal);

    public bool IsGiven(string path, FileFacts facts) => _given.TryGetValue(path, out var given) && given.Facts == facts;

    public void Give(string path, FileFacts facts, FileBytes file)
    {
        var end = new byte[(int)Math.Min(EndBytes, facts.Size)];
        if (end.Length > 0 && file.TryRead(facts.Size - end.Length, end)) { _given[path] = (facts, end); }
        else { _given.Remove(path); }
    }

    /// <summary>Whether what was given is its beginning; null where that is not known.</summary>
    public bool? GoesOn(string path, FileBytes file)
    {
        if (!_given.TryGetValue(path, out var given)) { return null; }
        var now = new byte[given.End.Length];
        return file.TryRead(given.Facts.Size - now.Length, now) && now.AsSpan().SequenceEqual(given.End);
    }

    public void Forget(string path) => _given.Remove(path);
}
