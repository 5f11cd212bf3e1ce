using System.Collections.Immutable;
using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs;

/// <summary>Where the templates and config maps are that a manifest refers to.</summary>
internal sealed class ReferenceOptions
{
    private const int MostBytes = 4 << 20;

    private readonly Option<string[]> _templates = new("--templates")
    {
        Description = "Folder or file with templates to refer to, before those kept in the home; can be given several times",
        HelpName = "DIR",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string[]> _configMaps = new("--configmap")
    {
        Description = "Manifest of config maps, or a name and a folder whose files are its keys; can be given several times",
        HelpName = "FILE|NAME=DIR",
        AllowMultipleArgumentsPerToken = false,
    };

    public void AddTo(Verb verb)
    {
        verb.Add(_templates);
        verb.Add(_configMaps);
    }

    /// <param name="home">Null where none can be used.</param>
    /// <param name="files">Looked through after those of the command line.</param>
    /// <exception cref="VerbException">A file or folder that is named cannot be used.</exception>
    public async Task<Library> LibraryAsync(ParseResult parsed, Home? home, IEnumerable<string> files)
    {
        var texts = new List<ManifestText>();
        foreach (var file in (parsed.GetValue(_templates) ?? []).SelectMany(Lint.Files)) { texts.Add(new(file, await InputFiles.ReadAsync(file, MostBytes))); }
        foreach (var file in files.Where(File.Exists))
        {
            try { texts.Add(new(file, await InputFiles.ReadAsync(file, MostBytes))); }
            catch (VerbException) { }       // said where the file is read for its own sake
        }
        var given = ConfigMaps.None;
        foreach (var written in parsed.GetValue(_configMaps) ?? []) { given = (await ReadAsync(written)).Or(given); }
        return new Library(texts, (kind, name) => Kept(home, kind, name)) { ConfigMaps = given, OtherConfigMaps = await OfHomeAsync(home) };
    }

    private static ManifestText? Kept(Home? home, string kind, string name)
    {
        if (home is null || !Definitions.IsName(name)) { return null; }
        var file = Definitions.Path(home, kind, name);
        return File.Exists(file) ? new ManifestText(file, File.ReadAllBytes(file)) : null;
    }

    private static async Task<ConfigMaps> OfHomeAsync(Home? home)
    {
        var maps = ConfigMaps.None;
        if (home is null || !Directory.Exists(home.ConfigMaps)) { return maps; }
        foreach (var file in Lint.Files(home.ConfigMaps)) { maps = (await OfFileAsync(file)).Or(maps); }
        return maps;
    }

    private static async Task<ConfigMaps> ReadAsync(string written)
    {
        var at = written.IndexOf('=', StringComparison.Ordinal);
        if (at < 1 || File.Exists(written)) { return await OfFileAsync(written); }
        var (name, folder) = (written[..at], written[(at + 1)..]);
        if (!Directory.Exists(folder)) { throw new VerbException($"--configmap {written}: {folder} is no folder; write NAME=DIR, or name a manifest of config maps"); }
        var data = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder)) { data[Path.GetFileName(file)] = await File.ReadAllTextAsync(file); }
        return new ConfigMaps(ConfigMaps.None.ByName.Add(name, data.ToImmutable()));
    }

    private static async Task<ConfigMaps> OfFileAsync(string file)
    {
        var (maps, problems) = ConfigMapFile.Read(file, (await InputFiles.ReadAsync(file, MostBytes)).Span);
        foreach (var problem in problems) { Screen.Error.WriteLine(Text.Clean(problem.ToString())); }
        return problems.Any(p => p.Severity is Severity.Error) ? throw new VerbException($"{file} has no usable config maps; nothing was done") : maps;
    }
}
