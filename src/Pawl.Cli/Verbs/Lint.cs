using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pawl.Cli.Views;
using Pawl.Manifests;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl lint FILE…</c>: says everything that is wrong with manifests, and runs nothing.</summary>
internal static class Lint
{
    private const int MostManifestBytes = 4 << 20;

    public static Verb Command()
    {
        var files = new Argument<string[]>("FILE") { Description = "Manifests, folders to search for them, or - for stdin", Arity = ArgumentArity.OneOrMore };
        var reading = new ManifestReading();
        var output = Common.Output(OutputForm.Json);
        var verb = new Verb("lint", "Check manifests without running them.", "pawl lint pipeline.yaml", "pawl lint manifests/ -o json") { files, output };
        reading.AddTo(verb);
        verb.SetAction(async (parsed, _) =>
        {
            string[] all = [.. parsed.GetRequiredValue(files).SelectMany(Files)];
            var options = await reading.OptionsAsync(parsed, home: null, all);
            var problems = new List<Problem>();
            foreach (var file in all) { problems.AddRange(await CheckAsync(file, options)); }
            if (parsed.GetValue(output) == OutputForm.Json) { Screen.Out.WriteLine(RunJson.Text(w => Write(w, problems))); }
            else
            {
                foreach (var line in Lines(problems)) { Screen.Out.WriteLine(line); }
            }
            return problems.Any(p => p.Severity is Severity.Error) ? ExitCodes.Failed : ExitCodes.Done;
        });
        return verb;
    }

    /// <summary>The problems, and Argo's summary below them.</summary>
    public static IEnumerable<string> Lines(IReadOnlyCollection<Problem> problems)
    {
        foreach (var problem in problems) { yield return Text.Clean(problem.ToString()); }
        var errors = problems.Count(p => p.Severity is Severity.Error);
        if (problems.Count > 0) { yield return ""; }
        yield return errors == 0
            ? "✔ no linting errors found!"
            : string.Create(CultureInfo.InvariantCulture, $"✖ {errors} linting errors found!");
    }

    private static async Task<ImmutableArray<Problem>> CheckAsync(string file, ManifestOptions options)
    {
        ReadOnlyMemory<byte> manifest;
        try { manifest = await InputFiles.ReadAsync(file, MostManifestBytes); }
        catch (VerbException e) { return [new Problem(Severity.Error, InputFiles.Shown(file), 1, 1, e.Message)]; }
        return ManifestReader.Read(InputFiles.Shown(file), manifest.Span, options).Problems;
    }

    /// <summary>The manifests in a folder and below it, in order; what is no folder is one itself.</summary>
    public static IEnumerable<string> Files(string path) => path == InputFiles.Stdin || !Directory.Exists(path)
        ? [path]
        : Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(f => Path.GetExtension(f) is ".yaml" or ".yml" or ".json")
            .Order(StringComparer.Ordinal);

    private static void Write(Utf8JsonWriter w, IEnumerable<Problem> problems)
    {
        w.WriteStartArray();
        foreach (var p in problems)
        {
            w.WriteStartObject();
            w.WriteString("file", p.File);
            w.WriteNumber("line", p.Line);
            w.WriteNumber("column", p.Column);
            w.WriteString("severity", p.Severity.ToString().ToLowerInvariant());
            w.WriteString("message", p.Message);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    }
}
