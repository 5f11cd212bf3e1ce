namespace Pawl.Core.Expressions.Expr;

/// <summary>Sprig's paths and addresses: texts only, nothing is looked at.</summary>
internal static class SprigPaths
{
    public static ExprFamily All { get; } = Os(new()
    {
        { "base", 1, c => c.Made(Base(c.Text(0))) },
        { "dir", 1, c => c.Made(Dir(c.Text(0))) },
        { "clean", 1, c => c.Made(Clean(c.Text(0))) },
        { "ext", 1, c => c.Made(Ext(c.Text(0))) },
        { "isAbs", 1, c => c.Text(0) is ['/', ..] },
    }, new()
    {
        { "urlParse", 1, Parse },
        { "urlJoin", 1, Join },
    });

    // osBase and so on: on Linux the same.
    private static ExprFamily Os(ExprFamily family, ExprFamily others)
    {
        foreach (var (name, function) in family.ToList())
        {
            others.Add(name, function);
            others.Add($"os{char.ToUpperInvariant(name[0])}{name[1..]}", function);
        }
        return others;
    }

    private static string Base(string path)
    {
        if (path.Length == 0) { return "."; }
        var trimmed = path.TrimEnd('/');
        return trimmed.Length == 0 ? "/" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    private static string Dir(string path) => Clean(path[..(path.LastIndexOf('/') + 1)]);

    private static string Ext(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name.LastIndexOf('.') is var dot and >= 0 ? name[dot..] : "";
    }

    private static string Clean(string path)
    {
        var isRooted = path is ['/', ..];
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".") { continue; }
            if (part == ".." && parts.Count > 0 && parts[^1] != "..") { parts.RemoveAt(parts.Count - 1); }
            else if (part != ".." || !isRooted) { parts.Add(part); }
        }
        var clean = string.Join('/', parts);
        return isRooted ? "/" + clean : clean.Length == 0 ? "." : clean;
    }

    private static ExprMap Parse(ExprCall c)
    {
        var rest = c.Made(c.Text(0));
        string After(char mark)
        {
            var at = rest.IndexOf(mark, StringComparison.Ordinal);
            var after = at < 0 ? "" : rest[(at + 1)..];
            rest = at < 0 ? rest : rest[..at];
            return after;
        }
        var fragment = After('#');
        var query = After('?');
        var scheme = rest.IndexOf(':', StringComparison.Ordinal);
        var hasScheme = scheme > 0 && char.IsAsciiLetter(rest[0]) && rest[..scheme].All(ch => char.IsAsciiLetterOrDigit(ch) || ch is '+' or '-' or '.');
        var map = new ExprMap
        {
            ["scheme"] = hasScheme ? rest[..scheme].ToLowerInvariant() : "",
            ["fragment"] = fragment,
            ["query"] = query,
            ["opaque"] = "",
            ["userinfo"] = "",
            ["host"] = "",
        };
        if (hasScheme) { rest = rest[(scheme + 1)..]; }
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var end = rest.IndexOf('/', 2) is var slash and >= 0 ? slash : rest.Length;
            var authority = rest[2..end];
            var at = authority.LastIndexOf('@');
            map["userinfo"] = at < 0 ? "" : authority[..at];
            map["host"] = authority[(at + 1)..];
            rest = rest[end..];
        }
        else if (hasScheme && rest is not ['/', ..])
        {
            map["opaque"] = rest;
            rest = "";
        }
        map["path"] = rest;
        map["hostname"] = ((string)map["host"]!).Split(':')[0];
        return map;
    }

    private static string Join(ExprCall c)
    {
        var map = c.Map(0);
        string Part(string key) => map.TryGetValue(key, out var value) ? value as string ?? throw c.Fail($"{key} is no string") : "";
        var (scheme, opaque, user, host) = (Part("scheme"), Part("opaque"), Part("userinfo"), Part("host"));
        var (path, query, fragment) = (Part("path"), Part("query"), Part("fragment"));
        var authority = host.Length + user.Length == 0 ? "" : $"//{(user.Length > 0 ? user + "@" : "")}{host}";
        if (authority.Length > 0 && path.Length > 0 && path[0] != '/') { path = "/" + path; }
        return c.Made(string.Concat(
            scheme.Length > 0 ? scheme + ":" : "",
            opaque.Length > 0 ? opaque : authority + path,
            query.Length > 0 ? "?" + query : "",
            fragment.Length > 0 ? "#" + fragment : ""));
    }
}
