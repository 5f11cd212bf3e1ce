using System.Text.Json.Serialization;

namespace Pawl.Core.Scheduling;

/// <summary>What somebody asks of a run, through its inbox.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "verb")]
[JsonDerivedType(typeof(Pause), "pause")]
[JsonDerivedType(typeof(Suspend), "suspend")]
[JsonDerivedType(typeof(Resume), "resume")]
[JsonDerivedType(typeof(Stop), "stop")]
[JsonDerivedType(typeof(Terminate), "terminate")]
[JsonDerivedType(typeof(Retry), "retry")]
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

    public sealed record Stop(string? Message) : Request;

    public sealed record Terminate : Request;

    /// <summary>Open a Failed or Error run again, its succeeded nodes kept.</summary>
    public sealed record Retry : Request;
}
