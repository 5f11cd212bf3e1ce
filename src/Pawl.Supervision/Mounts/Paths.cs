namespace Pawl.Supervision.Mounts;

/// <summary>What can be said of absolute paths from their text alone.</summary>
internal static class Paths
{
    /// <summary>Without <c>.</c>, <c>..</c>, doubled slashes and a slash at the end.</summary>
    public static string Normal(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>The first name of a normal path; empty for <c>/</c>.</summary>
    public static string Top(string path)
    {
        var end = path.IndexOf('/', 1);
        return end < 0 ? path[1..] : path[1..end];
    }

    public static bool IsAtOrBelow(string path, string folder) =>
        folder == "/" || path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    public static bool Overlap(string a, string b) => IsAtOrBelow(a, b) || IsAtOrBelow(b, a);

    /// <summary>The same place below another folder.</summary>
    public static string Move(string path, string from, string to) =>
        path == from ? to : $"{to}/{path[(from == "/" ? 1 : from.Length + 1)..]}";
}
