using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Conformance;

/// <summary>A row's manifest as pawl reads it.</summary>
/// <param name="Result">Read strictly, but where Argo's reader has to be told to pass over something and then takes it.</param>
/// <param name="Problems">Those of lint and those that only a submission has.</param>
internal sealed partial record Reading(Row Row, ManifestResult Result, bool Strict, ImmutableArray<Problem> Problems)
{
    private static readonly ManifestOptions Options = new() { Images = StandIns.Images };

    public bool HasErrors => Result.HasErrors;

    /// <summary>What of Argo is not read yet, by field.</summary>
    public IEnumerable<string> Missing => Problems.Where(p => p.Severity is Severity.Unsupported)
        .Select(p => Class(p.Message.Split(" is not supported")[0])).Distinct().Order(StringComparer.Ordinal);

    /// <param name="library">Has what the row refers to.</param>
    public static Reading Of(Row row, Conformance.Library library)
    {
        var utf8 = File.ReadAllBytes(row.File);
        var files = library.ClosureOf(row).Select((text, i) => new ManifestText($"referred-{i}.yaml", Encoding.UTF8.GetBytes(text)));
        var options = Options with { Buckets = StandIns.BucketsOf(row, library), Library = new Pawl.Manifests.Linking.Library(files) };
        var strict = ManifestReader.Read(row.Path, utf8, options);
        if (!strict.HasErrors || row.IsInvalid) { return Of(row, strict, isStrict: true); }
        var lenient = ManifestReader.Read(row.Path, utf8, options with { Strict = false });
        return lenient.HasErrors ? Of(row, strict, isStrict: true) : Of(row, lenient, isStrict: false);
    }

    /// <summary>Whether it is refused where Argo refuses it, and for what Argo says, and taken where Argo takes it.</summary>
    public Verdict Validity()
    {
        var errors = Problems.Where(p => p.Severity is Severity.Error).ToList();
        if (Row.IsInvalid)
        {
            return errors.Count == 0 ? Verdict(Missing.Any() ? NotYet : "accepted, though Argo refuses it", Row.Message.FirstOrDefault() ?? "")
                : errors.Any(e => Row.Message.All(part => e.ToString().Contains(part, StringComparison.Ordinal))) ? Verdict("")
                : Verdict("refused, but not in Argo's words", $"{string.Join(" ~ ", Row.Message)} is not in: {errors[0].Message}");
        }
        // A value that is missing may still be given with the command.
        return Result.Problems.FirstOrDefault(p => p.Severity is Severity.Error) is { } error ? Verdict($"refused, though Argo takes it: {Class(error.Message)}", error.ToString())
            : Missing.FirstOrDefault(m => m.StartsWith("kind ", StringComparison.Ordinal)) is { } kind ? Verdict($"not supported yet: {kind}")
            : Verdict("");
    }

    /// <summary>Without what the manifest itself says: a message quotes it.</summary>
    public static string Class(string message) => Quoted().Replace(message.Split(';')[0], "…").Trim();

    private string NotYet => $"not supported yet: {string.Join(", ", Missing)}";

    private static Reading Of(Row row, ManifestResult result, bool isStrict) =>
        new(row, result, isStrict, [.. result.Problems, .. ManifestReader.MissingArguments(result)]);

    private Verdict Verdict(string reason, string remark = "") => new(Row, Check.Validity, reason, remark.Length == 0 && !Strict ? "with --strict=false" : remark);

    [GeneratedRegex("'[^']*'|\\{\\{[^}]*\\}\\}|(?<=(parameters|artifacts)\\.)[-A-Za-z0-9_]+")]
    private static partial Regex Quoted();
}
