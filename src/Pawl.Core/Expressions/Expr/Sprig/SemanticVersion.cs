using System.Globalization;

namespace Pawl.Core.Expressions.Expr;

/// <summary>A version by semver.org, and the conditions on it that Masterminds/semver knows.</summary>
/// <param name="Parts">How many of major, minor and patch were written; the others are 0.</param>
internal sealed record SemanticVersion(long Major, long Minor, long Patch, string Prerelease, string Metadata, string Original, int Parts)
    : IComparable<SemanticVersion>
{
    /// <summary>Null where it is none. A leading v and missing parts are allowed.</summary>
    public static SemanticVersion? Parse(string text)
    {
        if (text.Length is 0 or > 256) { return null; }
        var rest = text[0] == 'v' ? text[1..] : text;
        var (core, metadata) = Cut(rest, '+');
        var (numbers, prerelease) = Cut(core, '-');
        if (metadata == "" || prerelease == "" || !IsIdentifier(metadata) || !IsIdentifier(prerelease)) { return null; }
        var parts = numbers.Split('.');
        if (parts.Length > 3) { return null; }
        var values = new long[3];
        for (var i = 0; i < parts.Length; i++)
        {
            if (GoNumber.ParseInt(parts[i], 10) is not { } value) { return null; }
            values[i] = value;
        }
        return new SemanticVersion(values[0], values[1], values[2], prerelease ?? "", metadata ?? "", text, parts.Length);
    }

    private static (string Before, string? After) Cut(string text, char at)
    {
        var i = text.IndexOf(at, StringComparison.Ordinal);
        return i < 0 ? (text, null) : (text[..i], text[(i + 1)..]);
    }

    private static bool IsIdentifier(string? text) =>
        text is null || text.Split('.').All(part => part.Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));

    /// <summary>What a template reads: <c>sprig.semver("1.2.3").Major</c>.</summary>
    public ExprMap ToMap() => new()
    {
        ["Major"] = Major,
        ["Minor"] = Minor,
        ["Patch"] = Patch,
        ["Prerelease"] = Prerelease,
        ["Metadata"] = Metadata,
        ["Original"] = Original,
    };

    public int CompareTo(SemanticVersion? other)
    {
        if (other is null) { return 1; }
        var order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        return order != 0 || Prerelease == other.Prerelease ? order
            : Prerelease.Length == 0 ? 1
            : other.Prerelease.Length == 0 ? -1
            : ComparePrerelease(Prerelease.Split('.'), other.Prerelease.Split('.'));
    }

    // Numbers are below words, and fewer parts below more.
    private static int ComparePrerelease(string[] a, string[] b)
    {
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            var (x, y) = (GoNumber.ParseInt(a[i], 10), GoNumber.ParseInt(b[i], 10));
            var order = (x, y) switch
            {
                ({ } m, { } n) => m.CompareTo(n),
                (not null, null) => -1,
                (null, not null) => 1,
                _ => string.CompareOrdinal(a[i], b[i]),
            };
            if (order != 0) { return order; }
        }
        return a.Length.CompareTo(b.Length);
    }

    /// <summary>sprig.semverCompare(condition, version).</summary>
    public static bool Matches(ExprCall c)
    {
        var version = Parse(c.Text(1)) ?? throw c.Fail("Invalid Semantic Version");
        if (c.Text(0).Length > 1000) { throw c.Fail("the constraint is longer than 1,000 characters"); }
        return c.Text(0).Split("||").Any(all => Words(all).All(one => Holds(one, version) ?? throw c.Fail($"improper constraint: {c.Text(0)}")));
    }

    // ">= 1.2, < 2" and ">=1.2 <2" and "1.2 - 1.4".
    private static List<string> Words(string conditions)
    {
        var words = new List<string>();
        foreach (var word in conditions.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            if (word == "-" && words.Count > 0)
            {
                words[^1] = ">=" + words[^1];
                words.Add("<=");
            }
            else if (words.Count > 0 && words[^1].All(ch => "<>=!~^".Contains(ch, StringComparison.Ordinal))) { words[^1] += word; }
            else { words.Add(word); }
        }
        return words.Count == 0 ? ["*"] : words;
    }

    private static bool? Holds(string condition, SemanticVersion version)
    {
        var sign = new string([.. condition.TakeWhile(ch => "<>=!~^".Contains(ch, StringComparison.Ordinal))]);
        var text = condition[sign.Length..];
        var kept = text.Split('.').TakeWhile(part => part is not ("*" or "x" or "X")).ToList();
        var isWild = kept.Count < text.Split('.').Length;
        if (kept.Count == 0) { return sign is not ("!=" or "<" or ">") && version.Prerelease.Length == 0; }
        if (Parse(string.Join('.', kept)) is not { } wanted) { return null; }
        // A pre-release is meant only where the condition names one.
        if (version.Prerelease.Length > 0 && wanted.Prerelease.Length == 0) { return false; }
        var isPartial = isWild || wanted.Parts < 3;
        return sign switch
        {
            "" or "=" => isPartial ? Within(wanted, wanted.Parts) : version.CompareTo(wanted) == 0,
            "!=" => isPartial ? !Within(wanted, wanted.Parts) : version.CompareTo(wanted) != 0,
            ">" => isPartial ? version.CompareTo(wanted) > 0 && !Within(wanted, wanted.Parts) : version.CompareTo(wanted) > 0,
            ">=" or "=>" => version.CompareTo(wanted) >= 0,
            "<" => version.CompareTo(wanted) < 0,
            "<=" or "=<" => version.CompareTo(wanted) <= 0 || (isPartial && Within(wanted, wanted.Parts)),
            "~" or "~>" => version.CompareTo(wanted) >= 0 && Within(wanted, Math.Min(wanted.Parts, 2)),
            "^" => version.CompareTo(wanted) >= 0
                && Within(wanted, wanted.Major > 0 || wanted.Parts == 1 ? 1 : wanted.Minor > 0 || wanted.Parts == 2 ? 2 : 3),
            _ => null,
        };

        bool Within(SemanticVersion of, int parts) => version.Major == of.Major
            && (parts < 2 || version.Minor == of.Minor) && (parts < 3 || version.Patch == of.Patch);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");
}
