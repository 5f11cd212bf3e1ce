using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Mounts;

/// <summary>
/// The absolute paths of a container whose file system is an image: volumes and inputs are mounted in it, outputs are copied out of it
/// when it has ended.
/// </summary>
internal sealed class ImageRoot : IStepRoot
{
    private readonly IDisk _disk;
    private readonly string _root;
    private readonly VolumeFolders _folders;
    private readonly ImmutableArray<string> _needed;
    private readonly ImmutableArray<Bind> _volumes;
    private readonly ImmutableArray<string> _inputs;
    private readonly ImmutableArray<string> _outputs;

    private ImageRoot(
        IDisk disk, string root, VolumeFolders folders, ImmutableArray<string> needed, ImmutableArray<Bind> volumes, ImmutableArray<string> inputs,
        ImmutableArray<string> outputs) =>
        (_disk, _root, _folders, _needed, _volumes, _inputs, _outputs) = (disk, root, folders, needed, volumes, inputs, outputs);

    public bool IsOfImage => true;

    /// <summary>From paths in the container, which it may have left files at, to where they are wanted.</summary>
    public ImmutableArray<Bind> Copied => [.. _outputs.Where(o => !_volumes.Any(v => Paths.IsAtOrBelow(o, v.Target))).Select(o => new Bind(o, Place(o)!))];

    /// <param name="spec">As the container is told of it.</param>
    /// <param name="container">Whose root it is; volumes are shared by all of the step.</param>
    /// <param name="needed">Files and folders of this machine that it sees under their own names.</param>
    public static async Task<ImageRoot> OpenAsync(
        IDisk disk, string attemptFolder, AttemptSpec spec, string home, string container, ImmutableArray<string> needed, FileTexts? texts)
    {
        var plain = new Declared(attemptFolder, spec with { WorkingDir = null }, home, OfNobody.It);
        var folders = new VolumeFolders(disk, attemptFolder, home, texts);
        var root = Path.Combine(AttemptFiles.ContainerFolder(attemptFolder, container), AttemptFiles.Root);
        if (container == AttemptSpec.Main) { await disk.RemoveTreeAsync(folders.Own); }
        await disk.RemoveTreeAsync(root);
        await disk.MakeFolderAsync(root);
        var volumes = await folders.MakeAsync(spec.Mounts, plain);
        ImmutableArray<string> Absolute(IEnumerable<string> paths) => [.. paths.Where(Path.IsPathRooted).Select(Paths.Normal).Where(p => !Paths.IsAtOrBelow(p, plain.Work)).Distinct()];
        var outputs = Absolute(spec.OutputParameters.Select(p => p.Path).Concat(spec.OutputArtifacts.Select(a => a.Path)));
        foreach (var output in outputs) { await disk.MakeFolderAsync(Path.GetDirectoryName(Paths.Move(output, "/", root))!); }
        return new ImageRoot(disk, root, folders, [plain.Work, .. needed], volumes, Absolute(spec.Inputs.Select(i => i.Path)), outputs);
    }

    public bool IsShared(string inside) => false;

    public string Place(string inside) => _volumes.LastOrDefault(v => Paths.IsAtOrBelow(inside, v.Target)) is { } volume
        ? Paths.Move(inside, volume.Target, volume.Source)
        : Paths.Move(inside, "/", _root);

    public string? FolderOf(string resolved) =>
        Paths.IsAtOrBelow(resolved, _root) ? _root : _volumes.LastOrDefault(v => Paths.IsAtOrBelow(resolved, v.Source))?.Source;

    public async Task<MountView> ViewAsync(string? report, IEnumerable<string> told)
    {
        var shown = new SortedDictionary<string, Bind>(StringComparer.Ordinal);
        foreach (var path in _needed.Append(report).OfType<string>())
        {
            if (await _disk.StatAsync(path) is not null) { shown[path] = new Bind(path, path); }
        }
        foreach (var input in _inputs) { shown[input] = new Bind(Place(input), input); }
        foreach (var volume in _volumes) { shown[volume.Target] = volume; }

        // An input in a volume was laid out there.
        return new MountView(_root, [], [.. shown.Values.Where(b => _volumes.Contains(b) || !_inputs.Contains(b.Target) || !_volumes.Any(v => Paths.IsAtOrBelow(b.Target, v.Target)))]);
    }

    public async Task RemoveAsync()
    {
        await _disk.RemoveTreeAsync(_root);
        await _disk.RemoveTreeAsync(_folders.Own);
    }

    // For what can be said of paths before there is a root.
    private sealed class OfNobody : IStepRoot
    {
        public static OfNobody It { get; } = new();

        public bool IsOfImage => true;

        public bool IsShared(string inside) => false;

        public string? Place(string inside) => null;

        public string? FolderOf(string resolved) => null;

        public Task<MountView> ViewAsync(string? report, IEnumerable<string> told) => throw new NotSupportedException("there is no root yet");

        public Task RemoveAsync() => Task.CompletedTask;
    }
}
