using System.Runtime.InteropServices;
using System.Text;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision.Checkpoints;

/// <summary>Hears from the kernel what happens in a folder and all below it. A missed event costs certainty, nothing else.</summary>
/// <remarks>Events are read when somebody looks, so the thread, made by the first who waits, only wakes that one.</remarks>
/// <param name="isIgnored">Folders, by their paths below the root, that are of no interest.</param>
/// <param name="heard">A path below the root, and what happened to it; called while the events are read.</param>
internal sealed class FolderEvents(string root, Func<string, bool> isIgnored, Action<string, FolderEvents.Event> heard) : IDisposable
{
    private const uint CloseWrite = 0x8;
    private const uint MovedFrom = 0x40;
    private const uint MovedTo = 0x80;
    private const uint Created = 0x100;
    private const uint Deleted = 0x200;
    private const uint Overflowed = 0x4000;
    private const uint Forgotten = 0x8000;
    private const uint FoldersOnly = 0x0100_0000;
    private const uint NoLinks = 0x0200_0000;
    private const uint IsFolder = 0x4000_0000;
    private const int MostWatches = 10_000;
    private const int BufferSize = 64 * 1024;
    private const int ThreadStackBytes = 128 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, string> _folders = [];
    private TaskCompletionSource? _next;
    private int _inotify = -1;
    private bool _rootIsGone;
    private int _wake = -1;
    private bool _changed;
    private bool _disposed;

    public enum Event
    {
        /// <summary>It got its name by a rename; of a folder, so did all below it.</summary>
        Moved,

        /// <summary>Closed by one who could write.</summary>
        Closed,

        /// <summary>Events were lost: what was heard of any path before is no evidence.</summary>
        Lost,
    }

    /// <summary>Why nothing, or not all, is heard; null where all is.</summary>
    public string? Weakness { get; private set; }

    /// <summary>Starts to hear; what could not be had is in <see cref="Weakness"/>.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _inotify = FolderCalls.InotifyInit(Native.CloseOnExec | Native.NonBlocking);
            if (_inotify < 0) { Weaken(root); }
            else { Watch(""); }
        }
    }

    /// <summary>Takes in all that has happened up to now.</summary>
    public unsafe void Read()
    {
        lock (_lock)
        {
            if (_inotify < 0 || _disposed) { return; }
            if (_rootIsGone && Directory.Exists(root))
            {
                _rootIsGone = false;
                Watch("");
                _changed = true;
            }
            var buffer = (byte*)NativeMemory.Alloc(BufferSize);
            try
            {
                for (nint read; (read = Native.Read(_inotify, buffer, BufferSize)) > 0;)
                {
                    // struct inotify_event: watch 4, mask 4, cookie 4, length of the name 4, name.
                    for (var at = buffer; at < buffer + read; at += 16 + *(uint*)(at + 12))
                    {
                        var name = *(uint*)(at + 12) == 0 ? "" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(at + 16));
                        Take(*(int*)at, *(uint*)(at + 4), name);
                    }
                }
            }
            finally { NativeMemory.Free(buffer); }
        }
    }

    /// <summary>Completes at once where something was heard since the last call, else with the next event.</summary>
    /// <returns>False where nothing can be heard, so that only time tells.</returns>
    public async ValueTask<bool> ChangedAsync(CancellationToken stop)
    {
        while (true)
        {
            Read();
            Task next;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (_changed)
                {
                    _changed = false;
                    return true;
                }

                // Where a part of it is not heard, time has to tell as well.
                if (_inotify < 0 || _rootIsGone || Weakness is not null) { return false; }
                if (!Listening()) { return false; }
                next = (_next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await next.WaitAsync(stop);
        }
    }

    public unsafe void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) { return; }
            _disposed = true;
            Wake();
            if (_wake >= 0)
            {
                var one = 1UL;
                _ = Native.Write(_wake, (byte*)&one, sizeof(ulong));   // the thread closes both
            }
            else if (_inotify >= 0) { _ = Native.Close(_inotify); }
        }
    }

    private void Take(int watch, uint mask, string name)
    {
        _changed = true;
        if ((mask & Overflowed) != 0)
        {
            heard("", Event.Lost);
            Watch("");
            return;
        }
        if (!_folders.TryGetValue(watch, out var folder)) { return; }
        if ((mask & Forgotten) != 0)
        {
            _folders.Remove(watch);
            // The whole folder was removed; whoever makes it anew is not heard, so that somebody has to look.
            if (folder.Length == 0) { _rootIsGone = true; }
            return;
        }
        var path = folder.Length == 0 ? name : $"{folder}/{name}";
        if ((mask & IsFolder) != 0 && (mask & (Created | MovedTo)) != 0 && !isIgnored(path)) { Watch(path); }
        if ((mask & MovedTo) != 0) { heard(path, Event.Moved); }
        else if ((mask & CloseWrite) != 0) { heard(path, Event.Closed); }
    }

    // A folder keeps its watch when it is renamed, so asking again only corrects its path.
    private void Watch(string first)
    {
        var left = new Stack<string>([first]);
        while (left.TryPop(out var folder))
        {
            var path = folder.Length == 0 ? root : $"{root}/{folder}";
            if (_folders.Count >= MostWatches)
            {
                Weakness ??= $"{path}: it is one folder too many to watch ({MostWatches:N0}); changes in it are seen late";
                return;
            }
            var events = CloseWrite | MovedFrom | MovedTo | Created | Deleted | FoldersOnly | (folder.Length == 0 ? 0 : NoLinks);
            var watch = FolderCalls.InotifyAdd(_inotify, path, events);
            if (watch < 0)
            {
                if (Marshal.GetLastPInvokeError() != Native.NoSuchFile) { Weaken(path); }
                continue;
            }
            _folders[watch] = folder;
            try
            {
                foreach (var below in Directory.EnumerateDirectories(path))
                {
                    var relative = below[(root.Length + 1)..];
                    var isWatched = relative.Count('/') < FolderScan.MostDepth && !isIgnored(relative);
                    if (isWatched && new DirectoryInfo(below).LinkTarget is null) { left.Push(relative); }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Gone, or not ours to read: the one who looks says so.
            }
        }
    }

    private void Weaken(string path) =>
        Weakness ??= $"{path}: cannot be watched ({Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}); changes in it are seen late";

    private bool Listening()
    {
        if (_wake >= 0) { return true; }
        _wake = Native.EventFd(0, Native.CloseOnExec);
        if (_wake < 0) { return false; }
        new Thread(Listen, ThreadStackBytes) { IsBackground = true, Name = "checkpoints" }.Start();
        return true;
    }

    private unsafe void Listen()
    {
        var fds = stackalloc Native.PollFd[2];
        while (true)
        {
            fds[0] = new() { Fd = _inotify, Events = Native.Readable };
            fds[1] = new() { Fd = _wake, Events = Native.Readable };
            if (Native.Poll(fds, 2, -1) < 0 && Marshal.GetLastPInvokeError() != Native.Interrupted) { break; }
            if (fds[1].Seen != 0) { break; }
            Read();
            lock (_lock) { Wake(); }
        }
        lock (_lock)
        {
            _ = Native.Close(_inotify);
            _ = Native.Close(_wake);
            (_inotify, _wake) = (-1, -1);
            Wake();
        }
    }

    private void Wake()
    {
        _next?.TrySetResult();
        _next = null;
    }
}
