namespace Pawl.Tests.Storage;

/// <summary>A folder of a test's own, gone with it.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("pawl-test-").FullName;

    public string this[string relative] => $"{Path}/{relative}";

    public void Dispose() => new Pawl.Storage.Files.Disk().RemoveTreeAsync(Path).AsTask().GetAwaiter().GetResult();
}
