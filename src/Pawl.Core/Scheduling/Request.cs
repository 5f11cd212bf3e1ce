using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>What somebody asks of a run, through its inbox.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "verb")]
[JsonDerivedType(typeof(Pause), "pause")]
[JsonDerivedType(typeof(Suspend), "suspend")]
[JsonDerivedType(typeof(Resume), "resume")]
[JsonDerivedType(typeof(Stop), "stop")]
[JsonDerivedType(typeof(Terminate), "terminate")]
[JsonDerivedType(typeof(Retry), "retry")]
[JsonDerivedType(typeof(Preempt), "preempt")]
[JsonDerivedType(typeof(Set), "set")]
public abstract record Request
{
    private Request() { }

    /// <summary>Stop what runs and leave the run resumable.</summary>
    /// <param name="Kill">Without a grace period.</param>
    public sealed record Pause(bool Kill) : Request;

    public sealed record Suspend : Request;

    /// <summary>Lift a suspension and pass suspend nodes.</summary>
    /// <param name="Selector">Argo's node field selector; null is all of them.</param>
    public sealed record Resume(string? Selector) : Request;

    /// <param name="Selector">Fails only the suspend nodes that match, and the run goes on; null ends the run.</param>
    public sealed record Stop(string? Message, string? Selector = null) : Request;

    /// <summary>Give suspend nodes their outputs, a message, or an end.</summary>
    /// <param name="Phase">Null leaves them waiting.</param>
    public sealed record Set(string Selector, Phase? Phase, string? Message, ImmutableSortedDictionary<string, string> Outputs) : Request;

    public sealed record Terminate : Request;

    /// <summary>Rehearse a preemption: stop attempts as a host that goes would, and start them again at once.</summary>
    /// <param name="Nodes">Leaves; empty is all that run.</param>
    /// <param name="Notice">From stop signal to kill; a shorter grace period wins.</param>
    public sealed record Preempt(ImmutableArray<NodeId> Nodes, TimeSpan Notice) : Request;

    /// <summary>Open a finished run again, its succeeded nodes kept.</summary>
    /// <param name="RestartSuccessful">Nodes that match the selector run again too; a Succeeded run can be opened only so.</param>
    /// <param name="Selector">Argo's node field selector; without <paramref name="RestartSuccessful"/> it changes nothing.</param>
    public sealed record Retry(bool RestartSuccessful = false, string? Selector = null) : Request;
}
