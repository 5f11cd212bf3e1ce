using System.Globalization;
using System.Text.RegularExpressions;

namespace Pawl.Manifests.Argo;

/// <summary>The small notations of Kubernetes, Go and container images.</summary>
internal static partial class Notations
{
    // 255 of the name, a tag of 128, a digest; it also bounds the work of the pattern.
    private const int LongestImage = 640;

    private static readonly (string Suffix, decimal Factor)[] QuantitySuffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60),
        ("n", 1e-9m), ("u", 1e-6m), ("m", 1e-3m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m), ("", 1),
    ];

    /// <summary>A Kubernetes quantity such as <c>500m</c>, <c>2Gi</c>, <c>1e3</c>, times <paramref name="unit"/>, rounded up.</summary>
    /// <returns>Null where it is none, or negative, or beyond 64 bits.</returns>
    public static long? Quantity(string text, decimal unit)
    {
        if (!QuantityPattern().IsMatch(text)) { return null; }
        var hasExponent = ExponentPattern().IsMatch(text);
        var (suffix, factor) = hasExponent ? ("", 1m) : QuantitySuffixes.First(s => text.EndsWith(s.Suffix, StringComparison.Ordinal));
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

    /// <summary>Whole seconds as Argo takes them (<c>30</c>), or a Go duration (<c>300ms</c>, <c>1h30m</c>).</summary>
    public static bool IsDuration(string text) =>
        text.Length is > 0 and <= 60 && (SecondsPattern().IsMatch(text) || GoDurationPattern().IsMatch(text));

    /// <summary>The name[:tag][@digest] grammar of container images (distribution/reference).</summary>
    public static bool IsImage(string text) => text.Length <= LongestImage && ImagePattern().IsMatch(text);

    [GeneratedRegex(@"^[+-]?([0-9]{1,25}(\.[0-9]{0,25})?|\.[0-9]{1,25})(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$", RegexOptions.CultureInvariant)]
    private static partial Regex QuantityPattern();

    [GeneratedRegex(@"[eE][+-]?[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex ExponentPattern();

    [GeneratedRegex(@"^[+-]?[0-9]{1,18}$", RegexOptions.CultureInvariant)]
    private static partial Regex SecondsPattern();

    [GeneratedRegex(@"^[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$", RegexOptions.CultureInvariant)]
    private static partial Regex GoDurationPattern();

    private const string Domain = @"([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(:[0-9]+)?";
    private const string Part = @"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*";
    private const string Digest = @"@[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";

    [GeneratedRegex($@"^({Domain}/)?{Part}(/{Part})*(:[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?({Digest})?$", RegexOptions.CultureInvariant)]
    private static partial Regex ImagePattern();
}
