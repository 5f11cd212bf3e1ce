using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Mounts;

/// <summary>
/// The root folder of one attempt, in which the absolute paths that its step declares are nobody else's. What stands at the top of
/// this machine's own is seen in it under its own name, except where files are scratch by custom.
/// </summary>
internal sealed class PrivateRoot : IStepRoot
{
    // Scratch for everybody, as on any machine.
    private const int EverybodysFolder = 0b001_111_111_111;

    // Nothing can be made there.
    private static readonly string[] Kernels = ["dev", "proc", "sys"];

    // Longer than any path the kernel takes.
    private const int LongestPath = 4096;

    private readonly IDisk _disk;
    private readonly VolumeFolders _folders;
    private readonly ImmutableArray<string> _needed;
    private readonly ImmutableArray<string> _files;
    private readonly ImmutableArray<Bind> _volumes;
    private readonly string? _working;
    private readonly string? _kept;

    private PrivateRoot(
        IDisk disk, VolumeFolders folders, MountView bare, ImmutableArray<string> needed, ImmutableArray<string> files, ImmutableArray<Bind> volumes,
        string? working, string? kept) =>
        (_disk, _folders, Bare, _needed, _files, _volumes, _working, _kept) = (disk, folders, bare, needed, files, volumes, working, kept);

    public bool IsOfImage => false;

    /// <summary>The view without volumes, and without anything of scratch folders.</summary>
    public MountView Bare { get; }

    /// <summary>Makes the root of an attempt, empty, where its step declares paths that can be in it and this machine offers views.</summary>
    /// <returns>Null where there is none: then absolute paths are the machine's.</returns>
    /// <exception cref="UnsafePathException">A declared path leaves the working folder, or is the system's own.</exception>
    /// <exception cref="IOException">The step mounts volumes, and there is no view to see them in.</exception>
    /// <param name="spec">As the container is told of it.</param>
    /// <param name="container">Whose root it is; volumes are shared by all of the step.</param>
    public static async Task<PrivateRoot?> OpenAsync(
        IDisk disk, IContainment containment, string attemptFolder, AttemptSpec spec, string home, string container = AttemptSpec.Main, FileTexts? texts = null)
    {
        var plain = new Declared(attemptFolder, spec, home);
        var shared = await SharedAsync(disk, spec);
        var files = Declared.All(spec, plain, shared).Where(p => !Paths.IsAtOrBelow(p, plain.Work)).ToImmutableArray();
        var working = Paths.IsAtOrBelow(plain.Working, plain.Work) ? null : plain.Working;
        if (files.IsEmpty && working is null && spec.Mounts.IsEmpty && spec.HostAliases.IsEmpty && shared.IsEmpty) { return null; }

        var folders = new VolumeFolders(disk, attemptFolder, home, texts);
        if (container == AttemptSpec.Main) { await disk.RemoveTreeAsync(folders.Own); }
        var volumes = await folders.MakeAsync(spec.Mounts, plain);
        if (!spec.HostAliases.IsEmpty) { volumes = [.. volumes.Add(await HostsFile.MakeAsync(disk, attemptFolder, spec.HostAliases)).OrderBy(v => v.Target, StringComparer.Ordinal)]; }
        volumes = [.. volumes.Concat(shared.Where(s => !volumes.Any(v => Paths.IsAtOrBelow(s, v.Target))).Select(s => new Bind(s, s, ReadOnly: true))).OrderBy(v => v.Target, StringComparer.Ordinal)];
        ImmutableArray<string> declared = [.. files, .. working is null ? [] : (string[])[working], .. volumes.Select(v => v.Target)];
        var root = new PrivateRoot(
            disk, folders, await BareAsync(disk, Path.Combine(AttemptFiles.ContainerFolder(attemptFolder, container), AttemptFiles.Root), declared, [.. volumes.Select(v => v.Target), .. working is null ? [] : (string[])[working]]), [home, attemptFolder], files, volumes, working,
            working is null ? null : await KeptAsync(disk, working, declared.Remove(working)));
        if (volumes.IsEmpty && !declared.Any(root.Holds)) { return null; }
        await root.CheckVolumesAsync();
        await root.MakeAsync();
        if (await containment.WhyNoViewAsync(root.Bare) is not { } why) { return root; }
        await root.RemoveAsync();
        return volumes.IsEmpty ? null : throw new IOException($"the step mounts volumes, has host aliases or gives out files of the system, and can only see them in a mount view of its own: {why}");
    }

    public bool IsShared(string inside) => _volumes.Any(v => v.ReadOnly && Paths.IsAtOrBelow(inside, v.Target));

    /// <summary>Where a path of the step is from outside; null where it is the machine's own.</summary>
    public string? Place(string inside) =>
        _volumes.LastOrDefault(v => Paths.IsAtOrBelow(inside, v.Target)) is { } volume ? Paths.Move(inside, volume.Target, volume.Source)
            : Holds(inside) ? Paths.Move(inside, "/", Bare.Root)
            : null;

    /// <summary>The folder of the attempt's own in which a path is, or a volume's, from outside; null where it is in none.</summary>
    public string? FolderOf(string resolved) =>
        Paths.IsAtOrBelow(resolved, Bare.Root) ? Bare.Root : _volumes.LastOrDefault(v => Paths.IsAtOrBelow(resolved, v.Source))?.Source;

    /// <summary>The view with volumes, and with what is needed of scratch folders: pawl's own files, and what is there of what the step is told.</summary>
    /// <param name="report">Where the step talks to its supervisor; null where it cannot.</param>
    /// <param name="told">Command, arguments and values of the environment.</param>
    public async Task<MountView> ViewAsync(string? report, IEnumerable<string> told)
    {
        var shown = new SortedDictionary<string, Bind>(StringComparer.Ordinal);
        foreach (var path in told.SelectMany(Named).Distinct())
        {
            if (Bare.Outside(path) != path && IsBelowTop(path) && !Hides(path) && await IsThereAsync(path)) { shown[path] = new Bind(path, path); }
        }
        foreach (var path in _needed.Append(_kept).Append(report).OfType<string>()) { shown[path] = new Bind(path, path); }
        foreach (var volume in _volumes) { shown[volume.Target] = volume; }

        // By ordinal order, so that what lies above comes first.
        var view = Bare;
        foreach (var bind in shown.Values)
        {
            if (bind.ReadOnly || view.Outside(bind.Target) != bind.Source) { view = view with { Binds = view.Binds.Add(bind) }; }
        }
        return view;
    }

    public async Task RemoveAsync()
    {
        await _disk.RemoveTreeAsync(Bare.Root);
        await _disk.RemoveTreeAsync(_folders.Own);
    }

    // A working folder that somebody has made on this machine is meant; only scratch as a whole is not.
    private static async Task<string?> KeptAsync(IDisk disk, string working, ImmutableArray<string> others) =>
        IsBelowTop(working) && !others.Any(o => Paths.IsAtOrBelow(working, o)) && await disk.StatAsync(working) is { Kind: FileKind.Folder }
            ? working
            : null;

    private static async Task<ImmutableArray<string>> SharedAsync(IDisk disk, AttemptSpec spec)
    {
        var shared = ImmutableArray.CreateBuilder<string>();
        foreach (var path in Declared.AmongSystem(spec))
        {
            if (await disk.StatAsync(path) is { Kind: FileKind.File }) { shared.Add(path); }
        }
        return shared.ToImmutable();
    }

    /// <param name="folders">Those that the step finds: where volumes are mounted, and where it works.</param>
    private static async Task<MountView> BareAsync(
        IDisk disk, string root, ImmutableArray<string> declared, ImmutableArray<string> folders)
    {
        var links = ImmutableArray.CreateBuilder<string>();
        var binds = ImmutableArray.CreateBuilder<Bind>();
        var opened = ImmutableArray.CreateBuilder<string>();
        foreach (var wanted in folders)
        {
            if (!Kernels.Contains(Paths.Top(wanted)) && await disk.StatAsync(wanted) is null) { opened.Add(wanted); }
        }
        await ShowAsync("/");
        return new MountView(root, links.ToImmutable(), binds.ToImmutable());

        async Task ShowAsync(string folder)
        {
            foreach (var (name, kind) in await disk.ListAsync(folder))
            {
                var path = Path.Combine(folder, name);

                // Other programs keep in /tmp what a step has no business with. Data sets are mounted below /mnt, so that only goes where
                // it is claimed; and a file at the top that the step declares is not this one.
                var isOwn = path == "/tmp" || ((path == "/mnt" || (folder == "/" && kind is FileKind.File or FileKind.Other)) && declared.Any(d => Paths.Top(d) == name));
                if (isOwn) { continue; }
                if (kind is FileKind.Link) { links.Add(path); }
                else if (kind is FileKind.Folder && opened.Any(o => Paths.IsAtOrBelow(o, path)))
                {
                    // A folder cannot be made in one of this machine without leaving it there; in one of ours with the same in it it can.
                    await ShowAsync(path);
                }
                else { binds.Add(new Bind(path, path)); }
            }
        }
    }

    // What is a link here, or the kernel's, cannot be opened up.
    private async Task CheckVolumesAsync()
    {
        foreach (var volume in _volumes)
        {
            if (!Holds(volume.Target) && await _disk.StatAsync(volume.Target) is null)
            {
                throw new IOException($"a volume cannot be mounted at {volume.Target}: there is no such folder on this machine; mount it elsewhere, such as below /mnt");
            }
        }
    }

    private async Task MakeAsync()
    {
        await _disk.RemoveTreeAsync(Bare.Root);
        var scratch = Path.Combine(Bare.Root, "tmp");
        await _disk.MakeFolderAsync(scratch);
        await _disk.SetModeAsync(scratch, EverybodysFolder);
        foreach (var link in Bare.Links)
        {
            if (await _disk.ReadLinkAsync(link) is not { } target) { continue; }
            var path = Paths.Move(link, "/", Bare.Root);
            await _disk.MakeFolderAsync(Path.GetDirectoryName(path)!);
            await _disk.MakeLinkAsync(target, path);
        }
    }

    private bool Holds(string inside) =>
        !(_kept is not null && Paths.IsAtOrBelow(inside, _kept))
        && !Bare.Links.Any(l => Paths.IsAtOrBelow(inside, l))
        && !Bare.Binds.Any(b => Paths.IsAtOrBelow(inside, b.Target));

    /// <summary>Whether something of the machine's, seen at a path, would hide what the step declares there.</summary>
    private bool Hides(string path) =>
        _files.Concat(_volumes.Select(v => v.Target)).Any(d => Paths.Overlap(d, path)) || (_working is not null && Paths.IsAtOrBelow(_working, path));

    private static bool IsBelowTop(string path) => path.IndexOf('/', 1) > 0;

    /// <summary>The absolute paths in a text such as <c>--data=/mnt/data</c> or a search path; of a program also the folder it is installed in.</summary>
    private static IEnumerable<string> Named(string text)
    {
        foreach (var part in text.Split(':', '='))
        {
            if (!part.StartsWith('/') || part.Length > LongestPath || part.Contains('\0')) { continue; }
            var path = Paths.Normal(part);
            yield return path;

            // A virtual environment is more than its bin.
            var folder = path.EndsWith("/bin", StringComparison.Ordinal) ? path : Path.GetDirectoryName(path);
            if (folder is not null && folder.EndsWith("/bin", StringComparison.Ordinal)) { yield return Path.GetDirectoryName(folder)!; }
        }
    }

    private async Task<bool> IsThereAsync(string path)
    {
        try
        {
            return await _disk.StatAsync(path) is not null;
        }
        catch (IOException)
        {
            // A name too long, a folder that is closed to us: the step could not open it either.
            return false;
        }
    }
}
