using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads what makes a template more than one container: <c>containerSet</c>, <c>initContainers</c>, <c>sidecars</c>, <c>hostAliases</c>.</summary>
internal sealed class PodReader(Problems problems, ContainerReader containers)
{
    // Of Argo's own containers in the same pod.
    private static readonly string[] Reserved = ["wait", "supervisor", "init"];

    private const string ReservedPrefix = "artifact-plugin-";

    /// <summary>The template's own container with those around it.</summary>
    public TemplateBody.Leaf? Around(TemplateBody.Leaf? leaf, Fields template, string name)
    {
        var (init, sidecars) = (Beside(template, "initContainers", name), Beside(template, "sidecars", name));
        if (leaf is null) { return null; }
        var names = new HashSet<string>(leaf.Set?.Members.Select(m => m.Name) ?? [], StringComparer.Ordinal);
        foreach (var (other, at) in init.Concat(sidecars))
        {
            if (!names.Add(other.Name)) { problems.Error(at, $"container name {other.Name.Quoted()} is not unique in the template; give one of them another name"); }
        }
        return leaf with { Init = [.. init.Select(i => i.Container)], Sidecars = [.. sidecars.Select(s => s.Container)] };
    }

    /// <param name="needsMain">The template has inputs or outputs that a container must lay out or leave.</param>
    public TemplateBody.Leaf? Set(YamlNode? node, string template, bool needsMain)
    {
        if (Fields.Of(node, PodTables.Set, problems) is not { } fields) { return null; }
        var path = $"templates.{template}.containerSet.containers";
        var shared = new VolumeReader(problems).Mounts(fields);
        var members = ImmutableArray.CreateBuilder<NamedContainer>();
        var places = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var item in fields.List("containers"))
        {
            if (Fields.Of(item, PodTables.Member, problems) is not { } member) { continue; }
            var (name, at) = NameRules.OfPart(member, "container", problems);
            if (IsReserved(name)) { problems.Error(at, $"container name {name.Quoted()} is Argo's own; write another".InArgo($"{path}.{name} uses a reserved Argo container name")); }
            var container = containers.Read(member, $"{path}.{name}.image", "container");
            container = container with { VolumeMounts = container.VolumeMounts.AddRange(shared.Where(s => container.VolumeMounts.All(m => m.Path != s.Path))) };
            if (name.Length > 0 && !places.TryAdd(name, at))
            {
                problems.Error(at, $"container name {name.Quoted()} is not unique; give one of them another name".InArgo($"{path}.{name} name '{name}' is not unique"));
            }
            else if (name.Length > 0) { members.Add(new NamedContainer(name, container, member.Texts("dependencies"), MirrorsMounts: false)); }
        }
        CheckOrder(members.ToImmutable(), places, path);
        if (members.Count == 0 && fields.List("containers").IsEmpty)
        {
            problems.Error(fields.Node, "a containerSet must have at least one container; write `containers:`".InArgo($"templates.{template}.containerSet.containers must have at least one container"));
        }
        if (needsMain && !places.ContainsKey("main"))
        {
            problems.Error(fields.Node, "inputs and outputs are those of the container \"main\", and the set has none; name one of them so"
                .InArgo($"{path} must have a container named \"main\" for input or output: containers must have a container named \"main\" for input or output"));
        }
        return new TemplateBody.Leaf(new Container(), null) { Set = new ContainerSet(members.ToImmutable(), Retry(fields)) };
    }

    public ImmutableArray<HostAlias> HostAliases(Fields owner)
    {
        var aliases = ImmutableArray.CreateBuilder<HostAlias>();
        foreach (var node in owner.List("hostAliases"))
        {
            if (Fields.Of(node, PodTables.HostAlias, problems) is not { } fields) { continue; }
            if (fields.Text("ip") is { Length: > 0 } ip) { aliases.Add(new HostAlias(ip, fields.Texts("hostnames"))); }
            else { problems.Error(node, "a host alias without an address; write `ip: ADDRESS`"); }
        }
        if (aliases.Count > 0)
        {
            problems.Notice(owner.Key("hostAliases")!, "without bubblewrap (bwrap) on the machine, a step that has host aliases does not run");
        }
        return aliases.ToImmutable();
    }

    private static bool IsReserved(string name) => Reserved.Contains(name) || name.StartsWith(ReservedPrefix, StringComparison.Ordinal);

    private List<(NamedContainer Container, YamlNode At)> Beside(Fields template, string field, string templateName)
    {
        var found = new List<(NamedContainer, YamlNode)>();
        foreach (var node in template.List(field))
        {
            if (Fields.Of(node, PodTables.Beside, problems) is not { } fields) { continue; }
            var (name, at) = NameRules.OfPart(fields, field == "sidecars" ? "sidecar" : "init container", problems);
            if (IsReserved(name) || name == "main") { problems.Error(at, $"container name {name.Quoted()} is Argo's own; write another"); }
            var container = containers.Read(fields, $"templates.{templateName}.{field}.{name}.image", field == "sidecars" ? "a sidecar" : "an init container");
            if (name.Length > 0) { found.Add((new NamedContainer(name, container, [], fields.Flag("mirrorVolumeMounts") ?? false), at)); }
        }
        return found;
    }

    private SetRetry? Retry(Fields set)
    {
        if (set.Map("retryStrategy", PodTables.SetRetry) is not { } fields) { return null; }
        var (retries, duration) = (fields.WholeOrTag("retries"), fields.Text("duration"));
        if (duration is not null && !Tags.AnyIn(duration) && !Notations.IsDuration(duration))
        {
            problems.Error(fields.Value("duration")!, $"duration {duration.Quoted()} is not a duration; write \"5s\" or \"1m\"");
        }
        if (retries is null) { return null; }
        problems.Notice(fields.Key("retries")!, "Argo counts retries of a containerSet as runs in all: with 2 a container is run twice");
        return new SetRetry(retries, duration);
    }

    private void CheckOrder(ImmutableArray<NamedContainer> members, Dictionary<string, YamlNode> places, string path)
    {
        foreach (var member in members)
        {
            foreach (var dependency in member.Dependencies.Where(d => !places.ContainsKey(d)))
            {
                problems.Error(places[member.Name], $"container {member.Name.Quoted()} waits for {dependency.Quoted()}, which the set does not have; write the name of another of its containers"
                    .InArgo($"{path}.{member.Name} dependency '{dependency}' not defined"));
            }
        }
        var ended = new HashSet<string>(StringComparer.Ordinal);
        while (members.Where(m => !ended.Contains(m.Name) && m.Dependencies.All(d => ended.Contains(d) || !places.ContainsKey(d))).ToList() is { Count: > 0 } next)
        {
            ended.UnionWith(next.Select(m => m.Name));
        }
        if (members.FirstOrDefault(m => !ended.Contains(m.Name)) is { } stuck)
        {
            problems.Error(places[stuck.Name], $"container {stuck.Name.Quoted()} waits for itself by way of its dependencies; remove one of them"
                .InArgo($"{path} failed sorting: circular dependency"));
        }
    }
}
