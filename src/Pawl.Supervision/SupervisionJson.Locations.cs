using System.Diagnostics;
using System.Text.Json;
using Pawl.Core.Workflows;
using Pawl.Storage.Json;

namespace Pawl.Supervision;

internal static partial class SupervisionJson
{
    private static readonly string[] ArchiveKinds = [nameof(ArchiveKind.None), nameof(ArchiveKind.Tar), nameof(ArchiveKind.Zip)];

    private static void Write(Utf8JsonWriter json, Archive archive)
    {
        json.WriteString("kind", ArchiveKinds[(int)archive.Kind]);
        json.Write("level", archive.Level);
    }

    private static Archive ReadArchive(JsonFields json) => new((ArchiveKind)json.Choice("kind", ArchiveKinds), json.NumberOrNull("level"));

    private static void Write(Utf8JsonWriter json, ArtifactLocation location)
    {
        switch (location)
        {
            case ArtifactLocation.Http h:
                json.WriteString("url", h.Url);
                json.Write("headers", h.Headers, Write);
                json.Write("user", h.User, Write);
                json.Write("password", h.Password, Write);
                break;
            case ArtifactLocation.Git g:
                json.WriteString("repo", g.Repo);
                json.WriteString("revision", g.Revision);
                json.WriteString("branch", g.Branch);
                json.WriteString("depth", g.Depth);
                json.WriteBoolean("singleBranch", g.SingleBranch);
                json.WriteBoolean("submodules", g.Submodules);
                json.Write("fetch", g.Fetch);
                json.Write("user", g.User, Write);
                json.Write("password", g.Password, Write);
                json.Write("sshKey", g.SshKey, Write);
                json.WriteBoolean("anyHostKey", g.AnyHostKey);
                break;
            case ArtifactLocation.InRepository r:
                json.WriteString("bucket", r.Bucket);
                json.WriteString("key", r.Key);
                break;
            default:
                throw new UnreachableException($"{location.GetType().Name} is not handled");
        }
    }

    private static ArtifactLocation ReadLocation(JsonFields json) =>
        json.Has("url") ? new ArtifactLocation.Http(json.Text("url"), json.All("headers", ReadHeader), ReadKeyRef(json, "user"), ReadKeyRef(json, "password"))
        : json.Has("repo") ? new ArtifactLocation.Git(
            json.Text("repo"), json.TextOrNull("revision"), json.TextOrNull("branch"), json.TextOrNull("depth"), json.Flag("singleBranch"), json.Flag("submodules"),
            json.Texts("fetch"), ReadKeyRef(json, "user"), ReadKeyRef(json, "password"), ReadKeyRef(json, "sshKey"), json.Flag("anyHostKey"))
        : new ArtifactLocation.InRepository(json.TextOrNull("bucket"), json.Text("key"));

    private static void Write(Utf8JsonWriter json, HttpHeader header)
    {
        json.WriteString("name", header.Name);
        json.WriteString("value", header.Value);
        json.Write("secret", header.Secret, Write);
    }

    private static HttpHeader ReadHeader(JsonFields json) => new(json.Text("name"), json.TextOrNull("value"), ReadKeyRef(json, "secret"));

    private static void Write(Utf8JsonWriter json, KeyRef key)
    {
        json.WriteString("name", key.Name);
        json.WriteString("key", key.Key);
    }

    private static KeyRef? ReadKeyRef(JsonFields json, string name) => json.ObjectOrNull(name) is { } key ? new KeyRef(key.Text("name"), key.Text("key")) : null;

    private static void Write(Utf8JsonWriter json, HttpCall call)
    {
        json.WriteString("method", call.Method);
        json.WriteString("url", call.Url);
        json.Write("headers", call.Headers, Write);
        json.WriteString("body", call.Body);
        json.Write("timeout", call.Timeout);
        json.WriteBoolean("anyCertificate", call.AnyCertificate);
        json.WriteString("successCondition", call.SuccessCondition);
    }

    private static HttpCall ReadCall(JsonFields json) => new(
        json.Text("method"), json.Text("url"), json.All("headers", ReadHeader), json.TextOrNull("body"), json.SpanOrNull("timeout"), json.Flag("anyCertificate"),
        json.TextOrNull("successCondition"));

    private static void Write(Utf8JsonWriter json, KeyListing keys)
    {
        json.Write("source", keys.Source, (w, source) => Write(w, (ArtifactLocation)source));
        json.Write("transformation", keys.Transformation);
    }

    private static KeyListing ReadKeys(JsonFields json) =>
        new((ArtifactLocation.InRepository)ReadLocation(json.Object("source")), json.Texts("transformation"));
}
