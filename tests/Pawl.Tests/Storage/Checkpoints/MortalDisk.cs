using Pawl.Simulation.Bugs;
using Pawl.Storage.Files;

namespace Pawl.Tests.Storage.Checkpoints;

/// <summary>The real disk in the hands of a process that may die, or sleep, before any call. Dead it does nothing any more.</summary>
internal sealed class MortalDisk() : ThroughDisk(new Disk())
{
    internal List<(string Call, string Path)> Calls { get; } = [];

    /// <summary>Counted from 0 since <see cref="Count"/> was last set; the call and all after it fail.</summary>
    internal int DiesAt { get; set; } = int.MaxValue;

    internal int Count { get; set; }

    /// <summary>What others do while this process sleeps before a call.</summary>
    internal Func<int, string, string, Task>? Meanwhile { get; set; }

    public override async ValueTask<IDiskFile> CreateAsync(string path, int mode = 0b110_100_100) => Wrap(await At("create", path, () => Inner.CreateAsync(path, mode)));

    public override async ValueTask<IDiskFile> OpenAppendAsync(string path) => Wrap(await At("append", path, () => Inner.OpenAppendAsync(path)));

    public override async ValueTask<IDiskFile?> OpenReadAsync(string path) => await At("open", path, () => Inner.OpenReadAsync(path)) is { } file ? Wrap(file) : null;

    public override async ValueTask<IDiskFile?> OpenReadBeneathAsync(string root, string relative) =>
        await At("open", $"{root}/{relative}", () => Inner.OpenReadBeneathAsync(root, relative)) is { } file ? Wrap(file) : null;

    public override ValueTask<bool> TryLinkAsync(string existing, string name) => At("link", name, () => Inner.TryLinkAsync(existing, name));

    public override ValueTask RenameAsync(string from, string to) => At("rename", to, () => Inner.RenameAsync(from, to));

    public override ValueTask<bool> TryRenameNewAsync(string from, string to) => At("rename", to, () => Inner.TryRenameNewAsync(from, to));

    public override ValueTask RemoveAsync(string path) => At("remove", path, () => Inner.RemoveAsync(path));

    public override ValueTask RemoveTreeAsync(string path) => At("remove", path, () => Inner.RemoveTreeAsync(path));

    public override ValueTask MakeFolderAsync(string path) => At("mkdir", path, () => Inner.MakeFolderAsync(path));

    public override ValueTask FlushFolderAsync(string path) => At("flush folder", path, () => Inner.FlushFolderAsync(path));

    public override ValueTask<IReadOnlyList<DiskEntry>> ListAsync(string folder) => At("list", folder, () => Inner.ListAsync(folder));

    public override ValueTask<FileFacts?> StatAsync(string path) => At("stat", path, () => Inner.StatAsync(path));

    public override ValueTask SetModeAsync(string path, int mode) => At("chmod", path, () => Inner.SetModeAsync(path, mode));

    public override ValueTask SetModifiedAsync(string path, long modified) => At("utimes", path, () => Inner.SetModifiedAsync(path, modified));

    public override ValueTask MakeLinkAsync(string target, string path) => At("symlink", path, () => Inner.MakeLinkAsync(target, path));

    public override ValueTask<string?> ReadLinkAsync(string path) => At("readlink", path, () => Inner.ReadLinkAsync(path));

    private async ValueTask<T> At<T>(string call, string path, Func<ValueTask<T>> act)
    {
        await PassAsync(call, path);
        return await act();
    }

    private async ValueTask At(string call, string path, Func<ValueTask> act)
    {
        await PassAsync(call, path);
        await act();
    }

    private async ValueTask PassAsync(string call, string path)
    {
        var number = Count++;
        if (number >= DiesAt) { throw new DiedException(); }
        Calls.Add((call, path));
        if (Meanwhile is not null) { await Meanwhile(number, call, path); }
    }

    private MortalFile Wrap(IDiskFile file) => new(this, file);

    private sealed class MortalFile(MortalDisk owner, IDiskFile file) : ThroughFile(file)
    {
        public override ValueTask<FileFacts> FactsAsync() => owner.At("fstat", Path, Inner.FactsAsync);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, long offset) => owner.At("read", Path, () => Inner.ReadAsync(buffer, offset));

        // Dead in the middle of a write is dead after half of it.
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            if (owner.Count == owner.DiesAt) { await Inner.WriteAsync(bytes[..(bytes.Length / 2)]); }
            await owner.At("write", Path, () => Inner.WriteAsync(bytes));
        }

        public override ValueTask FlushAsync() => owner.At("flush", Path, Inner.FlushAsync);

        public override ValueTask TruncateAsync(long length) => owner.At("truncate", Path, () => Inner.TruncateAsync(length));
    }
}

/// <summary>The process is dead.</summary>
public sealed class DiedException : Exception;
