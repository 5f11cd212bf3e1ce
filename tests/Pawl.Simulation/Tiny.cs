using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Simulation.Processes;
using Pawl.Storage.Chains;
using Pawl.Supervision;

namespace Pawl.Simulation;

// Only until the real run loop is there.
public static class Tiny
{
    public static Workload Line(Dice dice, bool changes)
    {
        var n = dice.Between(1, 5);
        var templates = ImmutableSortedDictionary.CreateBuilder<string, Template>(StringComparer.Ordinal);
        var scripts = ImmutableSortedDictionary.CreateBuilder<string, Script>(StringComparer.Ordinal);
        var starts = new SortedDictionary<string, (int, int)>(StringComparer.Ordinal);
        for (var i = 0; i < n; i++)
        {
            var failures = dice.Between(0, 2);
            scripts[$"s{i}"] = new Script
            {
                Exits = [.. Enumerable.Repeat(1, failures), 0],
                Takes = TimeSpan.FromSeconds(dice.Between(1, 60)),
                Inputs = i > 0 ? ["in/x"] : [],
                Outputs = [("data", "out/data")],
                OnStop = (OnStop)dice.Next(4),
                LeavesChild = dice.OneIn(4),
            };
            templates[$"s{i}"] = new Template
            {
                Name = $"s{i}",
                RetryStrategy = new RetryStrategy { RetryLimit = "3", Policy = RetryPolicy.Always, Backoff = new Backoff("5", "2", null, null) },
                Body = new TemplateBody.Leaf(new Container { Command = ["step", $"s{i}"] }, null),
            };
            starts[$"wf.s{i}"] = (failures + 1, failures + 1);
        }
        return new Workload
        {
            Workflow = new Workflow { Name = "wf", Entrypoint = "s0", Templates = templates.ToImmutable() },
            Scripts = scripts.ToImmutable(), AfterGate = [], ChangesResults = changes, RunId = "u1",
            Foretold = new Foretold("Succeeded", starts),
        };
    }

    public static async Task<string> EngineAsync(SimProcess me, Workload w)
    {
        var disk = me.World.Ports.Disk(me);
        var store = me.World.Ports.Store(me, disk);
        var clock = me.World.Ports.Clock(me);
        await disk.MakeFolderAsync("/home/.pawl/runs/u1");
        if (await disk.TryLockAsync("/home/.pawl/runs/u1/lock") is not { } own) { return "owned"; }
        ArtifactRef? last = null;
        foreach (var name in w.Workflow.Templates.Keys)
        {
            var step = $"wf.{name}";
            var stepFolder = $"/home/.pawl/runs/u1/{Names.Folder(step)}";
            await disk.MakeFolderAsync(stepFolder);
            for (var (attempt, retry) = (1, 0); ; attempt++)
            {
                var folder = $"{stepFolder}/{attempt}";
                await disk.MakeFolderAsync(folder);
                using var watch = me.World.Ports.Watch(me).Open(folder);
                var held = await disk.TryLockAsync($"{folder}/lock");
                if (held is null)
                {
                    held = await disk.LockAsync($"{folder}/lock", CancellationToken.None);
                }
                var outcome = await AttemptFiles.ReadOutcomeAsync(disk, folder);
                if (outcome is null)
                {
                    var chain = await Chain.OpenAsync(store, "u1", step);
                    if (chain.Completed is { } c)
                    {
                        await held.DisposeAsync();
                        last = c.Outputs.Artifacts["data"];
                        break;
                    }
                    if (chain.Entries.OfType<Core.Chains.Entry.Claimed>().Any(x => x.Attempt == attempt && x.Node == $"{step}({retry})"))
                    {
                        var claim = chain.Entries.OfType<Core.Chains.Entry.Claimed>().Last(x => x.Attempt == attempt && x.Node == $"{step}({retry})").Number;
                        await held.DisposeAsync();
                        if (chain.Entries.OfType<Core.Chains.Entry.Ended>().FirstOrDefault(x => x.Claim == claim) is { Outcome.Kind: OutcomeKind.Failed })
                        {
                            retry++;
                            await Task.Delay(TimeSpan.FromSeconds(5 * Math.Pow(2, retry - 1)), clock);
                        }
                        continue; // lost
                    }
                    await AttemptFiles.WriteSpecAsync(disk, folder, new AttemptSpec
                    {
                        RunId = "u1", RunName = "wf", Node = $"{step}({retry})", Step = step, Attempt = attempt, Sequence = attempt, Template = name,
                        Fingerprint = name, Command = ["step", name], GracePeriod = TimeSpan.FromSeconds(10),
                        Inputs = last is null ? [] : [new InputFile("x", "in/x", last, null, null)],
                        OutputParameters = [new OutputParameter("id", "out/id", null)],
                        OutputArtifacts = [new OutputFile("data", "out/data", false, null)],
                    });
                    await me.World.Ports.Supervisors(me).StartAsync(folder, held);
                    held = await disk.LockAsync($"{folder}/lock", CancellationToken.None);
                    outcome = await AttemptFiles.ReadOutcomeAsync(disk, folder);
                }
                await held.DisposeAsync();
                if (outcome is null) { attempt--; continue; }
                if (outcome.Kind is OutcomeKind.Succeeded)
                {
                    last = outcome.Outputs.Artifacts["data"];
                    break;
                }
                if (outcome.Kind is OutcomeKind.Failed or OutcomeKind.Errored)
                {
                    if (retry == 3) { return "Failed"; }
                    retry++;
                    await Task.Delay(TimeSpan.FromSeconds(5 * Math.Pow(2, retry - 1)), clock);
                }
            }
        }
        return "Succeeded";
    }
}
