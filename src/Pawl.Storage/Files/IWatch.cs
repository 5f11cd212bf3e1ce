namespace Pawl.Storage.Files;

/// <summary>Hints that a folder may have changed. A hint may come late, twice or for nothing; the files are the fact.</summary>
public interface IWatch
{
    /// <summary>Starts to watch, so that no change after this call is missed.</summary>
    IFolderWatch Open(string folder);
}

public interface IFolderWatch : IDisposable
{
    /// <summary>Completes at once where something changed since the last call, else at the next change.</summary>
    ValueTask ChangedAsync(CancellationToken stop);
}
