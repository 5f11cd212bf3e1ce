using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pawl.Core.Attempts;
using Pawl.Core.Checkpoints;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision.Checkpoints;
using Pawl.Supervision.Mounts;
using Pawl.Supervision.Pods;

namespace Pawl.Supervision;

public sealed partial class Attempt
{
    private const string ScriptFile = "script";
    private const int EverybodysFolder = 0b111_111_111;
    private const int EverybodysFile = 0b110_110_110;

    // Of the supervisor's environment a step sees these and no other; credentials of the shell stay there.
    private static readonly string[] Inherited = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];

    /// <summary>The next attempt of a step starts only when nothing of the ones before it runs.</summary>
    private async Task EmptyAsync(IReadOnlyList<string> siblings)
    {
        foreach (var folder in siblings)
        {
            // With an outcome its supervisor emptied the container before writing it.
            if (await disk.StatAsync(Path.Combine(folder, AttemptFiles.Outcome)) is null) { await containment.EmptyAsync(folder); }
        }
    }

    /// <summary>Makes the files that the command finds: snapshot and inputs.</summary>
    private async Task LayOutAsync(AttemptSpec spec, Declared declared, CancellationToken stop)
    {
        await disk.RemoveTreeAsync(declared.Work);
        if (spec.Snapshot is { } snapshot)
        {
            await artifacts.FetchAsync(snapshot, declared.Work);
        }
        else
        {
            await disk.MakeFolderAsync(declared.Work);
        }
        foreach (var input in spec.Inputs) { await LayOutAsync(spec, input, declared, stop); }
        var working = declared.Outside(declared.Working);
        if (declared.IsOwn(working)) { await disk.MakeFolderAsync(working); }

        // Whoever the image runs as.
        if (spec.Executor is not null)
        {
            await disk.SetModeAsync(declared.Work, EverybodysFolder);
            await WriteTextAsync(Path.Combine(Path.GetDirectoryName(declared.Work)!, AttemptFiles.Reached), "", EverybodysFile);
        }
    }

    /// <param name="trainer">Null of a container that is not the main one.</param>
    private async Task<StepStart> StartOfAsync(string folder, AttemptSpec spec, Declared declared, IStepRoot? root, TrainerSide? trainer, string container = AttemptSpec.Main)
    {
        var command = spec.Command.AddRange(spec.Args);
        if (spec.Source is { Length: > 0 } source)
        {
            var script = Path.Combine(folder, ScriptFile);
            await WriteTextAsync(script, source, 0b111_101_101);
            command = command.Add(script);
        }
        var environment = Environment(folder, spec, container, declared, trainer, await SecretsAsync(spec));
        var view = root is null ? null : await root.ViewAsync(trainer?.ReportPath, [.. command, .. Words(spec.PreStop), .. Words(spec.PostStart), .. Words(spec.Ready?.Action), .. environment.Select(v => v.Value)]);
        var start = new StepStart(
            folder, declared.Working, command, environment, spec.MemoryLimit, spec.CpuLimit, new LogLabels(spec.RunId, spec.Node, spec.Attempt), view)
        {
            HasTerminal = spec.HasTerminal,
        };

        // Of a set without a main container nothing is started but its members.
        return root is not ImageRoot image || spec is { Image: null, Set.IsEmpty: false } ? start : start with
        {
            Image = new ImageStart(
                spec.Image ?? throw new IOException("the step has no image, and is to run in a container"), spec.Command, [.. command.Skip(spec.Command.Length)], spec.PullPolicy,
                spec.HostAliases, image.Copied)
            {
                Gpus = spec.Gpus,
            },
        };
    }

    // A container has the file system of its image, and what the step needs of this machine.
    private async Task<IStepRoot?> RootAsync(string folder, AttemptSpec spec, string container)
    {
        if (spec.Executor is null) { return await PrivateRoot.OpenAsync(disk, containment, folder, spec, host.Home, container, file => SecretFilesAsync(spec, file)); }
        ImmutableArray<string> needed =
        [
            Path.Combine(folder, ScriptFile), Path.Combine(folder, AttemptFiles.Reached), AttemptFiles.CheckpointFolder(folder, spec),
            .. host.Environment.TryGetValue(SupervisorHost.PythonSdk, out var sdk) ? (string[])[sdk] : [],
        ];
        return await ImageRoot.OpenAsync(disk, folder, spec, host.Home, container, needed, file => SecretFilesAsync(spec, file));
    }

    private static ImmutableArray<string> Words(ContainerAction? action) => action is ContainerAction.Exec exec ? exec.Command : [];

    /// <summary>The containers of a step that has several, or one that is more than started.</summary>
    /// <param name="main">The start of the command, or of the main member of a set.</param>
    /// <param name="roots">Gets those that are opened for the others.</param>
    private async Task<PodPlan> PlanAsync(string folder, AttemptSpec spec, StepStart main, List<IStepRoot> roots)
    {
        async Task<ImmutableArray<PlannedContainer>> AllAsync(ImmutableArray<ContainerSpec> containers)
        {
            var planned = ImmutableArray.CreateBuilder<PlannedContainer>();
            foreach (var container in containers) { planned.Add(await PlanAsync(folder, spec, container, main, roots)); }
            return planned.ToImmutable();
        }
        var command = spec.Set.IsEmpty ? [new PlannedContainer(main with { HasOthers = true }, [], spec.PostStart, null, spec.Ready)] : await AllAsync(spec.Set);
        return new PodPlan(await AllAsync(spec.Init), command, await AllAsync(spec.Sidecars), !spec.Set.IsEmpty, spec.SetRuns, spec.GracePeriod);
    }

    private async Task<PlannedContainer> PlanAsync(string folder, AttemptSpec spec, ContainerSpec container, StepStart main, List<IStepRoot> roots)
    {
        var start = main;
        if (container.Name != AttemptSpec.Main)
        {
            var own = spec.Of(container);
            var root = await RootAsync(folder, own, container.Name);
            if (root is not null) { roots.Add(root); }
            var declared = new Declared(folder, own, host.Home, root);
            if (declared.Outside(declared.Working) is var working && declared.IsOwn(working)) { await disk.MakeFolderAsync(working); }
            start = await StartOfAsync(folder, own, declared, root, trainer: null, container.Name);
        }
        return new PlannedContainer(
            start with { Container = container.Name, HasOthers = true }, container.Dependencies, container.PostStart, container.PreStop, container.Ready);
    }

    private async Task LayOutAsync(AttemptSpec spec, InputFile input, Declared declared, CancellationToken stop)
    {
        var path = declared.Resolve(input.Path);
        if (declared.IsOwn(path)) { await RefuseLinksAsync(declared.Beneath(path).Root, path, input.Path); }
        await disk.MakeFolderAsync(Path.GetDirectoryName(path)!);
        await AttemptFiles.RemoveAnyAsync(disk, path);
        if (input.SubPath is { Length: > 0 } part && input.Location is not ArtifactLocation.InRepository) { await LayOutPartAsync(spec, input, part, path, stop); }
        else { await LayOutWholeAsync(spec, input, path, stop); }
        if (input.Mode is { } mode) { await SetModeAsync(path, mode, input.RecurseMode); }
    }

    private async Task LayOutWholeAsync(AttemptSpec spec, InputFile input, string path, CancellationToken stop)
    {
        if (input.Location is not null) { await FetchElsewhereAsync(spec, input, path, stop); }
        else if (input.Stored is { } stored) { await artifacts.FetchAsync(stored, path); }
        else { await WriteTextAsync(path, input.RawData ?? "", 0b110_100_100); }
    }

    private async Task LayOutPartAsync(AttemptSpec spec, InputFile input, string part, string path, CancellationToken stop)
    {
        var whole = path + ".pawl-whole";
        await AttemptFiles.RemoveAnyAsync(disk, whole);
        try
        {
            await LayOutWholeAsync(spec, input, whole, stop);
            var from = $"{whole}/{Keys.Checked(part.Trim('/'))}";
            await RefuseLinksAsync(whole, from, part);
            if (await disk.StatAsync(from) is null || !await disk.TryRenameNewAsync(from, path)) { throw new IOException($"artifact '{input.Name}' has nothing at its subPath '{part}'"); }
        }
        finally { await AttemptFiles.RemoveAnyAsync(disk, whole); }
    }

    // Links keep what they point to as it is.
    private async Task SetModeAsync(string path, int mode, bool recurse)
    {
        if (recurse && await disk.StatAsync(path) is { Kind: FileKind.Folder })
        {
            foreach (var entry in (await disk.ListAsync(path)).Where(e => e.Kind is FileKind.File or FileKind.Folder)) { await SetModeAsync($"{path}/{entry.Name}", mode, recurse); }
        }
        await disk.SetModeAsync(path, mode);
    }

    // The snapshot was made by a stranger: a link in it must not lead an input out of the working folder.
    private async Task RefuseLinksAsync(string root, string path, string asWritten)
    {
        for (var folder = Path.GetDirectoryName(path)!; folder.Length > root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (await disk.StatAsync(folder) is { Kind: not FileKind.Folder })
            {
                throw new UnsafePathException($"path '{asWritten}' passes {folder}, which is not a folder");
            }
        }
    }

    private async Task WriteTextAsync(string path, string text, int mode)
    {
        await disk.RemoveAsync(path);
        await using var file = await disk.CreateAsync(path, mode);
        await file.WriteAsync(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>All that the command sees: a few inherited variables, the contract with the trainer, and on top what the manifest says.</summary>
    private ImmutableArray<EnvVar> Environment(
        string folder, AttemptSpec spec, string container, Declared declared, TrainerSide? trainer, IEnumerable<EnvVar> secrets)
    {
        var all = new List<EnvVar>();
        foreach (var name in spec.Executor is null ? Inherited : [])
        {
            if (host.Environment.TryGetValue(name, out var value)) { all.Add(new(name, name == "PATH" ? Searched(spec, value) : value)); }
        }
        all.AddRange(
        [
            new("PAWL_HOME", host.Home),
            new("PAWL_RUN_ID", spec.RunId),
            new("PAWL_NODE", spec.Node),
            new("PAWL_ATTEMPT", spec.Attempt.ToString(CultureInfo.InvariantCulture)),
            new("PAWL_IDEMPOTENCY_KEY", $"{spec.RunId}/{spec.Step}"),
            new("PAWL_OUTPUT_DIR", declared.Working),
            new("PAWL_FINGERPRINT", spec.Fingerprint),
            new("ARGO_CONTAINER_NAME", container),
            new("ARGO_NODE_ID", Names.ArgoId(spec.RunName, new NodeId(spec.Node))),
            new("ARGO_INCLUDE_SCRIPT_OUTPUT", "true"),
            new("ARGO_DEADLINE", spec.Deadline is { } left ? (clock.GetUtcNow() + left).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "0001-01-01T00:00:00Z"),
            new("ARGO_PROGRESS_FILE", Path.Combine(folder, AttemptFiles.Reached)),
        ]);
        if (trainer is not null) { all.AddRange(OfTrainer(folder, spec, trainer)); }
        foreach (var variable in secrets.Concat(spec.Env))
        {
            all.RemoveAll(v => v.Name == variable.Name);
            all.Add(variable);
        }
        if (!spec.Gpus.IsEmpty) { OfferGpus(all, spec); }
        OfferPythonSdk(all);
        return [.. all];
    }

    private static IEnumerable<EnvVar> OfTrainer(string folder, AttemptSpec spec, TrainerSide trainer)
    {
        yield return new("PAWL_CHECKPOINT_DIR", AttemptFiles.CheckpointFolder(folder, spec));
        yield return new("PAWL_CHECKPOINT_EVERY", spec.Checkpoints.Every switch
        {
            CheckpointEvery.Steps steps => string.Create(CultureInfo.InvariantCulture, $"steps:{steps.Count}"),
            CheckpointEvery.Time time => string.Create(CultureInfo.InvariantCulture, $"seconds:{time.Span.TotalSeconds}"),
            _ => "auto",
        });
        yield return new("PAWL_MTBF_SECONDS", trainer.Log.BetweenInterruptions.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture));
        yield return new("PAWL_GRACE_SECONDS", spec.GracePeriod.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        if (trainer.ReportPath is { } report) { yield return new("PAWL_REPORT", report); }
    }

    private static string Searched(AttemptSpec spec, string path) => string.Join(':', spec.Path.Append(path));

    // The last word: by a number of its own choice a step would take what another one has. In a container the engine has numbered them anew.
    private static void OfferGpus(List<EnvVar> all, AttemptSpec spec)
    {
        all.RemoveAll(v => v.Name is "CUDA_VISIBLE_DEVICES" or "CUDA_DEVICE_ORDER" or "NVIDIA_VISIBLE_DEVICES");
        var numbers = string.Join(',', spec.Gpus);
        all.Add(new("NVIDIA_VISIBLE_DEVICES", numbers));
        if (spec.Executor is null) { all.AddRange([new("CUDA_VISIBLE_DEVICES", numbers), new("CUDA_DEVICE_ORDER", "PCI_BUS_ID")]); }
    }

    // Last on the path, so that an SDK of the user's own comes first.
    private void OfferPythonSdk(List<EnvVar> all)
    {
        if (!host.Environment.TryGetValue(SupervisorHost.PythonSdk, out var sdk)) { return; }
        var own = all.FindIndex(v => v.Name == "PYTHONPATH");
        if (own < 0)
        {
            all.Add(new("PYTHONPATH", sdk));
        }
        else if (all[own].Value is { Length: > 0 } path)
        {
            all[own] = new("PYTHONPATH", $"{path}:{sdk}");
        }
    }
}
