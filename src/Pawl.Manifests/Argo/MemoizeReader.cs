using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads the <c>memoize</c> of a template, and says what makes it keep something that may not stay true.</summary>
internal sealed class MemoizeReader(Problems problems)
{
    private const int CommitLength = 40;

    public Memoize? Read(Fields template)
    {
        if (template.Map("memoize", Tables.Memoize) is not { } memoize) { return null; }
        var map = memoize.Map("cache", Tables.Cache)?.Map("configMap", Tables.CacheMap);
        if (map?.Text("name") is not { Length: > 0 } name)
        {
            if (map is null || !map.Has("name")) { problems.Error(memoize.Node, "memoize without a cache; write `cache: {configMap: {name: NAME}}`"); }
            return null;
        }
        if (memoize.Text("key") is not { Length: > 0 } key)
        {
            if (!memoize.Has("key")) { problems.Error(memoize.Node, "memoize without a key; write `key: TEXT`, with tags for all that decides the outputs"); }
            return null;
        }
        NoticeOutside(template);
        return new Memoize(key, memoize.Text("maxAge"), name);
    }

    // The key says what decides the outputs. These decide them too, and stand in no key.
    private void NoticeOutside(Fields template)
    {
        foreach (var field in (string[])["container", "script"])
        {
            if (template.Value(field)?.Field("image") is { Kind: YamlKind.Scalar, Text.Length: > 0 } image && !Tags.AnyIn(image.Text)) { NoticeImage(image); }
        }
        if (template.Key("http") is { } http) { Notice(http, "what it asks for over http"); }
        foreach (var artifact in template.Value("inputs")?.Field("artifacts")?.Items ?? [])
        {
            if (artifact.Field("http") is { } file) { Notice(file, "the file that it reads over http"); }
            if (artifact.Field("git") is { } git && !(git.Field("revision") is { } revision && IsCommit(revision.Text))) { Notice(git, "the git revision that it reads, which is no commit,"); }
        }
    }

    private void NoticeImage(YamlNode image)
    {
        if (image.Text.Contains("@sha256:", StringComparison.Ordinal)) { return; }
        var tag = image.Text.LastIndexOf(':') is var colon && colon > image.Text.LastIndexOf('/') ? image.Text[(colon + 1)..] : "latest";
        Notice(image, tag == "latest" ? $"the image {image.Text.Quoted()}, which is whatever is newest," : $"the image {image.Text.Quoted()}, which is not named by its digest,");
    }

    private void Notice(YamlNode at, string what) =>
        problems.Notice(at, $"the template is memoized, and {what} may change while its key stays the same; write what does not change, or a maxAge");

    private static bool IsCommit(string revision) => revision.Length == CommitLength && revision.All(char.IsAsciiHexDigitLower);
}
