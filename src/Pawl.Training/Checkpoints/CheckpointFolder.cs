using System.Globalization;

namespace Pawl.Training.Checkpoints;

/// <summary>The checkpoints of this trainer: <c>step-&lt;number&gt;.pawl</c>, made beside under a name with a dot and renamed when flushed.</summary>
internal sealed class CheckpointFolder(string path)
{
    private const string Prefix = "step-";
    private const string Suffix = ".pawl";
    private const string Corrupt = ".corrupt";
    private const string Unfinished = ".tmp";

    public string Path => path;

    /// <summary>Makes the folder, and clears what a writer that was killed left half done.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(path);
        foreach (var left in Directory.GetFiles(path, $".{Prefix}*{Suffix}{Unfinished}")) { File.Delete(left); }
    }

    /// <summary>Step and file of each, newest first.</summary>
    public List<(long Step, string File)> NewestFirst()
    {
        var found = new List<(long Step, string File)>();
        foreach (var file in Directory.GetFiles(path, $"{Prefix}*{Suffix}"))
        {
            var number = System.IO.Path.GetFileName(file.AsSpan())[Prefix.Length..^Suffix.Length];
            if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var step)) { found.Add((step, file)); }
        }
        found.Sort((a, b) => b.Step.CompareTo(a.Step));
        return found;
    }

    /// <summary>Makes a checkpoint under its name: wholly, or not at all.</summary>
    /// <param name="flush">Makes it durable; without, a crash of the machine may leave a file that cannot be restored.</param>
    /// <returns>Its path and bytes.</returns>
    /// <exception cref="IOException">The disk refused. Nothing new has a name.</exception>
    public (string File, long Bytes) Write(CheckpointHeader header, StateBuffer payload, bool flush)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{header.Step:D12}{Suffix}");
        var (aside, file) = ($"{path}/.{name}{Unfinished}", $"{path}/{name}");
        try
        {
            var bytes = CheckpointFile.Write(aside, header, payload, flush);
            File.Move(aside, file, overwrite: true);
            if (flush) { LibC.FlushFolder(path); }
            return (file, bytes);
        }
        catch
        {
            // A full disk stays full as long as half a checkpoint lies on it.
            try { File.Delete(aside); }
            catch (IOException) { /* The refusal that is on its way says more than this one. */ }
            throw;
        }
    }

    /// <summary>Deletes all but the newest few.</summary>
    public void Prune(int keep)
    {
        foreach (var (_, file) in NewestFirst().Skip(keep)) { File.Delete(file); }
    }

    /// <summary>Keeps a damaged file for whoever wants to know why, under a name that is no checkpoint's.</summary>
    public void SetAside(string file)
    {
        var name = System.IO.Path.GetFileName(file);
        File.Move(file, $"{path}/.{name}{Corrupt}", overwrite: true);
    }
}
