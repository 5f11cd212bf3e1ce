using System.Collections.Immutable;
using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Core.Workflows;
using Pawl.Engine;
using Pawl.Engine.Homes;
using Pawl.Manifests;

namespace Pawl.Cli.Verbs;

/// <summary>How <c>run</c>, <c>submit</c> and <c>lint</c> are told to read a manifest.</summary>
internal sealed class ManifestReading
{
    private const int MostBytes = 1 << 20;

    private readonly Option<string?> _images = new("--images")
    {
        Description = "YAML file that says by image which local command stands for the image's own [default: images.yaml in the home]",
        HelpName = "FILE",
    };

    private readonly Option<bool> _strict = new("--strict")
    {
        Description = "--strict=false passes over unknown fields and keys that stand twice, as Argo does with it",
        HelpName = "true|false",
        DefaultValueFactory = _ => true,
    };

    private readonly ReferenceOptions _references = new();

    public void AddTo(Verb verb)
    {
        _references.AddTo(verb);
        verb.Add(_images);
        verb.Add(_strict);
    }

    /// <param name="home">As <c>--home</c> names it, where the verb has that option.</param>
    /// <param name="files">Of manifests that are read together, so that they may refer to each other.</param>
    /// <exception cref="VerbException">A file that is named cannot be used.</exception>
    public async Task<ManifestOptions> OptionsAsync(ParseResult parsed, string? home, params IEnumerable<string> files)
    {
        var kept = HomeOf(home);
        return new()
        {
            Strict = parsed.GetValue(_strict),
            Images = (parsed.GetValue(_images) ?? ImagesOf(kept)) is { } file ? await ReadAsync(file) : LocalImages.None,
            Buckets = kept is null ? [] : Runs.BucketsOf(kept),
            Library = await _references.LibraryAsync(parsed, kept, files),
        };
    }

    private static string? ImagesOf(Home? home) => home?.Images is { } file && File.Exists(file) ? file : null;

    private static Home? HomeOf(string? home)
    {
        try { return new Home(HomeSearch.Find(home, Environment.GetEnvironmentVariable("PAWL_HOME"), Environment.CurrentDirectory, Users.Own).Folder); }
        catch (HomeException)
        {
            // Said where the home itself is needed; lint needs none.
            return null;
        }
    }

    private static async Task<ImmutableSortedDictionary<string, LocalImage>> ReadAsync(string file)
    {
        var folder = file == InputFiles.Stdin ? Environment.CurrentDirectory : Path.GetDirectoryName(Path.GetFullPath(file))!;
        var (images, problems) = ImagesFile.Read(InputFiles.Shown(file), (await InputFiles.ReadAsync(file, MostBytes)).Span, folder);
        foreach (var problem in problems) { Screen.Error.WriteLine(Text.Clean(problem.ToString())); }
        return problems.Any(p => p.Severity is Severity.Error) ? throw new VerbException($"{file} says of no image what stands for it; nothing was done") : images;
    }
}
