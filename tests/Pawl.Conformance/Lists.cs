using System.Text.RegularExpressions;

namespace Pawl.Conformance;

/// <summary>What is known not to pass, and why.</summary>
internal static partial class Lists
{
    private static readonly string NotYetFile = Checkout.Own("not-yet.txt");

    /// <summary>By row, the reason for which it will not pass, from the table of exceptions that users read.</summary>
    public static IReadOnlyDictionary<string, string> Exceptions { get; } = ReadExceptions();

    /// <summary>By check and row, why it does not pass yet.</summary>
    public static IReadOnlyDictionary<string, string> NotYet { get; } = ReadNotYet();

    /// <summary>Writes the list anew for these verdicts; what was not looked at keeps its line.</summary>
    public static void Update(IReadOnlyCollection<Verdict> verdicts)
    {
        var seen = verdicts.Select(v => v.Key).ToHashSet(StringComparer.Ordinal);
        var lines = ReadNotYet().Where(n => !seen.Contains(n.Key)).Select(n => (n.Key, Reason: n.Value))
            .Concat(verdicts.Where(v => !v.Passed && !Exceptions.ContainsKey(v.Row.Name)).Select(v => (v.Key, v.Reason)))
            .OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}\t{l.Reason}");
        File.WriteAllLines(NotYetFile,
        [
            "# Checks of rows that do not pass yet, and why. A row that is not listed has to pass.",
            "# Written by PAWL_CONFORMANCE_UPDATE=1 ./test Conformance; review it like code.",
            .. lines,
        ]);
    }

    private static Dictionary<string, string> ReadNotYet() => !File.Exists(NotYetFile) ? []
        : File.ReadLines(NotYetFile).Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('\t')).ToDictionary(c => c[0], c => c[1], StringComparer.Ordinal);

    // | `path` | reason | below the heading "Exceptions".
    private static Dictionary<string, string> ReadExceptions()
    {
        var page = Checkout.At("docs", "argo-coverage.md");
        if (!File.Exists(page)) { return []; }
        return File.ReadLines(page).SkipWhile(l => !l.StartsWith('#') || !l.EndsWith("Exceptions", StringComparison.Ordinal)).Skip(1).TakeWhile(l => !l.StartsWith('#'))
            .Select(l => ExceptionLine().Match(l)).Where(m => m.Success)
            .ToDictionary(m => $"argo/{m.Groups["path"].Value}", m => m.Groups["reason"].Value.Trim(), StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^\| *`(?<path>[^`]+)` *\|(?<reason>[^|]+)\|")]
    private static partial Regex ExceptionLine();
}
