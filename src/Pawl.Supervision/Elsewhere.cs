using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Storage.Archives;
using Pawl.Storage.Files;
using Pawl.Storage.Repositories;
using Pawl.Supervision.Remote;

namespace Pawl.Supervision;

/// <summary>Artifacts that lie outside pawl's own store: loaded from there before a step, copied there after it.</summary>
public sealed partial class Attempt
{
    private const string CopyFolder = "copies";

    /// <summary>Lays an input out from where its location says.</summary>
    /// <exception cref="IOException">It is not there, cannot be had, or is no archive of its kind.</exception>
    /// <exception cref="UnsafePathException">An archive tries to leave its folder.</exception>
    private async Task FetchElsewhereAsync(AttemptSpec spec, InputFile input, string path, CancellationToken stop)
    {
        var part = path + ".pawl-part";
        await AttemptFiles.RemoveAnyAsync(disk, part);
        try
        {
            switch (input.Location)
            {
                case ArtifactLocation.Http http:
                    await Remote.GetAsync(new RemoteFile(http.Url, await HeadersAsync(spec, http.Headers), await CredentialsAsync(spec, http.User, http.Password, null)), part, stop);
                    break;
                case ArtifactLocation.Git git:
                    await Remote.CloneAsync(git, await CredentialsAsync(spec, git.User, git.Password, git.SshKey), part, stop);
                    break;
                case ArtifactLocation.InRepository place:
                    var from = await Repository.PlaceAsync(disk, host.Home, place with { Key = Joined(place.Key, input.SubPath) });
                    if (!await Trees.TryCopyAsync(disk, from, part)) { throw new IOException($"artifact '{input.Name}': there is nothing at {from}"); }
                    break;
            }
            if (await disk.StatAsync(part) is { Kind: FileKind.Folder }) { await disk.TryRenameNewAsync(part, path); }
            else { await Unpacking.UnpackAsync(disk, part, input.Archive, path); }
        }
        finally { await AttemptFiles.RemoveAnyAsync(disk, part); }
    }

    /// <summary>Writes the copy of a promoted output that its key or address asks for. Replaced as a whole, or not at all.</summary>
    private async Task PublishAsync(string folder, AttemptSpec spec, OutputFile output, ArtifactRef artifact)
    {
        var copies = Path.Combine(folder, CopyFolder);
        var plain = Path.Combine(copies, "plain");
        var packed = Path.Combine(copies, "packed");
        await disk.RemoveTreeAsync(copies);
        try
        {
            // From the store, so that it is what was promoted, whatever still writes to the working folder.
            await artifacts.FetchAsync(artifact, plain);
            var archive = output.Archive ?? new Archive(ArchiveKind.Tar);
            if (archive.Kind is not ArchiveKind.None) { await Packing.PackAsync(disk, plain, Path.GetFileName(output.Path.TrimEnd('/')) is { Length: > 0 } name ? name : output.Name, archive, packed); }
            var source = archive.Kind is ArchiveKind.None ? plain : packed;
            if (output.Location is ArtifactLocation.InRepository place)
            {
                await Trees.ReplaceAsync(disk, source, await Repository.PlaceAsync(disk, host.Home, place));
            }
            else if (output.Location is ArtifactLocation.Http http)
            {
                if (archive.Kind is ArchiveKind.None && artifact.Kind is ArtifactKind.Folder) { throw new IOException("a folder cannot be sent as it is; leave `archive: {none: {}}` out"); }
                await Remote.PutAsync(
                    new RemoteFile(http.Url, await HeadersAsync(spec, http.Headers), await CredentialsAsync(spec, http.User, http.Password, null)), source, CancellationToken.None);
            }
        }
        finally { await disk.RemoveTreeAsync(copies); }
    }

    private IRemote Remote => host.Remote();

    private async ValueTask<ImmutableArray<EnvVar>> HeadersAsync(AttemptSpec spec, ImmutableArray<HttpHeader> headers)
    {
        var plain = ImmutableArray.CreateBuilder<EnvVar>();
        foreach (var header in headers) { plain.Add(new EnvVar(header.Name, header.Value ?? await SecretTextAsync(spec, header.Secret) ?? "")); }
        return plain.ToImmutable();
    }

    private async ValueTask<Credentials> CredentialsAsync(AttemptSpec spec, KeyRef? user, KeyRef? password, KeyRef? sshKey) => user is null && password is null && sshKey is null
        ? Credentials.None
        : new Credentials(await SecretTextAsync(spec, user), await SecretTextAsync(spec, password), await SecretTextAsync(spec, sshKey));

    private async ValueTask<string?> SecretTextAsync(AttemptSpec spec, KeyRef? key)
    {
        if (key is null) { return null; }
        var found = new List<EnvVar>();
        return await SecretAsync(spec, new EnvSource("", EnvOrigin.Secret, key.Name, key.Key, false), found)
            ? found[0].Value
            : throw new IOException($"secret '{key.Name}' with the key '{key.Key}' is not there; give it with --secret, or keep it as {host.Home}/secrets/{key.Name}/{key.Key}");
    }

    private async Task<IReadOnlyList<(string Path, string Text)>> SecretFilesAsync(AttemptSpec spec, MountedFile file)
    {
        var found = new List<EnvVar>();
        var isThere = await SecretAsync(spec, new EnvSource("", EnvOrigin.Secret, file.Secret!, file.Key, file.Optional), found);
        if (!isThere && !file.Optional)
        {
            throw new IOException($"secret '{file.Secret}'{(file.Key is { } key ? $" with the key '{key}'" : "")} is not there; give it with --secret, or keep it as {host.Home}/secrets/{file.Secret}/{file.Key ?? "KEY"}");
        }
        return [.. found.Select(v => (file.Key is null ? Joined(file.Path, v.Name).TrimStart('/') : file.Path, v.Value))];
    }

    private static string Joined(string key, string? part) => string.IsNullOrEmpty(part) ? key : $"{key.TrimEnd('/')}/{part.TrimStart('/')}";
}
