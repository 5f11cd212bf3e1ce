using System.Globalization;
using System.Text.RegularExpressions;

namespace Pawl.Core.Workflows;

/// <summary>Kubernetes' notation for amounts.</summary>
public static partial class Quantities
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60),
        ("n", 1e-9m), ("u", 1e-6m), ("m", 1e-3m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m), ("", 1),
    ];

    /// <summary>A Kubernetes quantity such as <c>500m</c>, <c>2Gi</c>, <c>1e3</c>, times <paramref name="unit"/>, rounded up.</summary>
    /// <returns>Null where it is none, or negative, or beyond 64 bits.</returns>
    public static long? Parse(string text, decimal unit)
    {
        if (!Pattern().IsMatch(text)) { return null; }
        var hasExponent = ExponentPattern().IsMatch(text);
        var (suffix, factor) = hasExponent ? ("", 1m) : Suffixes.First(s => text.EndsWith(s.Suffix, StringComparison.Ordinal));
        try
        {
            var number = decimal.Parse(text[..^suffix.Length], NumberStyles.Float, CultureInfo.InvariantCulture);
            return number < 0 ? null : checked((long)decimal.Ceiling(number * factor * unit));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^[+-]?([0-9]{1,25}(\.[0-9]{0,25})?|\.[0-9]{1,25})(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"[eE][+-]?[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex ExponentPattern();
}
