namespace Pawl.Core.Workflows;

/// <summary>A place for files that steps mount, by the name their mounts use.</summary>
public sealed record Volume(string Name, VolumeSource Source);

/// <summary>Where the files of a volume are. Texts may hold tags.</summary>
public abstract record VolumeSource
{
    private VolumeSource() { }

    /// <summary>Empty at the start of every attempt, and gone after it.</summary>
    public sealed record EmptyDir : VolumeSource;

    /// <param name="MustExist">Else the folder is made where it is absent.</param>
    public sealed record HostPath(string Path, bool MustExist) : VolumeSource;

    /// <summary>A claim of that name: one folder of the home, for all runs.</summary>
    public sealed record Claim(string Name, bool ReadOnly) : VolumeSource;

    /// <summary>An entry of <c>volumeClaimTemplates</c>: one folder for all steps of a run.</summary>
    public sealed record RunClaim : VolumeSource;
}

/// <summary>Where a container sees a volume.</summary>
/// <param name="Volume">Its name.</param>
/// <param name="Path">Absolute; may hold tags.</param>
/// <param name="SubPath">A file or folder in the volume, which is seen in its place; null is the whole.</param>
public sealed record VolumeMount(string Volume, string Path, string? SubPath, bool ReadOnly);
