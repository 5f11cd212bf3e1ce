using System.Globalization;
using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Core.Workflows;
using Pawl.Storage.Chains;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision;
using Pawl.Tests.Supervision;
using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>
/// The real supervisor dies at its first call to the store or the checkpoint folder, its second, and so on: through claim, restore, save, prune
/// and end. Each is followed by another attempt, whose trainer looks at every byte of what it was given.
/// </summary>
[Trait("Category", "Slow")]
public sealed class PublishingTests : IAsyncDisposable
{
    // More than an attempt makes from its claim to its end.
    private const int MostCalls = 200;

    // Exit code of a trainer that has made its checkpoint; the step goes on failing so that it is never completed.
    private const int Again = 7;

    // Three files of different sizes whose bytes follow from the number of the checkpoint, and a link, made in a folder beside and renamed.
    // The one before goes when the new one is there. Anything else that it finds it writes to "torn".
    private const string Trainer = """
        import hashlib, os, shutil, sys, json, socket
        folder, home = os.environ['PAWL_CHECKPOINT_DIR'], os.environ['PAWL_HOME']
        def content(n): return {name: hashlib.sha256(('%s %d' % (name, n)).encode()).digest() * size for name, size in (('a', 3000), ('b', 1), ('c', 7000))}
        def torn(what):
            open(home + '/torn', 'a').write(what + '\n')
            sys.exit(1)
        there = sorted(n for n in os.listdir(folder) if not n.startswith('.'))
        if len(there) > 1: torn('found %s' % there)
        last = 0
        if there:
            last = int(there[0].split('-')[1])
            at = os.path.join(folder, there[0])
            if sorted(os.listdir(at)) != ['a', 'b', 'c', 'link'] or os.readlink(at + '/link') != 'a': torn('%s holds %s' % (there[0], os.listdir(at)))
            for name, expected in content(last).items():
                if open(os.path.join(at, name), 'rb').read() != expected: torn('%s/%s has other bytes' % (there[0], name))
        open(home + '/ledger', 'a').write('%s %d\n' % (os.environ['PAWL_ATTEMPT'], last))
        new = os.path.join(folder, '.new')
        shutil.rmtree(new, ignore_errors=True)
        os.mkdir(new)
        for name, bytes in content(last + 1).items(): open(os.path.join(new, name), 'wb').write(bytes)
        os.symlink('a', new + '/link')
        os.rename(new, os.path.join(folder, 'step-%d' % (last + 1)))
        if there: shutil.rmtree(os.path.join(folder, there[0]))
        line = socket.socket(socket.AF_UNIX); line.connect(os.environ['PAWL_REPORT'])
        line.send((json.dumps({'kind': 'checkpoint', 'step': last + 1, 'path': ''}) + '\n').encode())
        sys.exit(7)
        """;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("pawl-publishing-");
    private readonly List<PawlProcess> _started = [];
    private readonly Disk _disk = new();

    private string Home => Path.Combine(_root.FullName, "home");

    private string Step => Path.Combine(Home, "runs", Rig.RunId, Names.Folder(Rig.Step));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started) { process.Dispose(); }
        while (Processes() is { Count: > 0 } left) { Place.Kill(left); }
        await _disk.RemoveTreeAsync(_root.FullName);
    }

    [Theory]
    [InlineData("/store/")]
    [InlineData("/checkpoint/")]
    public async Task Whoever_follows_a_supervisor_that_died_at_any_call_finds_the_newest_whole_checkpoint(string where)
    {
        var attempt = 0;
        Assert.Equal(Again, await SuperviseAsync(++attempt, ""));
        Assert.Equal(Again, await SuperviseAsync(++attempt, ""));
        var died = 0;
        var elsewhere = new HashSet<int>();
        for (var call = 1; call < MostCalls; call++)
        {
            LoseRestored();
            elsewhere.Add(attempt + 1);
            var code = await SuperviseAsync(++attempt, string.Create(CultureInfo.InvariantCulture, $"supervisor:before:any:{where}:{call}"));
            Assert.True(code is PawlProcess.Killed or Again, $"attempt {attempt}, call {call}: exit code {code}\n{Said}");
            if (code == Again) { break; }
            died++;
            // What the dead ones left costs the next one calls: unless it is cleared away the end of an attempt is never reached.
            if (died % 5 == 0) { Assert.Equal(Again, await SuperviseAsync(++attempt, "")); }
        }
        Assert.Equal(Again, await SuperviseAsync(++attempt, ""));
        TestContext.Current.SendDiagnosticMessage($"{died} supervisors died before a call in {where}");

        Assert.False(File.Exists(Path.Combine(Home, "torn")), File.Exists(Path.Combine(Home, "torn")) ? await File.ReadAllTextAsync(Path.Combine(Home, "torn")) + Said : "");
        Assert.InRange(died, 8, MostCalls - 2);
        var chain = (await Chain.OpenAsync(Store(), Rig.RunId, Rig.Step)).Entries;
        var ledger = (await File.ReadAllLinesAsync(Path.Combine(Home, "ledger"))).Select(l => l.Split(' ')).ToDictionary(l => int.Parse(l[0], CultureInfo.InvariantCulture), l => long.Parse(l[1], CultureInfo.InvariantCulture));
        var steps = new HashSet<long>();
        foreach (var claim in chain.OfType<Entry.Claimed>().Where(c => ledger.ContainsKey(c.Attempt)))
        {
            var newest = chain.Take(claim.Number - 1).OfType<Entry.Checkpointed>().LastOrDefault()?.Checkpoint.Files[0].Path;
            var found = ledger[claim.Attempt] is 0 ? null : $"step-{ledger[claim.Attempt]}/a";
            // On the machine where the dead one was, the next one takes in first what that one could not carry away.
            var own = chain.OfType<Entry.Checkpointed>().FirstOrDefault(e => e.Claim == claim.Number)?.Checkpoint.Files[0].Path;
            Assert.Equal(found == own && !elsewhere.Contains(claim.Attempt) ? own : newest, found);
            steps.Add(ledger[claim.Attempt]);
        }
        Assert.InRange(steps.Count, 5, ledger.Count);
        Assert.NotEmpty(chain.OfType<Entry.Pruned>());
        // What was pruned in full or in part is gone, and nothing else.
        var kept = new CheckpointHistory(chain).Restorable("f1").ToList();
        Assert.Equal(
            kept.SelectMany(e => e.Checkpoint.Files).SelectMany(f => f.Chunks).Select(c => c.Sha256).Distinct().Order(StringComparer.Ordinal),
            (await Store().ListAsync($"chunks/{Rig.RunId}/")).Select(k => k.Split('/')[^1]).Distinct().Order(StringComparer.Ordinal));
    }

    // As on another machine, where there is nothing but the store; only what a dead restore left lies about.
    private void LoseRestored()
    {
        foreach (var made in Directory.GetDirectories(Path.Combine(Step, AttemptFiles.Checkpoint), "step-*")) { Directory.Delete(made, recursive: true); }
    }

    private string Said => string.Join('\n', _started.TakeLast(3).Select(p => p.Printed));

    private LocalStore Store() => new(_disk, Path.Combine(Home, "store"), () => Guid.NewGuid().ToString("N"), "boot");

    private List<int> Processes() => [.. Pawl.Supervision.Processes.ProcessTable.WithEnvironment($"PAWL_HOME={Home}")];

    private async Task<int> SuperviseAsync(int attempt, string crash)
    {
        var folder = Path.Combine(Step, attempt.ToString(CultureInfo.InvariantCulture));
        await _disk.MakeFolderAsync(folder);
        await AttemptFiles.WriteSpecAsync(_disk, folder, Rig.Shell("") with
        {
            Attempt = attempt,
            Sequence = attempt,
            Command = ["python3", "-c"],
            Args = [Trainer],
            Checkpoints = CheckpointPolicy.Default with { Keep = 2 },
        });
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PAWL_HOME"] = Home, [CrashPoint.Variable] = crash };
        var process = PawlProcess.Start(_root.FullName, environment, "supervise", folder, "--home", Home);
        _started.Add(process);
        return await process.EndAsync();
    }
}
