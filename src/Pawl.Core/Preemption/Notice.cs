using System.Collections.Immutable;

namespace Pawl.Core.Preemption;

/// <summary>A warning that the host will go.</summary>
/// <param name="Id">The same for the same warning whenever it is heard; another time or another event is another notice.</param>
/// <param name="Source">Who gave it, one of <see cref="NoticeSource"/>.</param>
/// <param name="Deadline">By then the host may be gone; null where nobody says when.</param>
/// <param name="Message">For people.</param>
public sealed record Notice(string Id, string Source, NoticeKind Kind, DateTimeOffset? Deadline, string Message)
{
    /// <summary>The deadline of a notice that has one; one that has none counts as come already.</summary>
    public DateTimeOffset By => Deadline ?? DateTimeOffset.MinValue;

    /// <summary>Of several that say that the host goes, the one with the earliest deadline; null where it stays.</summary>
    public static Notice? First(ImmutableArray<Notice> notices) => notices
        .Where(n => n.Kind is NoticeKind.Leaving)
        .OrderBy(n => n.By).ThenBy(n => n.Id, StringComparer.Ordinal)
        .FirstOrDefault();
}

public enum NoticeKind
{
    /// <summary>The host goes by the deadline: nothing new starts on it, and what runs is brought to safety.</summary>
    Leaving,

    /// <summary>The host may go, or goes in a while: reason to save more often, not to stop.</summary>
    Hint,
}

/// <summary>Who gives notices.</summary>
public static class NoticeSource
{
    public const string AwsSpot = "aws-spot";
    public const string AwsRebalance = "aws-rebalance";
    public const string Gcp = "gcp";
    public const string Azure = "azure";
    public const string File = "file";
    public const string Signal = "signal";
    public const string Rehearsal = "rehearsal";

    /// <summary>Known beforehand from the command line.</summary>
    public const string MachineEndsAt = "machine-ends-at";
}
