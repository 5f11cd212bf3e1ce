using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>The places of artifacts outside pawl's own store, once their tags are known.</summary>
internal static class Locations
{
    public static BoundArtifact Bound(Artifact argument, ArtifactLocation location, Scope scope)
    {
        string Text(string text) => Substitution.Apply(text, scope);
        return new BoundArtifact(null, null)
        {
            Location = Substituted(location, Text),
            Archive = argument.Archive,
            SubPath = argument.SubPath is { } part ? Text(part) : null,
        };
    }

    /// <summary>Where the copy of an output goes; null where it has no key and no format makes one.</summary>
    public static ArtifactLocation? Of(RunState run, Artifact output, Func<string, string> text)
    {
        if (output.Location is { } own) { return Substituted(own, text); }
        if (run.Workflow.KeyFormat is not { } format) { return null; }
        return new ArtifactLocation.InRepository(null, $"{text(format).Trim('/')}/{FileName(output, text)}");
    }

    public static ArtifactLocation Substituted(ArtifactLocation location, Func<string, string> text) => location switch
    {
        ArtifactLocation.Http h => h with { Url = text(h.Url), Headers = Substituted(h.Headers, text), User = Substituted(h.User, text), Password = Substituted(h.Password, text) },
        ArtifactLocation.Git g => g with
        {
            Repo = text(g.Repo),
            Revision = Optional(g.Revision, text),
            Branch = Optional(g.Branch, text),
            Depth = Optional(g.Depth, text),
            Fetch = [.. g.Fetch.Select(text)],
            User = Substituted(g.User, text),
            Password = Substituted(g.Password, text),
            SshKey = Substituted(g.SshKey, text),
        },
        ArtifactLocation.InRepository r => new ArtifactLocation.InRepository(Optional(r.Bucket, text), text(r.Key)),
        _ => location,
    };

    public static HttpCall Substituted(HttpCall call, Func<string, string> text) => call with
    {
        Method = text(call.Method),
        Url = text(call.Url),
        Headers = Substituted(call.Headers, text),
        Body = Optional(call.Body, text),
        SuccessCondition = Optional(call.SuccessCondition, text),
    };

    public static string? Below(string? above, string part) => string.IsNullOrEmpty(above) ? part : $"{above.TrimEnd('/')}/{part}";

    /// <summary>What of a spec's places decides its outputs; nothing of one that has none. Secrets count by their name.</summary>
    public static IEnumerable<string> Lines(AttemptSpec spec)
    {
        foreach (var input in spec.Inputs.Where(i => i.Location is not null || i.SubPath is not null || i.RecurseMode))
        {
            yield return $"input {input.Name}\n{(input.Location is { } l ? Line(l) : "")}\n{input.Archive}\n{input.SubPath}\n{input.RecurseMode}";
        }
        foreach (var output in spec.OutputArtifacts.Where(o => o.Location is not null)) { yield return $"output {output.Name}\n{Line(output.Location!)}\n{output.Archive}"; }
        if (spec.Http is { } call)
        {
            yield return $"http {call.Method}\n{call.Url}\n{call.Body}\n{call.SuccessCondition}\n{string.Join('\n', call.Headers)}";
        }
        if (spec.Keys is { } keys) { yield return $"keys {Line(keys.Source)}\n{string.Join('\n', keys.Transformation)}"; }
    }

    private static string Line(ArtifactLocation location) => location switch
    {
        ArtifactLocation.Http h => $"{h with { Headers = [] }}\n{string.Join('\n', h.Headers)}",
        ArtifactLocation.Git g => $"{g with { Fetch = [] }}\n{string.Join('\n', g.Fetch)}",
        _ => location.ToString(),
    };

    // Argo's names; of a file that is not packed its own.
    private static string FileName(Artifact output, Func<string, string> text) => output.Archive?.Kind switch
    {
        ArchiveKind.None => text(output.Path!).TrimEnd('/') is var path && path.LastIndexOf('/') is >= 0 and var slash ? path[(slash + 1)..] : text(output.Path!),
        ArchiveKind.Zip => $"{output.Name}.zip",
        _ => $"{output.Name}.tgz",
    };

    private static ImmutableArray<HttpHeader> Substituted(ImmutableArray<HttpHeader> headers, Func<string, string> text) =>
        [.. headers.Select(h => h with { Value = Optional(h.Value, text), Secret = Substituted(h.Secret, text) })];

    private static KeyRef? Substituted(KeyRef? key, Func<string, string> text) => key is null ? null : key with { Name = text(key.Name), Key = text(key.Key) };

    private static string? Optional(string? text, Func<string, string> substitute) => text is null ? null : substitute(text);
}
