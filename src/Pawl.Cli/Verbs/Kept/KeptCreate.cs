using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Engine.Homes;
using Pawl.Manifests;

namespace Pawl.Cli.Verbs.Kept;

/// <summary>Keeps documents of some kinds in the home.</summary>
internal static class KeptCreate
{
    private const int MostManifestBytes = 4 << 20;

    public static Verb Command(Verb verb, string[] kinds)
    {
        var files = new Argument<string[]>("FILE") { Description = "Manifests; - reads one from stdin", Arity = ArgumentArity.OneOrMore };
        var replace = new Option<bool>("--replace") { Description = "Take the place of those of the same names; runs that use them keep what they had" };
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var strict = new Option<bool>("--strict")
        {
            Description = "--strict=false passes over unknown fields and keys that stand twice, as Argo does with it",
            HelpName = "true|false",
            DefaultValueFactory = _ => true,
        };
        foreach (var symbol in (Symbol[])[files, replace, strict, home, output]) { Add(verb, symbol); }
        verb.SetAction(async (parsed, _) =>
        {
            var found = new List<(DocumentName Name, ReadOnlyMemory<byte> Utf8)>();
            foreach (var file in parsed.GetRequiredValue(files)) { found.AddRange(await ReadAsync(file, kinds, new ManifestOptions { Strict = parsed.GetValue(strict) })); }
            using var session = await Session.MakeAsync(parsed.GetValue(home));
            var kept = new Definitions(session.Disk, session.Home);
            foreach (var (name, utf8) in found)
            {
                if (!await kept.KeepAsync(name.Kind, name.Name, utf8, parsed.GetValue(replace), Session.Nonce()))
                {
                    throw new VerbException($"{KeptNames.Shown(name)} is there already and stays as it is; put this one in its place with --replace");
                }
            }
            KeptNames.Print([.. found.Select(f => f.Name)], parsed.GetValue(output), "was created");
            return ExitCodes.Done;
        });
        return verb;
    }

    private static void Add(Verb verb, Symbol symbol)
    {
        if (symbol is Argument argument) { verb.Add(argument); } else { verb.Add((Option)symbol); }
    }

    // What they refer to is looked for when they are run: the order in which templates are kept does not matter.
    private static async Task<List<(DocumentName, ReadOnlyMemory<byte>)>> ReadAsync(string file, string[] kinds, ManifestOptions options)
    {
        var manifest = await InputFiles.ReadAsync(file, MostManifestBytes);
        var errors = ManifestReader.Read(InputFiles.Shown(file), manifest.Span, options).Problems.Where(p => p.Severity is Severity.Error).ToArray();
        foreach (var error in errors) { Screen.Error.WriteLine(Text.Clean(error.ToString())); }
        if (errors.Length > 0) { throw new VerbException($"{InputFiles.Shown(file)} was refused; nothing of it was kept"); }
        var found = new List<(DocumentName, ReadOnlyMemory<byte>)>();
        foreach (var (name, utf8) in ManifestDocuments.Split(manifest.Span))
        {
            if (!kinds.Contains(name.Kind)) { Screen.Error.WriteLine($"pawl: {Text.Clean($"{name.Kind} {name.Name}")} in {InputFiles.Shown(file)} was left alone; it is none of {string.Join(", ", kinds)}"); }
            else if (!Definitions.IsName(name.Name)) { throw new VerbException($"a {name.Kind} in {InputFiles.Shown(file)} has no name to keep it under; write `metadata: {{name: NAME}}`"); }
            else { found.Add((name, utf8)); }
        }
        return found.Count > 0 ? found : throw new VerbException($"{InputFiles.Shown(file)} has no {string.Join(" and no ", kinds)}; nothing was kept");
    }
}
