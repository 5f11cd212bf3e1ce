using Pawl.Core.Checkpoints;
using Pawl.Core.Expressions;

namespace Pawl.Core.Workflows;

/// <summary>Whether what a template makes is taken from an earlier run that made it of the same content.</summary>
/// <param name="IsOn">It is.</param>
/// <param name="HasExternalState">It changes or reads something that pawl does not see, so nothing of it is ever kept, not by <c>memoize</c> either.</param>
/// <param name="MaxAge">Older outputs count for nothing; null is for ever.</param>
public sealed record CachePolicy(bool IsOn, bool HasExternalState, TimeSpan? MaxAge)
{
    public static CachePolicy Default { get; } = new(false, false, null);
}

/// <summary>Reads <see cref="CachePolicy"/> from a template's annotations.</summary>
public static class CacheAnnotations
{
    public const string Cache = CheckpointAnnotations.Prefix + "cache";
    public const string MaxAge = CheckpointAnnotations.Prefix + "cache-max-age";
    public const string ExternalState = CheckpointAnnotations.Prefix + "external-state";

    public static IReadOnlyList<string> Names { get; } = [Cache, MaxAge, ExternalState];

    /// <summary>One of them is there.</summary>
    public static bool AnyIn(IReadOnlyDictionary<string, string> annotations) =>
        annotations.Count > 0 && (annotations.ContainsKey(Cache) || annotations.ContainsKey(ExternalState));

    /// <param name="annotations">Tags already replaced.</param>
    /// <param name="problem">Called with what is wrong with a value; that one then has its default.</param>
    public static CachePolicy Read(IEnumerable<KeyValuePair<string, string>> annotations, Action<string> problem)
    {
        var policy = CachePolicy.Default;
        foreach (var (name, text) in annotations)
        {
            policy = (name, text) switch
            {
                (Cache, "auto" or "never") => policy with { IsOn = text == "auto" },
                (Cache, _) => Wrong("write auto, or never"),
                (ExternalState, "true" or "false") => policy with { HasExternalState = text == "true" },
                (ExternalState, _) => Wrong("write \"true\", or \"false\", in quotes"),
                (MaxAge, _) => Durations.TryParse(text, out var age) && !text.All(char.IsAsciiDigit) ? policy with { MaxAge = age } : Wrong("write a duration with its unit, such as 24h"),
                _ => policy,
            };

            CachePolicy Wrong(string instead)
            {
                problem($"'{text}' cannot be {name}; {instead}");
                return policy;
            }
        }
        return policy;
    }

    /// <exception cref="ExpressionException">A value that a tag gave is none of those it may be.</exception>
    public static CachePolicy Of(Template template, Scope scope) => AnyIn(template.Annotations)
        ? Read(
            template.Annotations.Where(a => Names.Contains(a.Key)).Select(a => KeyValuePair.Create(a.Key, Substitution.Apply(a.Value, scope))),
            problem => throw new ExpressionException(problem, 1))
        : CachePolicy.Default;
}
