using Pawl.Core.Workflows;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Checks;

/// <summary>Says of a template whose outputs are kept for later runs what makes it keep something that may not stay true, and what makes it keep nothing.</summary>
internal sealed class CacheChecks(TemplateSource source, Workflow workflow, Problems problems)
{
    private const int CommitLength = 40;

    // No two runs have the same.
    private static readonly string[] OfOneRun = ["pod.name", "node.name", "workflow.name", "workflow.uid", "workflow.duration", "workflow.creationTimestamp"];

    public void Run()
    {
        if (source.Template is not { } template) { return; }
        var (cache, external) = (Annotation(CacheAnnotations.Cache), Annotation(CacheAnnotations.ExternalState));
        var isCached = cache is not null && cache.Text != "never";
        if (template.Memoize is null && !isCached)
        {
            if (Annotation(CacheAnnotations.MaxAge) is { } age) { problems.Notice(age, $"{CacheAnnotations.MaxAge} has no effect without `{CacheAnnotations.Cache}: auto`; write both, or none"); }
            return;
        }
        if (external is { Text: "true" })
        {
            problems.Notice(external, $"{CacheAnnotations.ExternalState} says that nothing of the template may be kept, so {(template.Memoize is null ? CacheAnnotations.Cache : "memoize")} has no effect; remove one of the two");
            return;
        }
        if (template.Memoize is not null && isCached)
        {
            problems.Notice(cache!, $"the template has memoize, whose key counts, so {CacheAnnotations.Cache} has no effect; remove one of the two");
        }
        if (template.Memoize is null && NoticeUnkept(template, cache!)) { return; }
        NoticeOutside(template);
    }

    private YamlNode? Annotation(string name) =>
        source.Node.Field("annotations")?.Field(name) ?? source.Node.Field("metadata")?.Field("annotations")?.Field(name);

    /// <returns>True where nothing of the template is ever kept, whatever it is given.</returns>
    private bool NoticeUnkept(Template template, YamlNode cache)
    {
        void Never(YamlNode at, string why) => problems.Notice(at, $"nothing of the template is taken from the cache: {why}");
        if (template.Body is not TemplateBody.Leaf leaf)
        {
            Never(cache, $"it is {source.Type}; write {CacheAnnotations.Cache} in the templates that it calls, where a program runs");
            return true;
        }
        if (template.IsDaemon)
        {
            Never(cache, "a daemon leaves no outputs that others could do with");
            return true;
        }
        var found = false;
        foreach (var container in leaf.Together.Concat(leaf.Init.Select(i => i.Container)))
        {
            foreach (var mount in container.VolumeMounts.Where(m => IsShared(template, m.Volume)).DistinctBy(m => m.Volume))
            {
                Never(cache, $"it mounts the volume {mount.Volume.Quoted()}, which others see, and what it does there stands in no output");
                found = true;
            }
        }
        foreach (var output in source.Outputs.Artifacts.Where(o => o.Artifact.Location is not null))
        {
            Never(output.At, $"its output {output.Name.Quoted()} is written to a place of its own too; leave that out, or the cache");
            found = true;
        }
        if (leaf.Http is { } http && http.Method is not ("GET" or "HEAD") && !Tags.AnyIn(http.Method))
        {
            Never(source.Node.Field("http")!, $"a {http.Method} changes something where it goes to");
            found = true;
        }
        foreach (var text in Texts(source.Node))
        {
            if (OfOneRun.FirstOrDefault(name => Tags.In(text.Text).Any(t => t.Tag == name || t.Tag.StartsWith(name + ".", StringComparison.Ordinal))) is not { } name) { continue; }
            Never(text, $"{{{{{name}}}}} is another one in every run; hand in what the step needs as a parameter");
            found = true;
        }
        return found;
    }

    private bool IsShared(Template template, string volume) =>
        template.Volumes.Concat(workflow.Volumes).FirstOrDefault(v => v.Name == volume)?.Source is VolumeSource.HostPath or VolumeSource.Claim or VolumeSource.RunClaim;

    private static IEnumerable<YamlNode> Texts(YamlNode node) => node.Kind is YamlKind.Scalar
        ? [node]
        : node.Items.Concat(node.Entries.Select(e => e.Value)).SelectMany(Texts);

    // The key says what decides the outputs. These decide them too, and stand in no key.
    private void NoticeOutside(Template template)
    {
        var kept = template.Memoize is null ? "cached" : "memoized";
        var age = template.Memoize is null ? CacheAnnotations.MaxAge : "a maxAge";
        void Notice(YamlNode at, string what, string instead) => problems.Notice(at, $"the template is {kept}, and {what} may change while its key stays the same; write {instead}");
        foreach (var image in Images())
        {
            if (image.Text.Contains("@sha256:", StringComparison.Ordinal)) { continue; }
            var tag = image.Text.LastIndexOf(':') is var colon && colon > image.Text.LastIndexOf('/') ? image.Text[(colon + 1)..] : "latest";
            Notice(image, $"the image {image.Text.Quoted()}, which is {(tag == "latest" ? "whatever is newest" : "not named by its digest")},", "its digest after the name: `NAME@sha256:DIGEST`");
        }
        if (source.Node.Field("http") is { } http) { Notice(http, "what it asks for over http", age); }
        foreach (var artifact in source.Node.Field("inputs")?.Field("artifacts")?.Items ?? [])
        {
            if (artifact.Field("http") is { } file) { Notice(file, "the file that it reads over http", $"what does not change, or {age}"); }
            if (artifact.Field("git") is { } git && !(git.Field("revision") is { } revision && (IsCommit(revision.Text) || Tags.AnyIn(revision.Text))))
            {
                Notice(git, "the git revision that it reads, which is no commit,", "a commit of 40 hex digits as its revision");
            }
        }
    }

    private IEnumerable<YamlNode> Images() =>
        ((IEnumerable<YamlNode?>)[source.Node.Field("container"), source.Node.Field("script"), .. source.Node.Field("containerSet")?.Field("containers")?.Items ?? [],
            .. source.Node.Field("initContainers")?.Items ?? [], .. source.Node.Field("sidecars")?.Items ?? []])
        .Select(c => c?.Field("image")).OfType<YamlNode>().Where(i => i is { Kind: YamlKind.Scalar, Text.Length: > 0 } && !Tags.AnyIn(i.Text));

    private static bool IsCommit(string revision) => revision.Length == CommitLength && revision.All(char.IsAsciiHexDigitLower);
}
