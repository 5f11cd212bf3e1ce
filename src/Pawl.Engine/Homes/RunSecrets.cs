using System.Collections.Immutable;
using Pawl.Storage.Files;

namespace Pawl.Engine.Homes;

/// <summary>The secrets that were given with a run: one folder each, one file for each key, for the user's eyes only.</summary>
public static class RunSecrets
{
    private const int OwnerOnly = 0b110_000_000;
    private const int OwnerOnlyFolder = 0b111_000_000;

    /// <exception cref="IOException">A name is no file name, or the disk refused.</exception>
    public static async Task WriteAsync(
        IDisk disk, RunFolder run, IReadOnlyDictionary<string, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>> secrets)
    {
        if (secrets.Count == 0) { return; }
        await disk.MakeFolderAsync(run.Secrets);
        await disk.SetModeAsync(run.Secrets, OwnerOnlyFolder);
        foreach (var (name, values) in secrets)
        {
            var folder = $"{run.Secrets}/{FileName(name)}";
            await disk.MakeFolderAsync(folder);
            foreach (var (key, value) in values)
            {
                await using var file = await disk.CreateAsync($"{folder}/{FileName(key)}", OwnerOnly);
                await file.WriteAsync(value);
                await file.FlushAsync();
            }
            await disk.FlushFolderAsync(folder);
        }
        await disk.FlushFolderAsync(run.Secrets);
    }

    private static string FileName(string name) => name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal)
        ? throw new IOException($"'{name}' is no name for a secret or its key; write letters, digits, '.', '-' and '_'")
        : name;
}
