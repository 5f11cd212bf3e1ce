using Pawl.Storage.Checkpoints;

namespace Pawl.Supervision.Checkpoints;

/// <summary>The folder that a trainer writes its checkpoints to, looked at from outside.</summary>
public interface ICheckpointFolder : IDisposable
{
    /// <summary>Completes when something in the folder may have changed since the last call; a hint, never proof.</summary>
    ValueTask ChangedAsync(CancellationToken stop);

    /// <summary>What is whole now. A file that is half written, or may be, is not in it.</summary>
    /// <param name="trainer">What is known of the one who writes.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    ValueTask<WholeFolder> LookAsync(TrainerState trainer);

    /// <summary>That content, given before, is in the store.</summary>
    void Took(FolderContent content);

    /// <summary>Why less is certain here than could be, for people; null where nothing is amiss. May come with a look.</summary>
    string? Weakness { get; }

    /// <summary>The trainer itself says that this file, or all below this folder, is whole.</summary>
    /// <param name="relative">Below the checkpoint folder; one that leaves it is ignored.</param>
    void Declare(string relative);
}

public enum TrainerState
{
    Running,

    /// <summary>It ended by itself or after the stop signal: what it closed it closed on purpose.</summary>
    Ended,

    /// <summary>It was killed: the kernel closed its files, which says nothing about their content.</summary>
    Killed,
}

/// <param name="Content">All whole files; null where taking them now would tear apart what belongs together.</param>
/// <param name="LookAgain">How long to wait before something that is not settled yet may be; null where nothing is pending.</param>
public sealed record WholeFolder(FolderContent? Content, TimeSpan? LookAgain);
