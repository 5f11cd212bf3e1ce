using System.Text.Json;
using Pawl.Storage.Files;

namespace Pawl.Engine.Homes;

/// <summary>The folder that holds runs, store and index, by convention <c>.pawl</c>.</summary>
/// <param name="folder">Absolute.</param>
public sealed class Home(string folder)
{
    public const string FolderName = ".pawl";

    /// <summary>The newest layout this program writes; a home of a higher one is refused.</summary>
    public const int CurrentSchema = 1;

    public string Folder { get; } = folder;

    /// <summary>The default artifact repository.</summary>
    public string Store => $"{Folder}/store";

    /// <summary>Outputs that <c>memoize</c> and the cache by content keep.</summary>
    public string Memos => $"{Store}/memo";

    /// <summary>What can be made again at any time.</summary>
    public string Cache => $"{Folder}/cache";

    /// <summary>The index of runs; rebuilt when lost.</summary>
    public string Index => $"{Folder}/pawl.db";

    public string Runs => $"{Folder}/runs";

    /// <summary>What stands for container images, where the command line names no file.</summary>
    public string Images => $"{Folder}/images.yaml";

    /// <summary>Templates and cron workflows kept for runs, see <see cref="Definitions"/>.</summary>
    public string Templates => $"{Folder}/templates";

    /// <summary>Manifests of config maps that every run may look into.</summary>
    public string ConfigMaps => $"{Folder}/configmaps";

    /// <summary>Folders, or links to folders, that stand for buckets of their names.</summary>
    public string Buckets => $"{Folder}/{Pawl.Storage.Repositories.Repository.Buckets}";

    /// <summary>Limits of the semaphores that Argo keeps in a database.</summary>
    public string Limits => $"{Folder}/limits.yaml";

    /// <summary>Where engines tell each other that a lock may be free.</summary>
    public string Locks => $"{Folder}/locks";

    private string SchemaFile => $"{Folder}/home.json";

    /// <exception cref="ArgumentException">The uid is no folder name.</exception>
    public RunFolder Run(string uid) => RunFolder.IsUid(uid)
        ? new RunFolder(uid, $"{Runs}/{uid}")
        : throw new ArgumentException($"'{uid}' is not the uid of a run.", nameof(uid));

    /// <summary>Makes the home where it is missing and checks its layout.</summary>
    /// <param name="nonce">Unused by anybody else: names the file that is written aside.</param>
    /// <exception cref="HomeException">A newer pawl made it, or its <c>home.json</c> cannot be read.</exception>
    public static async ValueTask<Home> MakeAsync(IDisk disk, string folder, string nonce)
    {
        var home = new Home(folder);
        if (await home.SchemaAsync(disk) is null)
        {
            await disk.MakeFolderAsync(home.Runs);
            var json = JsonSerializer.SerializeToUtf8Bytes(new HomeLabel(CurrentSchema), HomeJson.Default.HomeLabel);
            await SmallFile.TryCreateAsync(disk, home.SchemaFile, json, nonce);
        }
        await home.CheckAsync(disk);
        return home;
    }

    /// <exception cref="HomeException">A newer pawl made it, or its <c>home.json</c> cannot be read.</exception>
    public async ValueTask CheckAsync(IDisk disk)
    {
        if (await SchemaAsync(disk) is { } schema and > CurrentSchema)
        {
            throw new HomeException(
                $"{Folder} has layout {schema}; this pawl reads up to {CurrentSchema}. "
                + "Use the pawl that made it, or name another home with --home.");
        }
    }

    private async ValueTask<int?> SchemaAsync(IDisk disk)
    {
        if (await SmallFile.ReadAsync(disk, SchemaFile, 4096) is not { } json) { return null; }
        try
        {
            if (JsonSerializer.Deserialize(json, HomeJson.Default.HomeLabel) is { Schema: > 0 } label) { return label.Schema; }
        }
        catch (JsonException) { }       // said below, in the words of the user
        throw new HomeException(
            $"{SchemaFile} does not say the home's layout; put back {{\"schema\":{CurrentSchema}}} if the home is yours.");
    }
}

/// <summary>No home can be used; the message says why and what to do.</summary>
public sealed class HomeException(string message) : Exception(message);
