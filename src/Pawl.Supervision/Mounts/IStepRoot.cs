namespace Pawl.Supervision.Mounts;

/// <summary>What stands for the absolute paths of a step where they are not the machine's own.</summary>
internal interface IStepRoot
{
    /// <summary>All absolute paths are those of an image: none is the system's own.</summary>
    bool IsOfImage { get; }

    /// <summary>The step sees what is there as it is, and cannot change it, so that it may give it out even where it is the system's.</summary>
    bool IsShared(string inside);

    /// <summary>Where a path of the step is from outside; null where it is the machine's own.</summary>
    string? Place(string inside);

    /// <summary>The folder of the attempt's own in which a path is, or a volume's, from outside; null where it is in none.</summary>
    string? FolderOf(string resolved);

    /// <param name="report">Where the step talks to its supervisor; null where it cannot.</param>
    /// <param name="told">Command, arguments and values of the environment.</param>
    Task<MountView> ViewAsync(string? report, IEnumerable<string> told);

    Task RemoveAsync();
}
