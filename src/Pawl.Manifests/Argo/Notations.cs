using System.Text.RegularExpressions;

namespace Pawl.Manifests.Argo;

/// <summary>The small notations of Kubernetes, Go and container images.</summary>
internal static partial class Notations
{
    // 255 of the name, a tag of 128, a digest; it also bounds the work of the pattern.
    private const int LongestImage = 640;

    /// <summary>Whole seconds as Argo takes them (<c>30</c>), or a Go duration (<c>300ms</c>, <c>1h30m</c>).</summary>
    public static bool IsDuration(string text) =>
        text.Length is > 0 and <= 60 && (SecondsPattern().IsMatch(text) || GoDurationPattern().IsMatch(text));

    /// <summary>The name[:tag][@digest] grammar of container images (distribution/reference).</summary>
    public static bool IsImage(string text) => text.Length <= LongestImage && ImagePattern().IsMatch(text);

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
