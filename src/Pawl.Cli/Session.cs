using System.Collections.Immutable;
using Pawl.Cli.Views;
using Pawl.Engine;
using Pawl.Engine.Homes;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision.Engines;
using Pawl.Supervision.Processes;

namespace Pawl.Cli;

/// <summary>A home opened for one verb, with the real disk, clock and processes around it.</summary>
public sealed class Session : IDisposable
{
    private readonly string? _option;

    private Session(string? option, Home home, IDisk disk, string boot)
    {
        (_option, Home, Disk, Boot) = (option, home, disk, boot);
        Store = new LocalStore(disk, home.Store, Nonce, boot);
        Runs = new Runs(home, disk, Watch, Store, new Supervisors(Program, home.Folder), TimeProvider.System, Nonce) { ImageId = ImageIdAsync };
    }

    public Home Home { get; }

    public IDisk Disk { get; }

    /// <summary>Which start of the machine this is.</summary>
    public string Boot { get; }

    public InotifyWatch Watch { get; } = new();

    public IObjectStore Store { get; }

    public Runs Runs { get; }

    public TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>How this program is started: itself, or the runtime and its assembly.</summary>
    public static ImmutableArray<string> Program { get; } =
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) != "dotnet"
            ? [path]
            : [Environment.ProcessPath!, Path.Join(AppContext.BaseDirectory, "pawl.dll")];

    public static string Nonce() => Guid.NewGuid().ToString("N");

    /// <summary>Opens the home, and makes it where there is none.</summary>
    public static async Task<Session> MakeAsync(string? option)
    {
        var place = Place(option);
        var disk = CrashingDisk.Around(new Disk(), "engine");
        return new Session(option, await Home.MakeAsync(disk, place.Folder, Nonce()), disk, await Pawl.Storage.Files.Boot.IdAsync(disk));
    }

    /// <returns>Null where there is no home.</returns>
    public static async Task<Session?> TryOpenAsync(string? option)
    {
        var place = Place(option);
        if (!place.Exists) { return null; }
        var disk = CrashingDisk.Around(new Disk(), "engine");
        var home = new Home(place.Folder);
        await home.CheckAsync(disk);
        return new Session(option, home, disk, await Pawl.Storage.Files.Boot.IdAsync(disk));
    }

    /// <exception cref="VerbException">There is no home.</exception>
    public static async Task<Session> OpenAsync(string? option) => await TryOpenAsync(option)
        ?? throw new VerbException($"there is no home at {Place(option).Folder}, so there are no runs. Start one with: pawl run FILE");

    /// <exception cref="VerbException">No run, or more than one, is meant.</exception>
    public async Task<RunFolder> FindAsync(string run) => await Runs.Names.ResolveAsync(run) switch
    {
        RunLookup.Found f => Home.Run(f.Run.Uid),
        RunLookup.Missing m => throw new VerbException(m.Message),
        _ => throw new VerbException($"the run '{run}' could not be looked up"),
    };

    /// <summary>A command that a user can paste to go on with a run of this home.</summary>
    public string Command(string rest) => _option is null ? $"pawl {rest}" : $"pawl {rest} --home {Text.Quoted(_option)}";

    /// <summary>How this process names itself as the owner of a run.</summary>
    public Owner Owner() => new(Environment.ProcessId, Environment.MachineName, Clock.GetUtcNow(), CommandLine.Version);

    public void Dispose() => Watch.Dispose();

    // The engine's program is waited for.
    private static async ValueTask<string?> ImageIdAsync(string image) => await Task.Factory.StartNew(
        () => ContainerEngine.Find()?.IdOf(image), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static HomePlace Place(string? option)
    {
        var place = HomeSearch.Find(option, Environment.GetEnvironmentVariable("PAWL_HOME"), Environment.CurrentDirectory, Users.Own);
        if (place.Warning is { } warning) { Screen.Error.WriteLine($"pawl: {warning}"); }
        return place;
    }
}
