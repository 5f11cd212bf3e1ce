using System.Globalization;
using System.Text;

namespace Pawl.Simulation;

/// <summary>What programs really did, written by the programs themselves. It survives everything: the judge believes it and nothing else.</summary>
public sealed class Ledger
{
    private readonly List<Start> _starts = [];
    private readonly List<Read> _reads = [];

    public IReadOnlyList<Start> Starts => _starts;

    public IReadOnlyList<Read> Reads => _reads;

    public Start Began(string node, string template, int attempt, string folder, DateTimeOffset at, string host)
    {
        var start = new Start(_starts.Count + 1, node, template, attempt, folder, at, host);
        _starts.Add(start);
        return start;
    }

    public void WasRead(Start by, int producer, string output) => _reads.Add(new Read(by, producer, output));

    /// <summary>What a start writes as an output: long or short, but never the same for two starts.</summary>
    public static byte[] Content(int start, string output)
    {
        var dice = new Dice((ulong)start * 31 + (ulong)output.Length);
        var length = dice.OneIn(25) ? 70_000 : dice.Between(20, 3000);
        var text = new StringBuilder(length + 40).Append(CultureInfo.InvariantCulture, $"{start}|{output}|");
        while (text.Length < length) { text.Append((char)('a' + dice.Next(26))); }
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <returns>The start that wrote the bytes and the output's name; null where no start ever wrote exactly these.</returns>
    public static (int Start, string Output)? WrittenBy(ReadOnlySpan<byte> bytes)
    {
        var parts = Encoding.ASCII.GetString(bytes[..Math.Min(bytes.Length, 60)]).Split('|');
        return parts.Length >= 3 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var start)
            && bytes.SequenceEqual(Content(start, parts[1])) ? (start, parts[1]) : null;
    }
}

/// <summary>One start of a step's program.</summary>
/// <param name="Host">Empty, or the name of the other machine on which a rival ran it.</param>
public sealed record Start(int Id, string Node, string Template, int Attempt, string Folder, DateTimeOffset At, string Host)
{
    /// <summary>The node's name without its own retry suffix.</summary>
    public string Step { get; } = Nodes.StepOf(Node);

    public DateTimeOffset? EndedAt { get; set; }

    public int? ExitCode { get; set; }

    /// <summary>A fault, not its script, ended it.</summary>
    public bool WasKilled { get; set; }

    /// <summary>It heard the stop signal.</summary>
    public bool WasAsked { get; set; }

    /// <summary>Of a trainer: the training step it went on from, the last one it did, and the last one it has saved; 0 is none.</summary>
    public long From { get; set; }

    public long Done { get; set; }

    public long Saved { get; set; }

    /// <summary>The start that wrote what it went on from; null where there was nothing.</summary>
    public int? Source { get; set; }

    /// <summary>When it last said something.</summary>
    public DateTimeOffset HeardAt { get; set; } = At;

    public override string ToString() => $"start {Id} of {Node}#{Attempt}{(Host.Length > 0 ? $" on {Host}" : "")}";
}

/// <param name="Producer">The start that wrote what was read.</param>
public sealed record Read(Start By, int Producer, string Output);

public static class Nodes
{
    /// <summary>A retry's node is the step's name with <c>(k)</c>; an item of a loop, <c>(k:label)</c>, is a step of its own.</summary>
    public static string StepOf(string node) => Suffix(node) is { } at ? node[..at.Start] : node;

    /// <summary>From 0.</summary>
    public static int RetryOf(string node) => Suffix(node)?.Retry ?? 0;

    private static (int Start, int Retry)? Suffix(string node)
    {
        var open = node.LastIndexOf('(');
        return open > 0 && node[^1] == ')' && int.TryParse(node.AsSpan(open + 1, node.Length - open - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var retry)
            ? (open, retry) : null;
    }
}
