using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Checkpoints;
using Pawl.Core.Errors;
using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>Renders the spec of an attempt from the state alone, so that a lost one can be written again, byte for byte.</summary>
public static partial class Specs
{
    /// <exception cref="ExpressionException">A field that must be a number is none after substitution, or no command is known.</exception>
    public static AttemptSpec Render(RunState run, Node node)
    {
        var template = run.Workflow.Templates[node.Template];
        var leaf = (TemplateBody.Leaf)template.Body;
        var scope = Scopes.Inside(run with { Moment = new ExprMoment(node.AttemptStartedAt ?? node.StartedAt, node.AttemptSeed) }, node, template);
        var spec = Plain(run, node, template, leaf, scope, isWhole: true);
        // What differs from try to try is left as written, and time and chance stand still, so that every try of a step has the same fingerprint.
        var still = Scopes.Inside(run with { Moment = new ExprMoment(DateTimeOffset.UnixEpoch, 0) }, node, template);
        var alike = Plain(run, node, template, leaf, name => DiffersByTry(name) ? null : still(name), isWhole: false);
        var timeout = Timeouts.Left(template, node, scope);
        return spec with
        {
            Timeout = spec.Needs.IsNothing ? null : timeout,
            Fingerprint = Fingerprint(alike, run.Anew.GetValueOrDefault(run.StepOf(node))),
            Deadline = Shorter(Shorter(Seconds(template, scope), TimeLeft(run, node)), timeout),
        };
    }

    private static bool DiffersByTry(string name) => name is ['=', .. var expression]
        ? ExpressionTags.Mentions(expression, "retries", "pod.name", "node.name", "workflow.duration", "lastRetry")
        : name is "retries" or "pod.name" or "node.name" or "workflow.duration"
        || name.StartsWith("lastRetry.", StringComparison.Ordinal);

    /// <param name="isWhole">Else only with what decides the outputs: a limit may hold a tag that was left as written.</param>
    private static AttemptSpec Plain(RunState run, Node node, Template template, TemplateBody.Leaf leaf, Scope scope, bool isWhole)
    {
        string Text(string text) => Substitution.Apply(text, scope);
        ContainerSpec Of(string name, Container container, string? source = null) => ContainerOf(run, template, name, container, source, Text);
        // A set has no container of its own.
        var main = leaf.Set is null ? Of(AttemptSpec.Main, leaf.Container, leaf.Source) : new ContainerSpec { Name = AttemptSpec.Main };
        var spec = new AttemptSpec
        {
            RunId = run.RunId,
            RunName = run.Name,
            Node = node.Id.Value,
            Step = run.StepOf(node).Value,
            Attempt = node.Attempt,
            Sequence = node.AttemptSequence,
            Template = template.Name,
            Fingerprint = "",
            Image = main.Image,
            Executor = run.Submitted!.Executor == Executors.Container ? Executors.Container : null,
            PullPolicy = main.PullPolicy,
            Command = main.Command,
            Args = main.Args,
            Path = main.Path,
            Source = leaf.Source is { } source ? Text(source) : null,
            Env = main.Env,
            Secrets = main.Secrets,
            WorkingDir = main.WorkingDir,
            Inputs = [.. Inputs(node, template, Text)],
            OutputParameters = [.. template.Outputs.Parameters
                .Where(p => p.ValueFrom?.Path is not null)
                .Select(p => new OutputParameter(Text(p.Name), Text(p.ValueFrom!.Path!), p.ValueFrom.Default ?? p.Default))],
            OutputArtifacts = [.. template.Outputs.Artifacts
                .Where(a => a.Path is not null)
                .Select(a => new OutputFile(Text(a.Name), Text(a.Path!), a.Optional, a.Mode)
                {
                    Location = Locations.Of(run, a, Text),
                    Archive = a.Archive,
                })],
            Needs = Requests.Of(leaf.Resources),
            GracePeriod = template.GracePeriod ?? run.Workflow.GracePeriod ?? run.Submitted!.Limits.GracePeriod,
            PostStart = main.PostStart,
            PreStop = main.PreStop,
            Ready = main.Ready,
            HasTerminal = main.HasTerminal,
            MemoryLimit = main.MemoryLimit,
            CpuLimit = main.CpuLimit,
            Checkpoints = CheckpointAnnotations.Read(template.Annotations.ToDictionary(a => a.Key, a => Text(a.Value))),
            Snapshot = run.Submitted!.Snapshot,
            Http = leaf.Http is { } call ? Locations.Substituted(call, Text) : null,
            Keys = leaf.Keys is { } keys ? keys with { Source = (ArtifactLocation.InRepository)Locations.Substituted(keys.Source, Text) } : null,
            Mounts = main.Mounts,
            IsDaemon = template.IsDaemon,
            Init = [.. leaf.Init.Select(c => BesideMain(Of(c.Name, c.Container), c, main))],
            Sidecars = [.. leaf.Sidecars.Select(c => BesideMain(Of(c.Name, c.Container), c, main))],
            Set = [.. leaf.Set?.Members.Select(m => Of(m.Name, m.Container) with { Dependencies = m.Dependencies }) ?? []],
            SetRuns = isWhole && leaf.Set?.Retry is { } retry ? Runs(retry, Text) : null,
            HostAliases = [.. run.Workflow.HostAliases.Concat(template.HostAliases).Select(a => new HostAlias(Text(a.Ip), [.. a.Names.Select(Text)]))],
        };
        foreach (var patch in (ReadOnlySpan<PodPatch?>)[run.Workflow.Patch, template.Patch])
        {
            if (patch is not null) { spec = PodPatches.Apply(spec, patch, Text, withLimits: isWhole); }
        }
        return spec.IsPod || spec.Executor is not null || !spec.HostAliases.IsEmpty || spec.PreStop is not (null or ContainerAction.Exec) ? spec with { Schema = AttemptSpec.CurrentSchema } : spec;
    }

    private static ContainerSpec ContainerOf(RunState run, Template template, string name, Container container, string? source, Func<string, string> text)
    {
        var image = container.Image is { } written ? text(written) : null;
        // In a container the image speaks for itself.
        var isReal = run.Submitted!.Executor == Executors.Container;
        var local = image is null || isReal || run.Submitted.Images is not { } images ? null : LocalImages.Find(images, image);
        ImmutableArray<string> command = [.. container.Command.Select(text)];
        ImmutableArray<string> args = [.. container.Args.Select(text)];
        if (!isReal) { (command, args) = Command(image, local, command, args, hasSource: source is { Length: > 0 }); }
        return new ContainerSpec
        {
            Name = name,
            Image = image,
            PullPolicy = isReal ? container.PullPolicy : null,
            Command = command,
            Args = args,
            Path = local?.Path ?? [],
            Env = [.. FromConfigMaps(run, container, text), .. container.Env.Select(e => new EnvVar(e.Name, text(e.Value)))],
            Secrets = [.. container.EnvFrom.Where(e => e.Origin == EnvOrigin.Secret).Select(e => e with { Object = text(e.Object), Key = e.Key is { } key ? text(key) : null })],
            WorkingDir = container.WorkingDir is { } folder ? text(folder) : local?.WorkingDir,
            MemoryLimit = container.Resources.MemoryLimit,
            CpuLimit = container.Resources.CpuLimit,
            Mounts = [.. container.VolumeMounts.Select(m => MountOf(run.Workflow, template, m, text)), .. FilesOf(local, [.. command.Skip(1), .. args, source ?? ""])],
            PostStart = Plain(container.PostStart, text),
            PreStop = Plain(container.PreStop, text),
            Ready = container.Ready is { } probe ? probe with { Action = Plain(probe.Action, text)! } : null,
            HasTerminal = container.HasTerminal,
        };
    }

    private static ContainerSpec BesideMain(ContainerSpec spec, NamedContainer container, ContainerSpec main) => !container.MirrorsMounts
        ? spec
        : spec with { Mounts = spec.Mounts.AddRange(main.Mounts.Where(m => !spec.Mounts.Any(own => own.Path == m.Path))) };

    private static ContainerAction? Plain(ContainerAction? action, Func<string, string> text) => action switch
    {
        ContainerAction.Exec exec => new ContainerAction.Exec([.. exec.Command.Select(text)]),
        ContainerAction.HttpGet get => get with
        {
            Host = get.Host is { } host ? text(host) : null,
            Path = text(get.Path),
            Headers = [.. get.Headers.Select(h => new EnvVar(h.Name, text(h.Value)))],
        },
        ContainerAction.TcpSocket { Host: { } host } socket => socket with { Host = text(host) },
        _ => action,
    };

    private static SetRuns Runs(SetRetry retry, Func<string, string> text)
    {
        var (most, wait) = (text(retry.Retries), TimeSpan.Zero);
        if (!int.TryParse(most, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var runs))
        {
            throw new ExpressionException($"containerSet.retryStrategy.retries '{most}' is not a whole number", 1);
        }
        if (retry.Duration is { } written && !Durations.TryParse(text(written), out wait))
        {
            throw new ExpressionException($"containerSet.retryStrategy.duration '{text(written)}' is not a duration; write \"5s\" or \"1m\"", 1);
        }
        return new SetRuns(Math.Max(1, runs), wait);
    }

    // Only what is spoken of: without them a step needs no file system of its own.
    private static IEnumerable<Mount> FilesOf(LocalImage? image, ImmutableArray<string> told) =>
        image is null ? [] : image.Files.Where(f => told.Any(t => t.Contains(f.Key, StringComparison.Ordinal)))
            .Select(f => new Mount("image", MountKind.HostPath, f.Value, f.Key, null, ReadOnly: true));

    private static Mount MountOf(Workflow workflow, Template template, VolumeMount mount, Func<string, string> text)
    {
        var name = text(mount.Volume);
        if (mount.Path.Length == 0) { throw new ExpressionException($"the mount of volume '{name}' has no mountPath; write `mountPath: /PATH`", 1); }
        var volume = template.Volumes.Concat(workflow.Volumes).FirstOrDefault(v => text(v.Name) == name)
            ?? throw new ExpressionException($"there is no volume '{name}' to mount at {mount.Path}; write it under volumes of the template or the spec", 1);
        var (kind, from, readOnly) = volume.Source switch
        {
            VolumeSource.EmptyDir => (MountKind.EmptyDir, "", false),
            VolumeSource.HostPath h => (h.MustExist ? MountKind.HostPath : MountKind.HostFolder, text(h.Path), false),
            VolumeSource.Claim c => (MountKind.Claim, text(c.Name), c.ReadOnly),
            VolumeSource.RunClaim => (MountKind.RunClaim, "", false),
            VolumeSource.Files => (MountKind.Files, "", true),
            _ => throw new UnreachableException($"{volume.Source.GetType().Name} is not handled"),
        };
        return new Mount(name, kind, from, text(mount.Path), mount.SubPath is { } part ? text(part) : null, readOnly || mount.ReadOnly)
        {
            Files = volume.Source is VolumeSource.Files files ? [.. MountedFiles.Of(workflow, template, files, text)] : [],
        };
    }

    // An image whose name was only made by tags is looked up here for the first time.
    private static (ImmutableArray<string> Command, ImmutableArray<string> Args) Command(
        string? image, LocalImage? local, ImmutableArray<string> command, ImmutableArray<string> args, bool hasSource)
    {
        if (command.IsEmpty && image is not null && local is not { HasCommand: true })
        {
            throw new ExpressionException($"no command is known for the image '{image}'; write `command: [...]`, or what stands for it in a file given with --images", 1);
        }
        return local is null ? (command, args) : local.Complete(command, args, hasSource);
    }

    private static IEnumerable<EnvVar> FromConfigMaps(RunState run, Container container, Func<string, string> text)
    {
        var maps = run.Workflow.ConfigMaps;
        foreach (var source in container.EnvFrom.Where(e => e.Origin == EnvOrigin.ConfigMap))
        {
            var map = text(source.Object);
            if (source.Key is { } written)
            {
                var key = new KeyRef(map, text(written));
                if (maps.Find(key) is { } value) { yield return new EnvVar(source.Name, value); }
                else if (!source.Optional) { throw new ExpressionException($"env {source.Name}: {maps.Missing(key)}", 1); }
            }
            else if (maps.ByName.TryGetValue(map, out var all))
            {
                foreach (var (key, value) in all) { yield return new EnvVar(source.Name + key, value); }
            }
            else if (!source.Optional) { throw new ExpressionException($"envFrom: {maps.Missing(new KeyRef(map, ""))}", 1); }
        }
    }

    private static IEnumerable<InputFile> Inputs(Node node, Template template, Func<string, string> text)
    {
        foreach (var input in template.Inputs.Artifacts)
        {
            if (input.Path is not { } path) { continue; }
            if (!node.Inputs.Artifacts.TryGetValue(input.Name, out var bound))
            {
                if (input.Location is not { } own) { continue; }
                bound = new BoundArtifact(null, null)
                {
                    Location = Locations.Substituted(own, text),
                    Archive = input.Archive,
                    SubPath = input.SubPath is { } part ? text(part) : null,
                };
            }
            yield return new InputFile(input.Name, text(path), bound.Stored, bound.RawData, input.Mode)
            {
                Location = bound.Location,
                Archive = bound.Archive,
                SubPath = bound.SubPath,
                RecurseMode = input.RecurseMode,
            };
        }
    }

    private static TimeSpan? Seconds(Template template, Scope scope)
    {
        if (template.ActiveDeadlineSeconds is not { } written) { return null; }
        var text = Substitution.Apply(written, scope);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, 3_155_760_000))
            : throw new ExpressionException($"activeDeadlineSeconds '{text}' is not a whole number above 0", 1);
    }

    // From the second try on a retry's maxDuration ends the try itself.
    private static TimeSpan? TimeLeft(RunState run, Node node) =>
        node.Parent is { } id && run.Find(id) is { Type: NodeType.Retry, Children.Count: > 1 } retry
        && RetryRules.Deadline(Scopes.StrategyOf(run, retry), run.Nodes[retry.Children[0]].StartedAt) is { } end
            ? end - (node.AttemptStartedAt ?? node.StartedAt) is var left && left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1)
            : null;

    private static TimeSpan? Shorter(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b : a;

    // Everything that decides the outputs and nothing else: names of files count, limits and times do not.
    private static string Fingerprint(AttemptSpec spec, int anew)
    {
        using var stream = new MemoryStream();
        using (var w = new Utf8JsonWriter(stream))
        {
            w.WriteStartObject();
            w.WriteString("image", spec.Image);
            Strings(w, "command", spec.Command);
            Strings(w, "args", spec.Args);
            w.WriteString("source", spec.Source);
            w.WriteString("workingDir", spec.WorkingDir);
            Strings(w, "env", spec.Env.Select(e => $"{e.Name}={e.Value}"));
            // By name only: what a secret holds is written nowhere, not even as a digest.
            if (!spec.Secrets.IsEmpty) { Strings(w, "secrets", spec.Secrets.Select(s => $"{s.Name}\n{s.Object}\n{s.Key}")); }
            Strings(w, "inputs", spec.Inputs.Select(i => $"{i.Name}\n{i.Path}\n{i.Mode}\n{i.Stored?.Sha256}\n{i.RawData}"));
            Strings(w, "parameters", spec.OutputParameters.Select(p => $"{p.Name}\n{p.Path}\n{p.Default}"));
            Strings(w, "artifacts", spec.OutputArtifacts.Select(a => $"{a.Name}\n{a.Path}\n{a.Mode}"));
            w.WriteString("snapshot", spec.Snapshot?.Sha256);

            // Absent where there are none: the fingerprints of steps from before there were mounts stay.
            if (!spec.Mounts.IsEmpty)
            {
                Strings(w, "mounts", spec.Mounts.Select(m => $"{m.Volume}\n{m.Kind}\n{m.From}\n{m.Path}\n{m.SubPath}\n{m.ReadOnly}{string.Concat(m.Files.Select(f => $"\n{f}"))}"));
            }

            // Likewise what steps with one process have none of. Sidecars and the aliases of hosts count: a command may ask them.
            foreach (var (name, containers) in (IEnumerable<(string, ImmutableArray<ContainerSpec>)>)[("init", spec.Init), ("set", spec.Set), ("sidecars", spec.Sidecars)])
            {
                if (!containers.IsEmpty) { Strings(w, name, containers.SelectMany(Texts)); }
            }
            if (spec.HasTerminal) { w.WriteBoolean("terminal", true); }
            if (!spec.HostAliases.IsEmpty) { Strings(w, "hosts", spec.HostAliases.Select(h => $"{h.Ip}\n{string.Join('\n', h.Names)}")); }
            var elsewhere = Locations.Lines(spec).ToList();
            if (elsewhere.Count > 0) { Strings(w, "elsewhere", elsewhere); }
            if (anew > 0) { w.WriteNumber("anew", anew); }
            w.WriteEndObject();
        }
        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    private static IEnumerable<string> Texts(ContainerSpec container) =>
    [
        container.Name, container.Image ?? "", $"{container.Command.Length}", .. container.Command, $"{container.Args.Length}", .. container.Args,
        container.WorkingDir ?? "", .. container.Env.Select(e => $"{e.Name}={e.Value}"), .. container.Secrets.Select(s => $"{s.Name}\n{s.Object}\n{s.Key}"),
        .. container.Mounts.Select(m => $"{m.Volume}\n{m.Kind}\n{m.From}\n{m.Path}\n{m.SubPath}\n{m.ReadOnly}"), .. container.Dependencies,
    ];

    private static void Strings(Utf8JsonWriter w, string name, IEnumerable<string> values)
    {
        w.WriteStartArray(name);
        foreach (var value in values) { w.WriteStringValue(value); }
        w.WriteEndArray();
    }
}
