using Pawl.Storage.Files;

namespace Pawl.Supervision.Checkpoints;

/// <summary>How sure it is that a file is all there.</summary>
internal enum Standing
{
    /// <summary>It is open, or cut.</summary>
    Pending,

    /// <summary>Nobody has it open now, but that may be because its writer was killed.</summary>
    Left,

    /// <summary>Nothing speaks against it but that it was written just now.</summary>
    Fresh,

    /// <summary>It has not changed for the settle time, with nobody writing.</summary>
    Settled,

    /// <summary>Moved into place, or declared.</summary>
    AtOnce,

    /// <summary>As it was in the content given last.</summary>
    Known,
}

/// <param name="HasEnd">Its format's own end, that is written last, was seen.</param>
/// <param name="IsGivenUp">It has been pending for so long that nothing waits for it any more.</param>
/// <param name="HeldSince">Of what only grows and is held open, as logs are: the change time when it was seen so first. What was written later than that does not wait for it.</param>
/// <param name="Before">What it was when it was whole last, as another file or with other content; null where nobody saw it so.</param>
internal sealed record FoundFile(string Path, FileFacts Facts, Standing Standing, bool HasEnd, bool IsGivenUp, FileFacts? Before, long? HeldSince = null)
{
    /// <summary>Whole as a file; whether what belongs to it is there as well is another question.</summary>
    public bool IsClosed => Standing >= Standing.Fresh;

    /// <summary>Whole, and what belongs to it had the time to come.</summary>
    public bool IsReady => Standing > Standing.Fresh;

    /// <summary>It was whole with other content already since it was given last.</summary>
    public bool IsAgain { get; init; }

    /// <summary>It has been as it is for so long that nothing that belongs to it will come.</summary>
    public bool IsOld { get; init; }
}
