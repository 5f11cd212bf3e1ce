using System.Text;
using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Engine.Journals;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Chains;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

// One storage operation in a process of its own, so that a test can break or stop its system calls:
//   Pawl.Probe VERB STORE-ROOT ARGUMENTS
// The last line says what came of it: committed, overtaken, or failed and why.
var disk = new Disk();
var store = new LocalStore(disk, args[1], () => Guid.NewGuid().ToString("N"), "probe");
try
{
    Console.WriteLine(args[0] switch
    {
        "create" => await store.CreateAsync(args[2], Encoding.UTF8.GetBytes(args[3])) ? "committed" : "overtaken",
        "complete" => await CompleteAsync(args[2], args[3]),
        "checkpoint" => await CheckpointAsync(args[2], args[3], args[4]),
        "stage" => await StageAsync(args[2], args[3], args[4]),
        "journal" => await JournalAsync(args[2], args[3]),
        "turns" => await TurnsAsync(args[2]),
        _ => throw new ArgumentException($"{args[0]}: no such verb"),
    });
}
catch (IOException e)
{
    Console.WriteLine($"failed: {e.Message}");
}
return 0;

// Stands for a supervisor at the end of its step: it owns the chain, looks at it, and completes the step.
async Task<string> CompleteAsync(string run, string step)
{
    var chain = await Chain.OpenAsync(store, run, step);
    // Everything is done once before, so that what follows the marker is the operation and not the runtime's first use of it.
    await store.CreateAsync($"warm/{Guid.NewGuid():N}", default);
    var claim = chain.Owner!.Number;
    await Chain.OpenAsync(store, run, step);
    await MarkAsync("begin");
    var appended = await chain.TryAppendAsync(new Entry.Completed(claim, "probe", NodeOutputs.None), DateTimeOffset.UnixEpoch);
    await MarkAsync("end");
    return appended ? "committed" : "overtaken";
}

// Stands for a supervisor while its step trains: it owns the chain, and carries to the store what lies whole in a folder.
async Task<string> CheckpointAsync(string run, string step, string folder)
{
    var chain = await Chain.OpenAsync(store, run, step);
    var claim = chain.Owner!.Number;
    var checkpoints = new CheckpointStore(store, disk, TimeProvider.System, () => Guid.NewGuid().ToString("N"), run, step);
    var content = new FolderContent([new WholeFile("state", (await disk.StatAsync($"{folder}/state"))!)], []);
    // As above, all of it once before, for another step.
    var warm = await Chain.OpenAsync(store, run, "warm");
    await warm.TryAppendAsync(new Entry.Claimed("warm", 1, "probe", 1, "host", "nonce"), DateTimeOffset.UnixEpoch);
    await new CheckpointStore(store, disk, TimeProvider.System, () => Guid.NewGuid().ToString("N"), run, "warm").SaveAsync(warm, 1, folder, content, 1, null, default);
    await Chain.OpenAsync(store, run, step);
    await MarkAsync("begin");
    var saved = await checkpoints.SaveAsync(chain, claim, folder, content, 1, null, default);
    await MarkAsync("end");
    return saved is Saved.Appended ? "committed" : saved is Saved.Overtaken ? "overtaken" : $"{saved}";
}

async Task<string> StageAsync(string root, string relative, string key)
{
    var artifacts = new ArtifactStore(store, disk, new DigestMemory(disk, $"{root}/.verified"));
    return await artifacts.StageAsync(root, relative, key) is null ? "absent" : "committed";
}

async Task<string> JournalAsync(string path, string text)
{
    await using var file = await disk.OpenAppendAsync(path);
    await file.WriteAsync(Encoding.UTF8.GetBytes(text));
    await file.FlushAsync();
    return "committed";
}

// Three turns of one event; after a refusal one more is tried, which must be refused too.
async Task<string> TurnsAsync(string folder)
{
    await using var journal = await Journal.OpenAsync(disk, folder);
    var durable = 0;
    try
    {
        for (; durable < 3; durable++) { await journal.AppendAsync(["{}"u8.ToArray()]); }
        return $"{durable} durable";
    }
    catch (IOException e)
    {
        var why = e.Message.Contains("EIO", StringComparison.Ordinal) ? "EIO" : e.Message.Contains("ENOSPC", StringComparison.Ordinal) ? "ENOSPC" : e.Message;
        try { await journal.AppendAsync(["{}"u8.ToArray()]); }
        catch (IOException) { return $"{durable} durable; then refused: {why}, dead"; }
        return $"{durable} durable; then refused: {why}, alive";
    }
}

// A call that fails and changes nothing, but is seen in a trace.
async Task MarkAsync(string name) => _ = await disk.StatAsync($"/pawl-probe-{name}");
