using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Files;
using Pawl.Storage.Repositories;
using Pawl.Supervision;

namespace Pawl.Engine.Homes;

/// <param name="Key">The digest of all that decides the outputs of a step, lower-case hex.</param>
/// <param name="WithoutImages">What it is before an image that is not on this machine was fetched.</param>
public sealed record ContentKey(string Key, string WithoutImages);

/// <summary>Completes the digest of a step's content with what only the world tells: files, secrets, images.</summary>
/// <param name="image">Tells the content of an image from that of another of its name; gives null where the image is not here.</param>
/// <param name="nonce">Gives a text that nobody else has, at each call.</param>
public sealed class ContentKeys(IDisk disk, Home home, ArtifactStore artifacts, Func<string, ValueTask<string?>> image, Func<string> nonce)
{
    private const int OwnerOnly = 0b110_000_000;
    private const int SaltBytes = 32;
    private const int MostLinks = 8;

    private Folder? _folder;

    private string SaltFile => $"{home.Cache}/salt";

    /// <returns>Null where nothing of the node is to be kept.</returns>
    public async ValueTask<ContentKey?> OfAsync(RunState run, NodeId id)
    {
        if (run.Find(id) is not { } node || Specs.ContentOf(run, node) is not { } content) { return null; }
        try
        {
            string[] world = [.. await FilesAsync(run, content.Spec), .. await ProgramsAsync(run, content.Spec), .. await SecretsAsync(run, content.Spec)];
            return new ContentKey(Together(content, world, await ImagesAsync(content.Spec)), Together(content, world, []));
        }
        catch (Exception e) when (e is IOException or UnsafePathException)
        {
            // The step reads the same, and says itself what is wrong with it.
            return null;
        }
    }

    private static string Together(StepContent content, IEnumerable<string> world, IEnumerable<string> images)
    {
        using var stream = new MemoryStream();
        using (var w = new Utf8JsonWriter(stream))
        {
            w.WriteStartArray();
            foreach (var text in (IEnumerable<string>)[content.Sha256, .. world, .. images]) { w.WriteStringValue(text); }
            w.WriteEndArray();
        }
        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    // The manifest lies in its own folder, and what of it concerns the step is counted already: another step may change.
    private async ValueTask<List<string>> FilesAsync(RunState run, AttemptSpec spec)
    {
        var lines = new List<string>();
        if (spec.Snapshot is { } snapshot)
        {
            // One run has one; its listing may be long, and its steps many.
            if (_folder is not { } known || known.Of != snapshot) { _folder = known = new Folder(snapshot, await artifacts.DigestWithoutAsync(snapshot, Path.GetFileName(run.Submitted!.File))); }
            lines.Add($"folder {known.Sha256}");
        }
        foreach (var input in spec.Inputs)
        {
            if (input.Location is not ArtifactLocation.InRepository place) { continue; }
            var path = await Repository.PlaceAsync(disk, home.Folder, place with { Key = input.SubPath is { Length: > 0 } part ? $"{place.Key.TrimEnd('/')}/{part.TrimStart('/')}" : place.Key });
            lines.Add($"input {input.Name} {await Trees.DigestAsync(disk, path)}");
        }
        if (spec.Keys is { } keys) { lines.AddRange((await Repository.KeysAsync(disk, home.Folder, keys.Source)).Select(key => $"key {key}")); }
        return lines;
    }

    // A file that stands for one of an image is no part of the manifest's folder.
    private async ValueTask<List<string>> ProgramsAsync(RunState run, AttemptSpec spec)
    {
        var lines = new List<string>();
        if (run.Submitted!.Images is not { } images) { return lines; }
        var files = images.Values.SelectMany(i => i.Files.Values).ToHashSet(StringComparer.Ordinal);
        foreach (var container in Specs.All(spec))
        {
            if (container.Command.Concat(container.Args).FirstOrDefault() is not { } word) { continue; }
            foreach (var path in word.Contains('/', StringComparison.Ordinal) ? files.Where(f => f == word) : container.Path.Select(folder => $"{folder}/{word}"))
            {
                if (await Trees.DigestAsync(disk, await TargetAsync(path)) is not { } digest) { continue; }
                lines.Add($"program {path} {digest}");
                break;
            }
        }
        return lines;
    }

    private async ValueTask<string> TargetAsync(string path)
    {
        for (var links = 0; links < MostLinks && await disk.ReadLinkAsync(path) is { } target; links++) { path = Path.GetFullPath(target, Path.GetDirectoryName(path)!); }
        return path;
    }

    // A secret is written nowhere. A plain digest of a short one would be guessed, so it is mixed with a number that stays in the home.
    private async ValueTask<List<string>> SecretsAsync(RunState run, AttemptSpec spec)
    {
        var sources = Specs.All(spec).SelectMany(c => c.Secrets.Concat(c.Mounts.SelectMany(m => m.Files).Where(f => f.Secret is not null)
                .Select(f => new EnvSource("", EnvOrigin.Secret, f.Secret!, f.Key, f.Optional))))
            .Concat((spec.Http?.Headers ?? []).Where(h => h.Secret is not null).Select(h => new EnvSource(h.Name, EnvOrigin.Secret, h.Secret!.Name, h.Secret.Key, false)))
            .ToList();
        var lines = new List<string>();
        if (sources.Count == 0) { return lines; }
        var (salt, folders) = (await SaltAsync(), new SecretFolders(disk, home.Folder, run.RunId));
        foreach (var source in sources)
        {
            var values = await folders.FindAsync(source);
            if (values is null)
            {
                lines.Add($"no secret {source.Object}");
                continue;
            }
            string[] texts = [.. values.SelectMany(v => (string[])[v.Name, v.Value])];
            lines.Add($"secret {source.Object} {Convert.ToHexStringLower(HMACSHA256.HashData(salt, JsonSerializer.SerializeToUtf8Bytes(texts, ContentJson.Default.StringArray)))}");
        }
        return lines;
    }

    private async ValueTask<byte[]> SaltAsync()
    {
        if (await SmallFile.ReadAsync(disk, SaltFile, SaltBytes) is { } known) { return known; }
        await disk.MakeFolderAsync(home.Cache);
        await SmallFile.TryCreateAsync(disk, SaltFile, SHA256.HashData(Encoding.UTF8.GetBytes(nonce() + nonce())), nonce(), OwnerOnly);
        return await SmallFile.ReadAsync(disk, SaltFile, SaltBytes) ?? throw new IOException($"{SaltFile}: vanished as soon as it was made");
    }

    private async ValueTask<List<string>> ImagesAsync(AttemptSpec spec)
    {
        var lines = new List<string>();
        if (spec.Executor is null) { return lines; }
        // One that is named by its digest is told apart by its name.
        foreach (var name in Specs.All(spec).Select(c => c.Image).OfType<string>().Where(i => !i.Contains("@sha256:", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal))
        {
            if (await image(name) is { } id) { lines.Add($"image {name} {id}"); }
        }
        return lines;
    }

    /// <param name="Sha256">Without the manifest.</param>
    private sealed record Folder(ArtifactRef Of, string Sha256);
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class ContentJson : System.Text.Json.Serialization.JsonSerializerContext;
