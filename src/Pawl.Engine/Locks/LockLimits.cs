using System.Globalization;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Storage.Files;

namespace Pawl.Engine.Locks;

/// <summary>The limits of semaphores, read anew each time, so that a change counts for runs that go on already.</summary>
public sealed class LockLimits(IDisk disk, Home home)
{
    private const int MostBytes = 4 << 20;

    /// <summary>Most holders of a lock; null where none is known.</summary>
    /// <param name="own">The config maps of the run itself, where the home has none of that name.</param>
    public async ValueTask<int?> OfAsync(LockKey key, ConfigMaps own)
    {
        if (key.IsMutex) { return 1; }
        var text = key.Name.Split('/', 4) switch
        {
            [_, "ConfigMap", var map, var field] => (await MapsAsync()).Or(own).Find(new KeyRef(map, field)),
            [_, "Database", var name] => (await DatabaseAsync()).Find(new KeyRef("", name)),
            _ => null,
        };
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }

    private async ValueTask<ConfigMaps> MapsAsync()
    {
        var maps = ConfigMaps.None;
        if (await disk.StatAsync(home.ConfigMaps) is null) { return maps; }
        foreach (var entry in await disk.ListAsync(home.ConfigMaps))
        {
            if (Path.GetExtension(entry.Name) is not (".yaml" or ".yml" or ".json") || entry.Name.StartsWith('.')) { continue; }
            var file = $"{home.ConfigMaps}/{entry.Name}";
            // One that is being written has errors for a moment, and then no limits.
            if (await SmallFile.ReadAsync(disk, file, MostBytes) is { } bytes) { maps = ConfigMapFile.Read(file, bytes).Maps.Or(maps); }
        }
        return maps;
    }

    private async ValueTask<ConfigMaps> DatabaseAsync() =>
        await SmallFile.ReadAsync(disk, home.Limits, MostBytes) is { } bytes ? LimitsFile.Read(home.Limits, bytes).Limits : ConfigMaps.None;
}
