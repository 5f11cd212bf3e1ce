using Pawl.Core.Workflows;

namespace Pawl.Manifests.Argo;

/// <summary>Reads the <c>memoize</c> of a template.</summary>
internal sealed class MemoizeReader(Problems problems)
{
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
        return new Memoize(key, memoize.Text("maxAge"), name);
    }
}
