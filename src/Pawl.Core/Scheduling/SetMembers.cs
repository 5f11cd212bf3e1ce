using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>The nodes that Argo shows for the members of a containerSet. They are told from their pod's node and its outcome, and stand nowhere else.</summary>
public static class SetMembers
{
    /// <returns>In the order of the manifest; none of any other node.</returns>
    public static ImmutableArray<Node> Of(RunState run, Node pod) => MembersOf(run, pod) is { IsEmpty: false } members
        ? [.. members.Select(m => Of(pod, m))]
        : [];

    /// <returns>Those that waited for nobody.</returns>
    public static IEnumerable<NodeId> First(RunState run, Node pod) => MembersOf(run, pod).Where(m => m.Dependencies.IsEmpty).Select(m => IdOf(pod, m.Name));

    /// <returns>Those that waited for a member.</returns>
    public static IEnumerable<NodeId> After(RunState run, Node member)
    {
        var pod = run.Nodes[member.Parent!.Value];
        return MembersOf(run, pod).Where(m => m.Dependencies.Contains(member.DisplayName)).Select(m => IdOf(pod, m.Name));
    }

    private static ImmutableArray<NamedContainer> MembersOf(RunState run, Node pod) =>
        pod.Type == NodeType.Pod && run.Workflow.Templates.GetValueOrDefault(pod.Template)?.Body is TemplateBody.Leaf { Set: { } set } ? set.Members : [];

    private static NodeId IdOf(Node pod, string member) => new($"{pod.Id.Value}.{member}");

    private static Node Of(Node pod, NamedContainer member)
    {
        var end = pod.AttemptRuns ? null : pod.Last?.Containers.FirstOrDefault(c => c.Name == member.Name);
        return new Node
        {
            Id = IdOf(pod, member.Name),
            DisplayName = member.Name,
            Type = NodeType.Container,
            Phase = PhaseOf(pod, member, end),
            Template = pod.Template,
            Parent = pod.Id,
            Boundary = pod.Id,
            Message = end?.Message ?? "",
            ExitCode = end?.ExitCode,
            StartedAt = pod.StartedAt,
            FinishedAt = pod.FinishedAt,
            Hooked = pod.Hooked,
        };
    }

    private static Phase PhaseOf(Node pod, NamedContainer member, ContainerEnd? end) => (end?.Kind, pod.IsFulfilled) switch
    {
        (OutcomeKind.Succeeded, _) => Phase.Succeeded,
        (OutcomeKind.Failed, _) => Phase.Failed,
        (OutcomeKind.Errored, _) => Phase.Error,
        (_, true) => pod.Phase,
        _ => member.Dependencies.IsEmpty ? Phase.Running : Phase.Pending,
    };
}
