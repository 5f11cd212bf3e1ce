using System.Collections.Immutable;
using Pawl.Manifests.Linking;
using Pawl.Storage.Files;

namespace Pawl.Engine.Homes;

/// <summary>The templates and cron workflows that a home keeps for its runs, one small file each.</summary>
public sealed class Definitions(IDisk disk, Home home)
{
    private const int MostBytes = 4 << 20;
    private const string Extension = ".yaml";

    /// <summary>The kinds that can be kept.</summary>
    public static ImmutableArray<string> Kept { get; } = [Kinds.WorkflowTemplate, Kinds.ClusterWorkflowTemplate, Kinds.CronWorkflow];

    /// <exception cref="ArgumentException">The name is no name of an object.</exception>
    public static string Path(Home home, string kind, string name) => IsName(name)
        ? $"{Folder(home, kind)}/{name}{Extension}"
        : throw new ArgumentException($"'{name}' is not the name of a {kind}", nameof(name));

    public static bool IsName(string name) =>
        name.Length is > 0 and <= 253 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');

    /// <returns>False where there is one of that name, which stays as it is unless <paramref name="replace"/>.</returns>
    /// <param name="nonce">Unused by anybody else.</param>
    public async ValueTask<bool> KeepAsync(string kind, string name, ReadOnlyMemory<byte> manifest, bool replace, string nonce)
    {
        await disk.MakeFolderAsync(Folder(home, kind));
        var path = Path(home, kind, name);
        if (await SmallFile.TryCreateAsync(disk, path, manifest, nonce)) { return true; }
        if (!replace) { return false; }
        await SmallFile.ReplaceAsync(disk, path, manifest, nonce);
        return true;
    }

    /// <returns>Null where there is none.</returns>
    public ValueTask<byte[]?> ReadAsync(string kind, string name) =>
        IsName(name) ? SmallFile.ReadAsync(disk, Path(home, kind, name), MostBytes) : ValueTask.FromResult<byte[]?>(null);

    /// <summary>Their names, in order.</summary>
    public async ValueTask<ImmutableArray<string>> NamesAsync(string kind)
    {
        if (await disk.StatAsync(Folder(home, kind)) is null) { return []; }
        return
        [
            .. (await disk.ListAsync(Folder(home, kind))).Select(e => e.Name)
                .Where(n => n.EndsWith(Extension, StringComparison.Ordinal) && IsName(n[..^Extension.Length]))
                .Select(n => n[..^Extension.Length]).Order(StringComparer.Ordinal),
        ];
    }

    /// <returns>False where there was none.</returns>
    public async ValueTask<bool> RemoveAsync(string kind, string name)
    {
        if (!IsName(name) || await disk.StatAsync(Path(home, kind, name)) is null) { return false; }
        await disk.RemoveAsync(Path(home, kind, name));
        await disk.FlushFolderAsync(Folder(home, kind));
        return true;
    }

    private static string Folder(Home home, string kind) => Kept.Contains(kind)
        ? $"{home.Templates}/{kind.ToLowerInvariant()}"
        : throw new ArgumentException($"a {kind} is not kept in a home", nameof(kind));
}
