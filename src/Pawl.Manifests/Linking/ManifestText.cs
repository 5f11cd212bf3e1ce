namespace Pawl.Manifests.Linking;

/// <summary>A file of manifests.</summary>
/// <param name="File">As it is to stand in messages.</param>
public sealed record ManifestText(string File, ReadOnlyMemory<byte> Utf8);
