using Pawl.Storage.Files;

namespace Pawl.Engine.Homes;

/// <param name="Folder">Absolute.</param>
/// <param name="Exists">False where a run would make it.</param>
/// <param name="Warning">For the user; null where the file system is one to rely on.</param>
public sealed record HomePlace(string Folder, bool Exists, string? Warning);

/// <summary>Finds the home: the one that is named; else the nearest <c>.pawl</c> upwards; else the one a run would make here.</summary>
public static class HomeSearch
{
    /// <param name="option">What <c>--home</c> says; wins over <paramref name="variable"/>.</param>
    /// <param name="variable">What <c>PAWL_HOME</c> says.</param>
    /// <param name="user">Effective user id of this process, <see cref="Users.Own"/>.</param>
    /// <exception cref="HomeException">The home is on a file system that pawl cannot rely on, or belongs to somebody else.</exception>
    public static HomePlace Find(string? option, string? variable, string workingFolder, uint user)
    {
        var named = string.IsNullOrEmpty(option) ? variable : option;
        if (!string.IsNullOrEmpty(named)) { return Place(Path.GetFullPath(named, workingFolder)); }
        for (var folder = Path.GetFullPath(workingFolder); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var home = Path.Join(folder, Home.FolderName);
            if (!Directory.Exists(home)) { continue; }
            RequireOwn(home, user);
            return Place(home);
        }
        return Place(Path.Join(Path.GetFullPath(workingFolder), Home.FolderName));
    }

    // In a shared folder such as /tmp anybody can put a .pawl above a stranger's work and have his runs, or hand him prepared ones.
    private static void RequireOwn(string home, uint user)
    {
        foreach (var owner in (uint[])[Users.OwnerOf(home, followLink: false), Users.OwnerOf(home, followLink: true)])
        {
            if (user != 0 && owner != user)
            {
                throw new HomeException(
                    $"{home} belongs to user {owner}, not to you ({user}), so it is not used unasked. "
                    + $"Name it with --home {home} if you trust it, or name another.");
            }
        }
    }

    private static HomePlace Place(string folder)
    {
        if (FileSystemKind.Refusal(folder) is { } refusal) { throw new HomeException(refusal); }
        var exists = Directory.Exists(folder);
        if (!exists && Path.Exists(folder))
        {
            throw new HomeException($"{folder} is a file; a home is a folder. Name another with --home.");
        }
        return new HomePlace(folder, exists, FileSystemKind.Notice(folder));
    }
}
