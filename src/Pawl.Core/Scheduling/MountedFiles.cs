using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>The files of a volume that is made of texts.</summary>
internal static class MountedFiles
{
    /// <exception cref="ExpressionException">A config map or a key that is not optional is missing.</exception>
    public static IEnumerable<MountedFile> Of(Workflow workflow, Template template, VolumeSource.Files volume, Func<string, string> text) =>
        volume.Parts.SelectMany(part => part switch
        {
            FileSource.OfText t => [new MountedFile(text(t.Path), text(t.Text), null, null, false, t.Mode)],
            FileSource.OfPairs p => [new MountedFile(text(p.Path), Pairs(p.Annotations ? template.Annotations : workflow.Labels, text), null, null, false, p.Mode)],
            FileSource.OfKeys { Origin: EnvOrigin.Secret } s => OfSecret(s, text),
            FileSource.OfKeys m => OfConfigMap(workflow.ConfigMaps, m, text),
            _ => Enumerable.Empty<MountedFile>(),
        });

    private static IEnumerable<MountedFile> OfSecret(FileSource.OfKeys secret, Func<string, string> text)
    {
        var name = text(secret.Object);
        return secret.Items.IsEmpty
            ? [new MountedFile("", null, name, null, secret.Optional, secret.Mode)]
            : secret.Items.Select(i => new MountedFile(text(i.Path), null, name, text(i.Key), secret.Optional, i.Mode ?? secret.Mode));
    }

    private static IEnumerable<MountedFile> OfConfigMap(ConfigMaps maps, FileSource.OfKeys source, Func<string, string> text)
    {
        var name = text(source.Object);
        if (!maps.ByName.TryGetValue(name, out var map))
        {
            if (source.Optional) { yield break; }
            throw new ExpressionException(maps.Missing(new KeyRef(name, "")), 1);
        }
        var items = source.Items.IsEmpty ? map.Keys.Select(key => new KeyItem(key, key, null)) : source.Items;
        foreach (var item in items)
        {
            var key = new KeyRef(name, text(item.Key));
            if (maps.Find(key) is { } value) { yield return new MountedFile(text(item.Path), value, null, null, false, item.Mode ?? source.Mode); }
            else if (!source.Optional) { throw new ExpressionException(maps.Missing(key), 1); }
        }
    }

    // As the kubelet writes them.
    private static string Pairs(IReadOnlyDictionary<string, string> pairs, Func<string, string> text) =>
        string.Join('\n', pairs.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={JsonText.Quote(text(p.Value))}"));
}
