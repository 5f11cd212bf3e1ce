using System.Runtime.InteropServices;

namespace Pawl.Storage.Files;

/// <summary>Hears of changes from the kernel. One descriptor and one thread serve all folders; both are made with the first.</summary>
/// <param name="hearsWrites">Hear of every write too, as who follows a growing file must.</param>
public sealed class InotifyWatch(bool hearsWrites = false) : IWatch, IDisposable
{
    // What means that a name or a finished content changed: close_write, moved_from, moved_to, create, delete, delete_self, move_self.
    private const uint Heard = 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800;
    private const uint Written = 0x2;
    private const uint FoldersOnly = 0x0100_0000;
    private const uint Overflowed = 0x4000;
    private const uint Forgotten = 0x8000;
    private const short Readable = 1;
    private const int ThreadStackBytes = 256 * 1024;
    private const int BufferSize = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<FolderWatch>> _watches = [];
    private int _inotify = -1;
    private int _wake = -1;
    private bool _disposed;

    public IFolderWatch Open(string folder)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Start(folder);
            var number = LibC.InotifyAdd(_inotify, folder, Heard | FoldersOnly | (hearsWrites ? Written : 0));
            if (number < 0) { throw Errno.Failed(Errno.Last, "watching the folder", folder, "changes in it would not be heard"); }
            var watch = new FolderWatch(this, number, folder);
            // The kernel gives one folder one number, however often it is asked.
            if (!_watches.TryGetValue(number, out var same)) { _watches[number] = same = []; }
            same.Add(watch);
            return watch;
        }
    }

    public unsafe void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) { return; }
            _disposed = true;
            foreach (var watch in _watches.Values.SelectMany(w => w)) { watch.End(); }
            _watches.Clear();
            if (_wake < 0) { return; }
            var one = 1UL;
            _ = LibC.Write(_wake, (byte*)&one, sizeof(ulong));   // the thread closes both descriptors
        }
    }

    private void Start(string folder)
    {
        if (_inotify >= 0) { return; }
        var inotify = LibC.InotifyInit(LibC.CloseOnExec | LibC.NonBlock);
        if (inotify < 0) { throw Errno.Failed(Errno.Last, "inotify_init1", folder, "changes in it would not be heard"); }
        var wake = LibC.EventFd(0, LibC.CloseOnExec);
        if (wake < 0)
        {
            var errno = Errno.Last;
            _ = LibC.Close(inotify);
            throw Errno.Failed(errno, "eventfd", folder, "changes in it would not be heard");
        }
        (_inotify, _wake) = (inotify, wake);
        new Thread(Listen, ThreadStackBytes) { IsBackground = true, Name = "inotify" }.Start();
    }

    private unsafe void Listen()
    {
        var buffer = (byte*)NativeMemory.Alloc(BufferSize);
        var fds = stackalloc LibC.PollFd[2];
        while (true)
        {
            fds[0] = new() { Fd = _inotify, Events = Readable };
            fds[1] = new() { Fd = _wake, Events = Readable };
            if (LibC.Poll(fds, 2, -1) < 0 && Errno.Last != Errno.Interrupted) { break; }
            if (fds[1].Seen != 0) { break; }
            var read = LibC.Read(_inotify, buffer, BufferSize);
            if (read < 0 && Errno.Last is not (Errno.Again or Errno.Interrupted)) { break; }
            // struct inotify_event: watch 4, mask 4, cookie 4, length of the name 4, name.
            for (var at = buffer; at < buffer + read; at += 16 + *(uint*)(at + 12)) { Tell(*(int*)at, *(uint*)(at + 4)); }
        }
        NativeMemory.Free(buffer);
        lock (_lock)
        {
            // Whoever still waits would wait for ever.
            _disposed = true;
            foreach (var watch in _watches.Values.SelectMany(w => w)) { watch.End(); }
            _watches.Clear();
            _ = LibC.Close(_inotify);
            _ = LibC.Close(_wake);
        }
    }

    private void Tell(int number, uint mask)
    {
        lock (_lock)
        {
            // The queue ran over: anything may have changed anywhere.
            var told = (mask & Overflowed) != 0 ? _watches.Values.SelectMany(w => w) : _watches.GetValueOrDefault(number, []);
            foreach (var watch in told) { watch.Signal(); }
            if ((mask & Forgotten) != 0) { _watches.Remove(number); }
        }
    }

    private void Close(FolderWatch watch)
    {
        lock (_lock)
        {
            watch.End();
            if (!_watches.TryGetValue(watch.Number, out var same) || !same.Remove(watch) || same.Count > 0) { return; }
            _watches.Remove(watch.Number);
            _ = LibC.InotifyRemove(_inotify, watch.Number);   // fails only where the folder is gone, and the watch with it
        }
    }

    private sealed class FolderWatch(InotifyWatch owner, int number, string folder) : IFolderWatch
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource? _next;
        private bool _changed;
        private bool _ended;

        public int Number => number;

        public async ValueTask ChangedAsync(CancellationToken stop)
        {
            while (true)
            {
                Task next;
                lock (_lock)
                {
                    ObjectDisposedException.ThrowIf(_ended, this);
                    if (_changed)
                    {
                        _changed = false;
                        return;
                    }
                    next = (_next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }
                await next.WaitAsync(stop);
            }
        }

        public void Signal() => Wake(ended: false);

        public void End() => Wake(ended: true);

        public void Dispose() => owner.Close(this);

        public override string ToString() => folder;

        // A waiter that gave up must not take the change with it: the flag stays until somebody has seen it.
        private void Wake(bool ended)
        {
            lock (_lock)
            {
                _changed = true;
                _ended |= ended;
                _next?.TrySetResult();
                _next = null;
            }
        }
    }
}
