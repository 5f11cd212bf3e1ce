using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>Reads what <c>--images</c> names: what stands for container images on this machine.</summary>
/// <remarks>
/// <code>
/// images:
///   my/tool:v2: {entrypoint: [tool], command: [--help], path: [bin], workingDir: /data, files: {/tool: bin/tool}}
///   "python:*": {path: []}
/// </code>
/// </remarks>
public static class ImagesFile
{
    private static readonly FieldTable Document = new("the images file", "images");

    private static readonly FieldTable Image = new("image", "entrypoint command path workingDir files");

    /// <param name="fileName">As it is to stand in messages.</param>
    /// <param name="folder">Absolute; relative paths begin in it.</param>
    /// <returns>By <see cref="LocalImages.Key"/>; none where there are errors.</returns>
    public static (ImmutableSortedDictionary<string, LocalImage> Images, ImmutableArray<Problem> Problems) Read(
        string fileName, ReadOnlySpan<byte> utf8, string folder)
    {
        var problems = new Problems(fileName);
        var images = LocalImages.None.ToBuilder();
        foreach (var document in YamlTree.Read(utf8, problems).Where(d => !d.IsNull))
        {
            if (Fields.Of(document, Document, problems) is not { } fields || fields.Value("images") is not { } map) { continue; }
            if (map.Kind is not YamlKind.Mapping)
            {
                problems.Error(map, $"images is {map.Name}; write a map of images, such as `my/tool:v2: {{entrypoint: [tool]}}`");
                continue;
            }
            foreach (var (key, value) in map.Entries)
            {
                var image = new LocalImage([], [], [], null, ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));
                if (Fields.Of(value, Image, problems) is { } entry) { image = Read(entry, folder, problems); }
                if (!images.TryAdd(LocalImages.Key(key.Text), image)) { problems.Error(key, $"image {key.Text.Quoted()} stands here twice; remove one of the two"); }
            }
        }
        if (problems.HasErrors) { images.Clear(); }
        return (images.ToImmutable(), problems.InFileOrder());
    }

    private static LocalImage Read(Fields fields, string folder, Problems problems)
    {
        var path = fields.Texts("path");
        if (path.Append(folder).Any(p => p.Contains(':', StringComparison.Ordinal)) && !path.IsEmpty)
        {
            problems.Error(fields.Value("path")!, "a folder of path has a ':' in it or above it, which no PATH can hold; move it");
        }
        var files = fields.TextMap("files");
        if (files.Keys.FirstOrDefault(f => !f.StartsWith('/')) is { } relative)
        {
            problems.Error(fields.Value("files")!, $"files names {relative.Quoted()}, which is no place in an image; write an absolute path");
        }
        return new LocalImage(
            fields.Texts("entrypoint"),
            fields.Texts("command"),
            [.. path.Select(p => Path.GetFullPath(p, folder))],
            fields.Text("workingDir"),
            files.ToImmutableSortedDictionary(f => f.Key, f => Path.GetFullPath(f.Value, folder), StringComparer.Ordinal));
    }
}
