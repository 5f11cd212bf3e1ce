using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Pawl.Core.Workflows;

/// <summary>Where the bytes of an artifact come from or go to, beside pawl's own store. Texts may hold tags.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Http), "Http")]
[JsonDerivedType(typeof(Git), "Git")]
[JsonDerivedType(typeof(InRepository), "InRepository")]
public abstract record ArtifactLocation
{
    private ArtifactLocation() { }

    /// <summary>Fetched with GET, saved with PUT.</summary>
    /// <param name="User">With <paramref name="Password"/> the basic authentication; null is none.</param>
    public sealed record Http(string Url, ImmutableArray<HttpHeader> Headers, KeyRef? User, KeyRef? Password) : ArtifactLocation;

    /// <summary>A repository, cloned by the git program. For inputs only.</summary>
    /// <param name="Revision">A branch, tag or commit; null is the repository's default.</param>
    /// <param name="Depth">Commits of history; null is all.</param>
    /// <param name="Fetch">What to fetch beside the branch, as git writes it.</param>
    public sealed record Git(
        string Repo,
        string? Revision,
        string? Branch,
        string? Depth,
        bool SingleBranch,
        bool Submodules,
        ImmutableArray<string> Fetch,
        KeyRef? User,
        KeyRef? Password,
        KeyRef? SshKey,
        bool AnyHostKey) : ArtifactLocation;

    /// <summary>A file or folder of the home's own repository, or of a folder that stands for a bucket.</summary>
    /// <param name="Bucket">Null is the home's own.</param>
    public sealed record InRepository(string? Bucket, string Key) : ArtifactLocation;
}

/// <summary>A header of a request; its value is a text or that of a secret.</summary>
public sealed record HttpHeader(string Name, string? Value, KeyRef? Secret);

public enum ArchiveKind
{
    /// <summary>The file or folder as it is.</summary>
    None,

    /// <summary>A tarball compressed with gzip: what Argo makes where nothing is said.</summary>
    Tar,

    Zip,
}

/// <summary>How an artifact is packed where it is kept outside pawl's own store.</summary>
/// <param name="Level">Of gzip: 0 stores, 1 is quick, 9 is small; null is the default.</param>
public sealed record Archive(ArchiveKind Kind, int? Level = null);

/// <summary>When the copy of an output under its own key is removed.</summary>
public enum ArtifactGc
{
    Never,
    OnWorkflowCompletion,
    OnWorkflowDeletion,
}
