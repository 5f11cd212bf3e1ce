using System.Collections.Immutable;

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

    /// <summary>Files with texts of config maps, secrets and the run itself: read-only, made anew for every attempt.</summary>
    /// <param name="Parts">Of several, as in <c>projected</c>, a later one's files take the place of an earlier one's.</param>
    public sealed record Files(ImmutableArray<FileSource> Parts) : VolumeSource;

    /// <summary>An entry of <c>volumeClaimTemplates</c>: one folder for all steps of a run.</summary>
    public sealed record RunClaim : VolumeSource;
}

/// <summary>Where the texts of files in a volume come from. Names may hold tags.</summary>
/// <param name="Mode">Of all its files; null is 0644.</param>
public abstract record FileSource(int? Mode)
{
    /// <param name="Items">Empty is every key, under its own name.</param>
    public sealed record OfKeys(EnvOrigin Origin, string Object, ImmutableArray<KeyItem> Items, bool Optional, int? Mode) : FileSource(Mode);

    /// <param name="Text">With the tags that stand for a field of the pod.</param>
    public sealed record OfText(string Path, string Text, int? Mode) : FileSource(Mode);

    /// <param name="Annotations">Else labels: a line <c>key="value"</c> for each.</param>
    public sealed record OfPairs(string Path, bool Annotations, int? Mode) : FileSource(Mode);
}

/// <param name="Path">Relative to the volume.</param>
public sealed record KeyItem(string Key, string Path, int? Mode);

/// <summary>Where a container sees a volume.</summary>
/// <param name="Volume">Its name.</param>
/// <param name="Path">Absolute; may hold tags.</param>
/// <param name="SubPath">A file or folder in the volume, which is seen in its place; null is the whole.</param>
public sealed record VolumeMount(string Volume, string Path, string? SubPath, bool ReadOnly);
