using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pawl.Core.Attempts;
using Pawl.Storage.Files;

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

    /// <summary>Beside the attempts of a step: belongs to the step and survives them.</summary>
    public const string Checkpoint = "checkpoint";

    // Larger than any spec with its arguments inline; a guard against reading garbage into memory.
    private const int MostBytes = 64 << 20;

    /// <summary>Writes the spec whole or not at all. Not flushed: after a power cut the journal gives it again.</summary>
    public static ValueTask WriteSpecAsync(IDisk disk, string folder, AttemptSpec spec) =>
        WriteAsync(disk, folder, Spec, spec, SupervisionJson.Default.AttemptSpec, durable: false);

    /// <exception cref="IOException">The spec is absent, unreadable, or of a newer pawl.</exception>
    public static async ValueTask<AttemptSpec> ReadSpecAsync(IDisk disk, string folder)
    {
        var path = Path.Combine(folder, Spec);
        var spec = await ReadAsync(disk, path, SupervisionJson.Default.AttemptSpec)
            ?? throw new IOException($"{path} is absent; the attempt cannot run");
        CheckSchema(spec.Schema, path);
        return spec;
    }

    /// <summary>Makes the outcome of an attempt a fact: durable when this returns.</summary>
    public static ValueTask WriteOutcomeAsync(IDisk disk, string folder, Outcome outcome) =>
        WriteAsync(disk, folder, Outcome, outcome, SupervisionJson.Default.Outcome, durable: true);

    /// <returns>Null where the attempt has no outcome yet.</returns>
    /// <exception cref="IOException">It is unreadable, or of a newer pawl.</exception>
    public static async ValueTask<Outcome?> ReadOutcomeAsync(IDisk disk, string folder)
    {
        var path = Path.Combine(folder, Outcome);
        var outcome = await ReadAsync(disk, path, SupervisionJson.Default.Outcome);
        if (outcome is not null) { CheckSchema(outcome.Schema, path); }
        return outcome;
    }

    /// <summary>Asks the supervisor of an attempt to stop it. A later request replaces an earlier one.</summary>
    public static ValueTask WriteStopAsync(IDisk disk, string folder, StopRequest request) =>
        WriteAsync(disk, folder, Stop, request, SupervisionJson.Default.StopRequest, durable: false);

    /// <returns>Null where nobody asked.</returns>
    public static ValueTask<StopRequest?> ReadStopAsync(IDisk disk, string folder) =>
        ReadAsync(disk, Path.Combine(folder, Stop), SupervisionJson.Default.StopRequest);

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

    // 0 where the property is missing: then others may be, and the generated reader does not know their defaults.
    private static void CheckSchema(int schema, string path)
    {
        if (schema is < 1 or > AttemptSpec.CurrentSchema)
        {
            throw new IOException($"{path} has schema {schema}; this pawl reads 1 to {AttemptSpec.CurrentSchema}");
        }
    }

    internal static async ValueTask WriteAsync<T>(
        IDisk disk, string folder, string name, T content, JsonTypeInfo<T> type, bool durable)
    {
        var aside = Path.Combine(folder, name + ".new");
        await disk.RemoveAsync(aside);
        await using (var file = await disk.CreateAsync(aside))
        {
            await file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(content, type));
            if (durable) { await file.FlushAsync(); }
        }
        await disk.RenameAsync(aside, Path.Combine(folder, name));
        if (durable) { await disk.FlushFolderAsync(folder); }
    }

    internal static async ValueTask<T?> ReadAsync<T>(IDisk disk, string path, JsonTypeInfo<T> type) where T : class
    {
        if (await disk.OpenReadAsync(path) is not { } file) { return null; }
        await using (file)
        {
            var bytes = await ReadWholeAsync(file, MostBytes);
            try
            {
                return JsonSerializer.Deserialize(bytes, type) ?? throw new IOException($"{path} says null");
            }
            catch (JsonException e)
            {
                throw new IOException($"{path} is not readable: {e.Message}", e);
            }
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
