using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pawl.Storage.Files;

namespace Pawl.Engine.Homes;

/// <summary>What a run is looked up by: the content of <c>run.json</c>.</summary>
/// <param name="Workflow">The manifest's file as the user named it.</param>
public sealed record RunLabel(string Uid, string Name, DateTimeOffset CreatedAt, string Workflow)
{
    public int Schema { get; init; } = 1;
}

/// <summary>Finds runs by what a user types: uid, start of a uid, name, <c>@latest</c>.</summary>
/// <param name="fromJournal">Makes a missing or unreadable label from the run's first event; null where it has none, so is no run.</param>
/// <param name="nonce">Unused by anybody else; names a file that is written aside.</param>
public sealed class RunNames(IDisk disk, Home home, Func<RunFolder, ValueTask<RunLabel?>> fromJournal, string nonce)
{
    private const int MinPrefix = 4;
    private const int MaxCandidates = 10;

    /// <summary>Writes the label of a run whose first event is in the journal.</summary>
    public async ValueTask LabelAsync(RunLabel label) => await SmallFile.ReplaceAsync(
        disk, home.Run(label.Uid).Label, JsonSerializer.SerializeToUtf8Bytes(label, HomeJson.Default.RunLabel), nonce);

    /// <summary>All runs, newest first.</summary>
    public async ValueTask<ImmutableArray<RunLabel>> AllAsync()
    {
        var runs = new List<RunLabel>();
        foreach (var entry in await disk.ListAsync(home.Runs))
        {
            if (entry.Kind is FileKind.Folder && RunFolder.IsUid(entry.Name) && await ReadAsync(home.Run(entry.Name)) is { } label)
            {
                runs.Add(label);
            }
        }
        return [.. runs.OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Uid, StringComparer.Ordinal)];
    }

    /// <returns>The run that is meant, or a message for the user that lists the candidates.</returns>
    public async ValueTask<RunLookup> ResolveAsync(string text)
    {
        if (RunFolder.IsUid(text) && await disk.StatAsync(home.Run(text).Folder) is { Kind: FileKind.Folder }
            && await ReadAsync(home.Run(text)) is { } exact)
        {
            return new RunLookup.Found(exact);
        }
        var all = await AllAsync();
        if (all.IsEmpty) { return new RunLookup.Missing($"There is no run in {home.Folder}. Start one with: pawl run FILE"); }
        if (text == "@latest") { return new RunLookup.Found(all[0]); }
        var named = all.FirstOrDefault(r => r.Name == text);
        var begins = text.Length < MinPrefix ? [] : all.Where(r => r.Uid.StartsWith(text, StringComparison.OrdinalIgnoreCase)).ToList();
        return (named, begins) switch
        {
            ({ } run, []) => new RunLookup.Found(run),
            (null, [var run]) => new RunLookup.Found(run),
            ({ } run, [var same]) when run == same => new RunLookup.Found(run),
            (null, []) => new RunLookup.Missing($"There is no run '{text}'. The newest are:{List(all)}"),
            ({ } run, _) => new RunLookup.Missing(
                $"'{text}' is the name of a run and the start of other uids. Give more of the uid:{List([run, .. begins])}"),
            (null, _) => new RunLookup.Missing($"'{text}' is the start of {begins.Count} uids. Give more of it:{List(begins)}"),
        };
    }

    private async ValueTask<RunLabel?> ReadAsync(RunFolder run)
    {
        try
        {
            if (await SmallFile.ReadAsync(disk, run.Label, 64 << 10) is { } json
                && JsonSerializer.Deserialize(json, HomeJson.Default.RunLabel) is { Name: not null } label && label.Uid == run.Uid)
            {
                return label;
            }
        }
        catch (Exception e) when (e is JsonException or IOException) { }    // made again below
        if (await fromJournal(run) is not { } made) { return null; }
        try { await LabelAsync(made); }
        catch (IOException) { }     // a full or read-only disk costs the next look-up the same work again, nothing else
        return made;
    }

    private static string List(IReadOnlyList<RunLabel> runs) => string.Concat(runs.Take(MaxCandidates).Select(r =>
        string.Create(CultureInfo.InvariantCulture, $"\n  {r.Uid}  {r.Name}  {r.CreatedAt.UtcDateTime:u}")));
}

public abstract record RunLookup
{
    private RunLookup() { }

    public sealed record Found(RunLabel Run) : RunLookup;

    public sealed record Missing(string Message) : RunLookup;
}
