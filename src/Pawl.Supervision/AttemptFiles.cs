using System.Globalization;
using System.Text;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;
using Pawl.Storage.Json;

namespace Pawl.Supervision;

/// <summary>The files of an attempt's folder, which engine and supervisor both know.</summary>
public static class AttemptFiles
{
    public const string Spec = "spec.json";
    public const string Outcome = "outcome.json";
    public const string Lock = "lock";
    public const string Log = "main.log";
    public const string Stop = "stop.json";
    public const string Work = "work";

    /// <summary>What the step sees as <c>/</c>, where it has a view of its own.</summary>
    public const string Root = "root";

    /// <summary>Volumes: of an attempt in its folder, of a run in the run's, claims in the home.</summary>
    public const string Volumes = "volumes";

    public const string Progress = "progress.json";

    /// <summary>Where a step writes how far it is, in Argo's way: lines <c>N/M</c>, the last of which counts.</summary>
    public const string Reached = "reached";

    /// <summary>There while the attempt waits for room on its machine.</summary>
    public const string Waiting = "waiting.json";

    /// <summary>Written when a daemon is ready.</summary>
    public const string Ready = "ready.json";

    /// <summary>Of a step with several containers: a folder for each but the main one, and of those that pause.</summary>
    public const string Containers = "ctr";

    /// <summary>Beside the attempts of a step: belongs to the step and survives them.</summary>
    public const string Checkpoint = "checkpoint";

    // Larger than any spec with its arguments inline; a guard against reading garbage into memory.
    private const int MostBytes = 64 << 20;

    private const int MostReached = 4096;

    /// <summary>Writes the spec whole or not at all. Not flushed: after a power cut the journal gives it again.</summary>
    public static ValueTask WriteSpecAsync(IDisk disk, string folder, AttemptSpec spec) =>
        WriteAsync(disk, folder, Spec, SupervisionJson.Write(spec), durable: false);

    /// <exception cref="IOException">The spec is absent, unreadable, or of a newer pawl.</exception>
    public static async ValueTask<AttemptSpec> ReadSpecAsync(IDisk disk, string folder)
    {
        var path = Path.Combine(folder, Spec);
        return await ReadAsync(disk, path) is { } bytes
            ? Parse(path, bytes, SupervisionJson.ReadSpec)
            : throw new IOException($"{path} is absent; the attempt cannot run");
    }

    /// <summary>Makes the outcome of an attempt a fact: durable when this returns.</summary>
    public static ValueTask WriteOutcomeAsync(IDisk disk, string folder, Outcome outcome) =>
        WriteAsync(disk, folder, Outcome, SupervisionJson.Write(outcome), durable: true);

    /// <returns>Null where the attempt has no outcome yet.</returns>
    /// <exception cref="IOException">It is unreadable, or of a newer pawl.</exception>
    public static async ValueTask<Outcome?> ReadOutcomeAsync(IDisk disk, string folder)
    {
        var path = Path.Combine(folder, Outcome);
        return await ReadAsync(disk, path) is { } bytes ? Parse(path, bytes, OutcomeJson.Read) : null;
    }

    /// <summary>With what the names of unfinished objects in the store begin, that supervisors of a step make.</summary>
    /// <param name="folder">Of an attempt, in that of its step, in that of its run.</param>
    public static string Writer(string folder) =>
        $"{WriterOf(Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(folder))) ?? "")}{Names.Folder(Path.GetFileName(Path.GetDirectoryName(folder)) ?? "")[^8..]}.";

    /// <summary>The same, of any step of a run.</summary>
    public static string WriterOf(string run) => $"{run}.";

    /// <returns>Done and all, as the step says; null where it has said nothing that can be read.</returns>
    public static async ValueTask<(long Done, long All)?> ReadReachedAsync(IDisk disk, string folder)
    {
        if (await disk.OpenReadBeneathAsync(folder, Reached) is not { } file) { return null; }
        await using (file)
        {
            // The end of it is enough, and the step may write for ever.
            var bytes = new byte[MostReached];
            var read = await file.ReadAsync(bytes, Math.Max(0, (await file.FactsAsync()).Size - MostReached));
            var last = Encoding.UTF8.GetString(bytes, 0, read).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault("").Split('/');
            return last is [var n, var m] && long.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var done)
                && long.TryParse(m, NumberStyles.None, CultureInfo.InvariantCulture, out var all) && done <= all && all > 0 ? (done, all) : null;
        }
    }

    /// <summary>Asks the supervisor of an attempt to stop it. A later request replaces an earlier one.</summary>
    /// <remarks>Durable, since an attempt that was never claimed is started again after a power cut, and must not find half a request.</remarks>
    public static ValueTask WriteStopAsync(IDisk disk, string folder, StopRequest request) =>
        WriteAsync(disk, folder, Stop, SupervisionJson.Write(request), durable: true);

    /// <returns>Null where nobody asked.</returns>
    public static async ValueTask<StopRequest?> ReadStopAsync(IDisk disk, string folder)
    {
        var path = Path.Combine(folder, Stop);
        return await ReadAsync(disk, path) is { } bytes ? Parse(path, bytes, SupervisionJson.ReadStop) : null;
    }

    /// <summary>Shows how far the training is, for whoever looks. Not flushed, and a full disk costs nothing but the view.</summary>
    internal static async ValueTask WriteProgressAsync(IDisk disk, string folder, TrainingRecord? training)
    {
        if (training is null) { return; }
        try { await WriteAsync(disk, folder, Progress, JsonWriting.Object(indented: true, json => TrainingJson.Write(json, training)), durable: false); }
        catch (IOException) { }
    }

    /// <summary>Shows what the attempt waits for before it can begin; like progress, it costs nothing but the view.</summary>
    /// <param name="text">Null once it waits no longer.</param>
    internal static async ValueTask WriteWaitingAsync(IDisk disk, string folder, string? text)
    {
        try
        {
            if (text is null) { await disk.RemoveAsync(Path.Combine(folder, Waiting)); }
            else { await WriteAsync(disk, folder, Waiting, JsonWriting.Object(indented: true, json => json.WriteString("message", text)), durable: false); }
        }
        catch (IOException) { }
    }

    /// <returns>Null where the attempt does not wait, or does not say for what.</returns>
    public static async ValueTask<string?> ReadWaitingAsync(IDisk disk, string folder)
    {
        try
        {
            var path = Path.Combine(folder, Waiting);
            return await ReadAsync(disk, path) is { } bytes ? Parse(path, bytes, json => json.Text("message")) : null;
        }
        catch (IOException) { return null; }
    }

    /// <summary>Says that a daemon is ready. Durable: those who go on because of it are not to go back.</summary>
    internal static ValueTask WriteReadyAsync(IDisk disk, string folder, string address) =>
        WriteAsync(disk, folder, Ready, JsonWriting.Object(indented: true, json => json.WriteString("address", address)), durable: true);

    /// <returns>Where others reach it; null where it is not ready yet.</returns>
    public static async ValueTask<string?> ReadReadyAsync(IDisk disk, string folder)
    {
        var path = Path.Combine(folder, Ready);
        return await ReadAsync(disk, path) is { } bytes ? Parse(path, bytes, json => json.Text("address")) : null;
    }

    /// <returns>Null where the attempt has shown nothing yet, or nothing that can be read.</returns>
    public static async ValueTask<TrainingRecord?> ReadProgressAsync(IDisk disk, string folder)
    {
        try
        {
            var path = Path.Combine(folder, Progress);
            return await ReadAsync(disk, path) is { } bytes ? Parse(path, bytes, TrainingJson.ReadTraining) : null;
        }
        catch (IOException) { return null; }
    }

    /// <summary>Where the files of one container of an attempt are.</summary>
    internal static string ContainerFolder(string attemptFolder, string container) =>
        container == AttemptSpec.Main ? attemptFolder : Path.Combine(attemptFolder, Containers, container);

    /// <summary>The log of one container of an attempt.</summary>
    public static string LogOf(string attemptFolder, string container) =>
        container == AttemptSpec.Main ? Path.Combine(attemptFolder, Log) : Path.Combine(attemptFolder, $"{container}.log");

    /// <summary>Where the checkpoints of a step are on this machine; the same folder for all its retries and attempts.</summary>
    public static string CheckpointFolder(string attemptFolder, AttemptSpec spec)
    {
        var run = Path.GetDirectoryName(Path.GetDirectoryName(attemptFolder)!)!;
        return Path.Combine(run, Pawl.Core.Workflows.Names.Folder(spec.Step), Checkpoint);
    }

    /// <summary>The folders of the step's other attempts, by ordinal order of their names.</summary>
    public static async ValueTask<IReadOnlyList<string>> SiblingsAsync(IDisk disk, string folder)
    {
        var step = Path.GetDirectoryName(folder)!;
        return [.. from entry in await disk.ListAsync(step)
                   where entry.Kind is FileKind.Folder && entry.Name != Checkpoint && entry.Name != Path.GetFileName(folder)
                   select Path.Combine(step, entry.Name)];
    }

    /// <summary>Removes what is at a path, be it file, link or folder.</summary>
    internal static async ValueTask RemoveAnyAsync(IDisk disk, string path)
    {
        switch (await disk.StatAsync(path))
        {
            case null: return;
            case { Kind: FileKind.Folder }: await disk.RemoveTreeAsync(path); return;
            default: await disk.RemoveAsync(path); return;
        }
    }

    internal static async ValueTask WriteAsync(IDisk disk, string folder, string name, byte[] content, bool durable)
    {
        var aside = Path.Combine(folder, name + ".new");
        await disk.RemoveAsync(aside);
        await using (var file = await disk.CreateAsync(aside))
        {
            await file.WriteAsync(content);
            if (durable) { await file.FlushAsync(); }
        }
        await disk.RenameAsync(aside, Path.Combine(folder, name));
        if (durable) { await disk.FlushFolderAsync(folder); }
    }

    /// <returns>Null where there is no such file.</returns>
    internal static async ValueTask<byte[]?> ReadAsync(IDisk disk, string path)
    {
        if (await disk.OpenReadAsync(path) is not { } file) { return null; }
        await using (file) { return await ReadWholeAsync(file, MostBytes); }
    }

    /// <exception cref="IOException">It is not what it should be, or of a newer pawl.</exception>
    internal static T Parse<T>(string path, byte[] bytes, Func<JsonFields, T> read) where T : class
    {
        try
        {
            return read(JsonFields.Parse(bytes));
        }
        catch (JsonException e)
        {
            throw new IOException($"{path} is not readable: {e.Message}", e);
        }
    }

    /// <exception cref="IOException">The file is longer than <paramref name="limit"/> bytes.</exception>
    internal static async ValueTask<byte[]> ReadWholeAsync(IDiskFile file, int limit)
    {
        var size = (await file.FactsAsync()).Size;
        if (size > limit) { throw new IOException($"{file.Path} is {size:N0} bytes long; at most {limit:N0} are read"); }
        var bytes = new byte[size];
        for (var at = 0; at < bytes.Length;)
        {
            var read = await file.ReadAsync(bytes.AsMemory(at), at);
            if (read == 0) { return bytes[..at]; }
            at += read;
        }
        return bytes;
    }
}
