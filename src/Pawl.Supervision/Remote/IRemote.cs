using System.Collections.Immutable;
using Pawl.Core.Workflows;

namespace Pawl.Supervision.Remote;

/// <summary>What is fetched from, and sent to, other machines. Loaded by steps that name another machine, and by no other.</summary>
public interface IRemote
{
    /// <summary>Fetches a body into a new file.</summary>
    /// <exception cref="IOException">It cannot be had; the message says why.</exception>
    ValueTask GetAsync(RemoteFile from, string path, CancellationToken stop);

    /// <summary>Sends a file with PUT.</summary>
    /// <exception cref="IOException">It was not taken; the message says why.</exception>
    ValueTask PutAsync(RemoteFile to, string path, CancellationToken stop);

    /// <summary>Clones a repository into a folder that is not there yet.</summary>
    /// <exception cref="IOException">Git said no; the message has its words.</exception>
    ValueTask CloneAsync(ArtifactLocation.Git from, Credentials credentials, string path, CancellationToken stop);

    /// <exception cref="IOException">There was no answer; the message says why.</exception>
    ValueTask<HttpAnswer> CallAsync(HttpCall call, ImmutableArray<EnvVar> headers, CancellationToken stop);
}

/// <param name="Headers">With the values of secrets.</param>
public sealed record RemoteFile(string Url, ImmutableArray<EnvVar> Headers, Credentials Credentials);

/// <summary>Read from secrets when a step starts, and written nowhere but where a program must find them.</summary>
public sealed record Credentials(string? User, string? Password, string? SshKey)
{
    public static Credentials None { get; } = new(null, null, null);
}

/// <param name="Headers">By name, with all their values.</param>
/// <param name="Body">At most <see cref="MostBytes"/> bytes of it.</param>
public sealed record HttpAnswer(int Status, ImmutableArray<(string Name, ImmutableArray<string> Values)> Headers, byte[] Body)
{
    public const int MostBytes = 256 << 10;
}
