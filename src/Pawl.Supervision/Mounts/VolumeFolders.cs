using System.Collections.Immutable;
using System.Text;
using Pawl.Core.Attempts;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Supervision.Mounts;

/// <summary>Gives the texts of a file whose text is kept elsewhere, each with its path in the volume.</summary>
internal delegate Task<IReadOnlyList<(string Path, string Text)>> FileTexts(MountedFile file);

/// <summary>Where the volumes that a step mounts are on this machine.</summary>
internal sealed class VolumeFolders(IDisk disk, string attemptFolder, string home, FileTexts? texts = null)
{
    /// <summary>Of volumes that begin empty with every attempt.</summary>
    public string Own { get; } = Path.Combine(attemptFolder, AttemptFiles.Volumes);

    /// <summary>Makes what is absent, as a cluster would provision it.</summary>
    /// <exception cref="IOException">A file or folder of the machine is not there.</exception>
    /// <exception cref="UnsafePathException">A name or a path in a volume leaves it.</exception>
    public async Task<ImmutableArray<Bind>> MakeAsync(ImmutableArray<Mount> mounts, Declared declared)
    {
        var binds = ImmutableArray.CreateBuilder<Bind>();
        foreach (var mount in mounts)
        {
            var target = declared.MountPoint(mount.Path);
            var source = await PartAsync(mount, await FolderAsync(mount));
            binds.Add(new Bind(source, target, mount.ReadOnly));
        }
        binds.Sort((a, b) => string.CompareOrdinal(a.Target, b.Target));
        return binds.Zip(binds.Skip(1)).FirstOrDefault(p => p.First.Target == p.Second.Target).First is { } twice
            ? throw new UnsafePathException($"two volumes are mounted at {twice.Target}")
            : binds.ToImmutable();
    }

    private async Task<string> FolderAsync(Mount mount)
    {
        if (mount.Kind is MountKind.HostPath) { return HostPath(mount); }
        if (mount.Kind is MountKind.Files) { return await FilesAsync(mount); }
        var run = Path.GetDirectoryName(Path.GetDirectoryName(attemptFolder)!)!;
        var folder = mount.Kind switch
        {
            MountKind.HostFolder => HostPath(mount),
            MountKind.EmptyDir => Path.Combine(Own, NameOf(mount, mount.Volume)),
            MountKind.RunClaim => Path.Combine(run, AttemptFiles.Volumes, NameOf(mount, mount.Volume)),
            _ => Path.Combine(home, AttemptFiles.Volumes, NameOf(mount, mount.From)),
        };

        // Of a type that says nothing, a file of the machine will do.
        if (await disk.StatAsync(folder) is null) { await disk.MakeFolderAsync(folder); }
        return folder;
    }

    // One folder for each mount: two of one volume cost a second copy of a few texts.
    private async Task<string> FilesAsync(Mount mount)
    {
        var folder = Path.Combine(Own, NameOf(mount, mount.Volume));
        await disk.RemoveTreeAsync(folder);
        await disk.MakeFolderAsync(folder);
        foreach (var file in mount.Files)
        {
            foreach (var (name, text) in file.Text is { } plain ? [(file.Path, plain)] : await (texts ?? throw new IOException($"volume '{mount.Volume}' holds a secret, which cannot be read here"))(file))
            {
                var path = $"{folder}/{Keys.Checked(name)}";
                await disk.MakeFolderAsync(Path.GetDirectoryName(path)!);
                await disk.RemoveAsync(path);
                await using (var written = await disk.CreateAsync(path)) { await written.WriteAsync(Encoding.UTF8.GetBytes(text)); }
                await disk.SetModeAsync(path, file.Mode ?? 0b110_100_100);
            }
        }
        return folder;
    }

    private async Task<string> PartAsync(Mount mount, string folder)
    {
        if (mount.SubPath is not { Length: > 0 } part)
        {
            return await disk.StatAsync(folder) is not null ? folder
                : throw new IOException($"there is nothing at {folder}, which volume '{mount.Volume}' names");
        }
        var at = folder;
        foreach (var name in part.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at = Path.Combine(at, name);

            // A step that ran before may have made it.
            if (name == ".." || await disk.StatAsync(at) is { Kind: FileKind.Link })
            {
                throw new UnsafePathException($"subPath '{part}' leaves volume '{mount.Volume}'");
            }
        }
        if (await disk.StatAsync(at) is null) { await disk.MakeFolderAsync(at); }
        return at;
    }

    private static string HostPath(Mount mount) =>
        Path.IsPathRooted(mount.From) ? Paths.Normal(mount.From) : throw new UnsafePathException($"hostPath '{mount.From}' is not absolute");

    private static string NameOf(Mount mount, string name) =>
        name is { Length: > 0 and <= 253 } and not ("." or "..") && !name.Contains('/') && !name.Contains('\0') ? name
            : throw new UnsafePathException($"'{name}', which is mounted at {mount.Path}, is no name of a volume");
}
