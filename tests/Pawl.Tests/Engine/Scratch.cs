using Pawl.Storage.Files;

namespace Pawl.Tests.Engine;

/// <summary>A folder of its own, gone when the test ends; in memory where that is possible, since thousands of flushes are made in it.</summary>
public abstract class Scratch : IDisposable
{
    protected string Folder { get; } = Directory.CreateDirectory(
        Path.Join(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"pawl-engine-{Guid.NewGuid():N}")).FullName;

    protected IDisk Disk { get; } = new Disk();

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string At(string relative) => Path.Join(Folder, relative);
}
