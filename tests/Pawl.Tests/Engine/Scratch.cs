using Pawl.Storage.Files;

namespace Pawl.Tests.Engine;

/// <summary>A folder of its own on the real disk, gone when the test ends.</summary>
public abstract class Scratch : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("pawl-engine-").FullName;

    protected IDisk Disk { get; } = new Disk();

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string At(string relative) => Path.Join(Folder, relative);
}
