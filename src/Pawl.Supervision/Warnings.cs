using System.Collections.Immutable;

namespace Pawl.Supervision;

/// <summary>What the user should know though the attempt goes on: in the log at once, in the outcome at its end.</summary>
internal sealed class Warnings
{
    // A store that fails for a day must not fill the outcome.
    private const int Most = 32;

    private readonly List<string> _all = [];
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    /// <summary>Where a warning goes besides, once there is a log.</summary>
    public Action<string>? Log { get; set; }

    public ImmutableArray<string> All => [.. _all];

    /// <summary>Says it, unless just that was said before.</summary>
    public void Add(string text) => AddOnce(text, text);

    /// <summary>Says it, unless something about the same subject was said before.</summary>
    public void AddOnce(string subject, string text)
    {
        if (_all.Count == Most || !_said.Add(subject)) { return; }
        _all.Add(text);
        Log?.Invoke(text);
    }
}
