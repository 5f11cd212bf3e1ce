using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Files;

namespace Pawl.Engine.Homes;

/// <summary>The manifest's folder as it was at submission, stored by digest so that every attempt starts with the same files.</summary>
/// <param name="Artifact">Null where the folder is too large; then steps start in an empty one, and a notice says so.</param>
/// <param name="Notices">What was left out although it is no ignored file, for the user.</param>
public sealed record Snapshot(ArtifactRef? Artifact, ImmutableArray<string> Notices)
{
    /// <summary>Bytes of all files together: every attempt gets a copy.</summary>
    public const long MaxSize = 64 << 20;

    private const int MaxFiles = 50_000;
    private const int Named = 5;

    // Never wanted in a step, and often large; where git tells what is ignored, only the first two are left to say.
    private static readonly string[] Always = [Home.FolderName, ".git"];
    private static readonly string[] WithoutGit = [".build", "node_modules", "__pycache__", ".venv"];

    /// <summary>Stores the files beside and below a manifest, without what git ignores.</summary>
    /// <param name="manifest">Absolute path of the manifest's file.</param>
    /// <param name="home">Left out, wherever it is.</param>
    /// <exception cref="IOException">A file cannot be read or stored, or changed meanwhile.</exception>
    public static async Task<Snapshot> TakeAsync(IDisk disk, ArtifactStore artifacts, string manifest, Home home, TimeProvider clock)
    {
        var folder = Path.GetDirectoryName(manifest)!;
        var walk = new Walk(disk, folder, home.Folder);
        await walk.RunAsync(Path.GetFileName(manifest), clock);
        // A folder full of them says no more with each.
        ImmutableArray<string> notices = walk.Notices.Count <= Named ? [.. walk.Notices]
            : [.. walk.Notices.Take(Named), string.Create(CultureInfo.InvariantCulture, $"{walk.Notices.Count - Named} more links, pipes, sockets and devices were left out of the snapshot.")];
        if (walk.Size > MaxSize || walk.Files.Count > MaxFiles) { return new Snapshot(null, [TooLarge(folder, walk), .. notices]); }
        return new Snapshot(await artifacts.StageByDigestAsync(folder, walk.Files.Select(f => f.Path), "snapshots"), notices);
    }

    private static string TooLarge(string folder, Walk walk)
    {
        var largest = walk.Files.GroupBy(f => f.Path.Split('/')[0], f => f.Size, StringComparer.Ordinal)
            .Select(g => (Name: g.Key, Size: g.Sum(), Count: g.Count())).OrderByDescending(g => g.Size).Take(Named)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"\n  {g.Size / 1048576.0,9:0.0} MiB in {g.Count,6} files  {g.Name}"));
        var size = string.Create(CultureInfo.InvariantCulture, $"{walk.Size / 1048576.0:0.0} MiB in {walk.Files.Count} files");
        return $"{folder} has {size}{(walk.Complete ? "" : " and more")}, too much to copy into every attempt "
            + $"(limits: {MaxSize >> 20} MiB, {MaxFiles} files), so steps start in an empty folder. The largest:{string.Concat(largest)}"
            + "\nIf the steps need files beside the manifest, move it to a folder of its own with them, or name the rest in .gitignore "
            + "(of a git repository); steps reach large data by an absolute path or as an artifact.";
    }

    /// <summary>Finds the files that belong to the snapshot.</summary>
    private sealed class Walk(IDisk disk, string folder, string home)
    {
        public List<(string Path, long Size)> Files { get; } = [];

        public List<string> Notices { get; } = [];

        public long Size { get; private set; }

        /// <summary>False where it was given up because there are too many files.</summary>
        public bool Complete { get; private set; } = true;

        public async Task RunAsync(string manifest, TimeProvider clock)
        {
            if (GitFiles.IsWorkTree(folder))
            {
                var (paths, trouble) = await GitFiles.ListAsync(folder, clock);
                if (trouble is null && paths.Contains(manifest))
                {
                    foreach (var path in paths.Order(StringComparer.Ordinal)) { await TakeAsync(path.TrimEnd('/'), Always); }
                    return;
                }
                var why = trouble ?? $"git ignores {manifest} itself";
                Notices.Add($"{folder}: {why}; so what git ignores was not left out of the snapshot.");
            }
            await FolderAsync("", [.. Always, .. WithoutGit]);
        }

        private async Task FolderAsync(string below, string[] without)
        {
            foreach (var entry in await disk.ListAsync(below.Length == 0 ? folder : $"{folder}/{below[..^1]}"))
            {
                await TakeAsync(below + entry.Name, without);
            }
        }

        private async Task TakeAsync(string path, string[] without)
        {
            if (Files.Count > MaxFiles) { Complete = false; }
            if (!Complete || path.Split('/').Any(without.Contains) || $"{folder}/{path}" == home) { return; }
            switch (await disk.StatAsync($"{folder}/{path}"))
            {
                case null:
                    break;      // tracked by git, and removed
                case { Kind: FileKind.File } file:
                    Files.Add((path, file.Size));
                    Size += file.Size;
                    break;
                case { Kind: FileKind.Folder }:
                    await FolderAsync(path + "/", [.. Always, .. WithoutGit]);
                    break;
                case { Kind: FileKind.Link }:
                    Notices.Add(
                        $"{path} is a symbolic link and was left out of the snapshot; steps reach what it points to by an absolute path.");
                    break;
                default:
                    Notices.Add($"{path} is a pipe, socket or device and was left out of the snapshot.");
                    break;
            }
        }
    }
}
