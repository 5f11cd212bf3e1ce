using System.Text.RegularExpressions;
using Pawl.Core.Expressions;

namespace Pawl.Core.Workflows;

/// <summary>Argo's <c>memoize</c>: what was made under a key once is not made again; texts may hold tags.</summary>
/// <param name="MaxAge">A Go duration; null or empty is for ever.</param>
/// <param name="Cache">Name of the config map that Argo keeps it in.</param>
public sealed partial record Memoize(string Key, string? MaxAge, string Cache)
{
    /// <exception cref="ExpressionException">The key is none that Argo takes, or the age is no duration.</exception>
    public MemoKey Resolve(Scope scope)
    {
        var key = Substitution.Apply(Key, scope);
        if (!Allowed().IsMatch(key)) { throw new ExpressionException($"invalid cache key: {key}", 1); }
        var age = MaxAge is { Length: > 0 } written ? Substitution.Apply(written, scope) : "";
        if (age.Length == 0) { return new(Substitution.Apply(Cache, scope), key, null); }
        return Durations.TryParse(age, out var most) && !age.All(char.IsAsciiDigit)
            ? new(Substitution.Apply(Cache, scope), key, most)
            : throw new ExpressionException($"invalid maxAge: '{age}' is not a duration with a unit; write 10s, or 24h", 1);
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9][-a-zA-Z0-9]*\z")]
    private static partial Regex Allowed();
}

/// <summary>Under what the outputs of a node are kept.</summary>
/// <param name="MaxAge">Older ones count for nothing; null is for ever.</param>
public sealed record MemoKey(string Cache, string Key, TimeSpan? MaxAge)
{
    /// <summary>The key is the digest of all that decides the outputs, made when they are looked up; null is a key that the user wrote.</summary>
    public bool? ByContent { get; init; }

    public static MemoKey OfContent(TimeSpan? maxAge) => new(CacheAnnotations.Cache, "", maxAge) { ByContent = true };
}
