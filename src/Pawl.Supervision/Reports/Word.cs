using System.Globalization;
using System.Text;

namespace Pawl.Supervision.Reports;

/// <summary>What a supervisor says to its trainer; the lines are those of docs/trainer.md.</summary>
public abstract record Word
{
    private Word() { }

    /// <summary>Save this often from now on.</summary>
    public sealed record Interval(TimeSpan Span) : Word;

    /// <summary>Save as soon as the step is done, and go on.</summary>
    public sealed record Checkpoint : Word;

    /// <summary>Save as soon as the step is done, and leave with 75.</summary>
    public sealed record Notice(TimeSpan Left) : Word;

    /// <summary>As a line, its newline included.</summary>
    public byte[] Line() => Encoding.ASCII.GetBytes(this switch
    {
        Interval i => string.Create(CultureInfo.InvariantCulture, $"{{\"kind\":\"interval\",\"seconds\":{i.Span.TotalSeconds:0.###}}}\n"),
        Notice n => string.Create(CultureInfo.InvariantCulture, $"{{\"kind\":\"notice\",\"secondsLeft\":{n.Left.TotalSeconds:0.###}}}\n"),
        _ => "{\"kind\":\"checkpoint\"}\n",
    });
}
