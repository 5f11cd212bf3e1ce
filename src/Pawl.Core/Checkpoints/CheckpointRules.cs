namespace Pawl.Core.Checkpoints;

/// <summary>What a checkpoint may say, so that laying it out writes inside its folder only and reading it needs bounded memory.</summary>
public static class CheckpointRules
{
    /// <summary>Bytes; the biggest chunk that is written or read.</summary>
    public const int LargestChunk = 16 * 1024 * 1024;

    /// <summary>In a checkpoint folder, where a restore builds what comes into it; never part of a checkpoint.</summary>
    public const string Aside = ".pawl-restoring";

    /// <returns>What is wrong with it, in words that begin with the file; null where nothing is.</returns>
    public static string? Problem(Checkpoint checkpoint)
    {
        var links = checkpoint.Links.Select(l => l.Path).ToHashSet(StringComparer.Ordinal);
        var leaves = checkpoint.Files.Select(f => f.Path).Concat(links).ToHashSet(StringComparer.Ordinal);
        if (leaves.Count != checkpoint.Files.Length + checkpoint.Links.Length) { return "two files or links have the same path"; }
        return leaves.Select(path => PathProblem(path, leaves)).FirstOrDefault(p => p is not null)
            ?? checkpoint.Files.Select(FileProblem).FirstOrDefault(p => p is not null)
            ?? checkpoint.Links.Select(l => LinkProblem(l, links)).FirstOrDefault(p => p is not null);
    }

    /// <param name="links">Paths of all links: one on the way to the target would lead somewhere else than it seems.</param>
    /// <returns>Why the link cannot be part of a checkpoint; null where it can.</returns>
    public static string? LinkProblem(CheckpointLink link, IReadOnlySet<string> links)
    {
        var target = link.Target.Split('/').ToList();
        var up = target.TakeWhile(name => name == "..").Count();
        var folder = link.Path.Split('/')[..^1];
        if (up > folder.Length || target.Skip(up).Any(IsNoName))
        {
            return $"{link.Path}: points to \"{link.Target}\", which is not plainly a path inside the folder";
        }
        var names = folder[..^up].Concat(target.Skip(up)).ToArray();
        return Parents(string.Join('/', names)).FirstOrDefault(links.Contains) is { } passed
            ? $"{link.Path}: points to \"{link.Target}\", which passes the link {passed}"
            : null;
    }

    private static string? PathProblem(string path, HashSet<string> leaves) =>
        path.Split('/') is var names && (names.Any(IsNoName) || names[0] == Aside) ? $"\"{path.Replace("\0", "\\0", StringComparison.Ordinal)}\": is not a path inside the folder"
        : Parents(path).FirstOrDefault(leaves.Contains) is { } parent ? $"{path}: lies below {parent}, which is no folder"
        : null;

    private static string? FileProblem(CheckpointFile file) =>
        file.Chunks.Sum(c => (long)c.Size) != file.Size ? $"{file.Path}: its parts do not add up to its {file.Size} bytes"
        : file.Mode is < 0 or > 0b111_111_111_111 ? $"{file.Path}: {file.Mode} is no mode"
        : file.Chunks.All(IsSound) ? null : $"{file.Path}: one of its parts cannot be";

    // The digest becomes a part of a key, the size a buffer.
    private static bool IsSound(Chunk chunk) =>
        chunk.Claim > 0 && chunk.Size is > 0 and <= LargestChunk && chunk.Sha256.Length == 64 && chunk.Sha256.All(char.IsAsciiHexDigitLower);

    private static bool IsNoName(string name) => name is "" or "." or ".." || name.Contains('\0');

    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1)) { yield return path[..slash]; }
    }
}
