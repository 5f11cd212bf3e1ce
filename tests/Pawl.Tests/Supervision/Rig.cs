using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Chains;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision;
using Pawl.Supervision.Checkpoints;
using Pawl.Supervision.Machine;
using Pawl.Supervision.Notices;
using Pawl.Supervision.Processes;
using Pawl.Supervision.Reports;

namespace Pawl.Tests.Supervision;

/// <summary>A home in a temporary folder, with real files and real processes, in which attempts of one step are run.</summary>
internal sealed class Rig : IAsyncDisposable
{
    public const string RunId = "11111111-2222-4333-8444-555555555555";
    public const string Step = "digits.train";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("pawl-supervision-");
    private readonly InotifyWatch _watch = new();
    private readonly List<string> _attempts = [];

    private readonly Func<IObjectStore, IObjectStore> _seen;

    /// <param name="seen">The store as the attempts see it; null is as it is.</param>
    public Rig(Containment? containment = null, INotices? notices = null, Func<IObjectStore, IObjectStore>? seen = null)
    {
        Trainers = new(new ReportSockets(), new CheckpointFolders(TimeProvider.System), notices ?? NoticeBoard.Silent, Task.Run, () => { }) { ChunkSize = 64 << 10 };
        _seen = seen ?? (store => store);
        Home = Path.Combine(_root.FullName, "home");
        Directory.CreateDirectory(Home);
        Containment = containment ?? new Containment(wholeProcess: false);
        Store = new LocalStore(Disk, Path.Combine(Home, "store"), () => Guid.NewGuid().ToString("N"), "boot");
        Artifacts = new ArtifactStore(Store, Disk, new DigestMemory(Disk, Path.Combine(Home, "cache", "verified")));
    }

    public Disk Disk { get; } = new();

    public string Home { get; }

    /// <summary>A folder outside the home, for absolute paths.</summary>
    public string Outside => Directory.CreateDirectory(Path.Combine(_root.FullName, "outside")).FullName;

    public LocalStore Store { get; }

    public ArtifactStore Artifacts { get; }

    public Containment Containment { get; }

    public TrainerPorts Trainers { get; }

    /// <summary>Shares the machine out among the attempts; null lets all have everything.</summary>
    public MachineRoom? Room { get; set; }

    public static AttemptSpec Shell(string script) => new()
    {
        RunId = RunId,
        RunName = "digits",
        Node = $"{Step}(0)",
        Step = Step,
        Attempt = 1,
        Sequence = 1,
        Template = "train",
        Fingerprint = "f1",
        Command = ["sh", "-c"],
        Args = [script],
        GracePeriod = TimeSpan.FromSeconds(20),
    };

    /// <summary>Makes an attempt's folder with its spec; number n is attempt n.</summary>
    public async Task<string> PrepareAsync(AttemptSpec spec)
    {
        var folder = Path.Combine(Home, "runs", RunId, Names.Folder(Step), spec.Attempt.ToString(CultureInfo.InvariantCulture));
        await Disk.MakeFolderAsync(folder);
        await AttemptFiles.WriteSpecAsync(Disk, folder, spec);
        _attempts.Add(folder);
        return folder;
    }

    public async Task<Outcome> RunAsync(AttemptSpec spec) =>
        await (await StartAsync(spec)).Ended ?? throw new InvalidOperationException("the attempt was overtaken");

    public async Task<Running> StartAsync(AttemptSpec spec)
    {
        var folder = await PrepareAsync(spec);
        var stops = new StopRequests(Disk, _watch, folder);
        var environment = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
            [KeyValuePair.Create("PATH", Environment.GetEnvironmentVariable("PATH")!), KeyValuePair.Create("SECRET", "of the shell")]);
        var host = new SupervisorHost("host", Home, Path.Combine(_root.FullName, "locks"), environment, () => Guid.NewGuid().ToString("N"), "boot") { Room = Room };
        var attempt = new Attempt(Disk, _seen(Store), Artifacts, Containment, stops, Trainers, host, TimeProvider.System);
        return new Running(folder, stops, attempt.RunAsync(folder));
    }

    public ValueTask<Chain> ChainAsync() => Chain.OpenAsync(Store, RunId, Step);

    /// <summary>Stores a file as an earlier step would have.</summary>
    public async Task<ArtifactRef> StoredAsync(string text)
    {
        var name = Guid.NewGuid().ToString("N");
        await File.WriteAllTextAsync(Path.Combine(Outside, name), text);
        return await Artifacts.StageAsync(Outside, name, $"artifacts/{RunId}/before/1/{name}") ?? throw new InvalidOperationException();
    }

    public async Task<string> ReadAsync(ArtifactRef artifact)
    {
        var path = Path.Combine(Outside, Guid.NewGuid().ToString("N"));
        await Artifacts.FetchAsync(artifact, path);
        return await File.ReadAllTextAsync(path);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var folder in _attempts) { await Containment.EmptyAsync(folder); }
        _watch.Dispose();
        _root.Delete(recursive: true);
    }

    internal sealed record Running(string Folder, StopRequests Stops, Task<Outcome?> Ended)
    {
        public string Work(string name) => Path.Combine(Folder, AttemptFiles.Work, name);
    }
}
