namespace Pawl.Core.Workflows;

/// <summary>Argo's <c>podSpecPatch</c>.</summary>
/// <param name="Text">A JSON object whose texts may hold tags; or a text that is such an object once its tags are filled in.</param>
public sealed record PodPatch(string Text);
