using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Pawl.Cli.Views;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;
using Pawl.Manifests;

namespace Pawl.Cli.Verbs;

/// <summary>A run that was journaled just now, in the session that did it.</summary>
internal sealed record Submission(Session Session, RunFolder Folder, string Name) : IDisposable
{
    public void Dispose() => Session.Dispose();
}

/// <summary>What <c>run</c> and <c>submit</c> share: from the file to a run in the journal.</summary>
internal sealed class SubmissionOptions
{
    private const int MostManifestBytes = 4 << 20;
    private const int LongestName = 63;

    private readonly Argument<string> _file = new("FILE") { Description = "The manifest, YAML or JSON; - reads it from stdin" };
    private readonly Option<string[]> _parameters = new("--parameter", "-p")
    {
        Description = "Set a parameter of the workflow; can be given several times",
        HelpName = "NAME=VALUE",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _parameterFile = new("--parameter-file", "-f") { Description = "YAML or JSON map of parameters; -p wins over it", HelpName = "FILE" };
    private readonly Option<string?> _name = new("--name") { Description = "Name of the run, in place of the manifest's name or generateName", HelpName = "NAME" };
    private readonly Option<TimeSpan?> _grace = Common.Grace();
    private readonly Option<int?> _parallelism = Common.Parallelism();
    private readonly Option<string?> _home = Common.Home();
    private readonly HostNotices _notices = new();

    public SubmissionOptions() => _parameters.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.IndexOf('=', StringComparison.Ordinal) < 1) { result.AddError($"-p {token.Value} has no value; write -p NAME=VALUE"); }
        }
    });

    public void AddTo(Verb verb)
    {
        verb.Add(_file);
        foreach (var option in (Option[])[_parameters, _parameterFile, _name, _grace, _parallelism, _home]) { verb.Add(option); }
        _notices.AddTo(verb);
    }

    /// <exception cref="VerbException">The manifest was refused; no run was created.</exception>
    public async Task<Submission> SubmitAsync(ParseResult parsed)
    {
        _notices.Take(parsed);
        var file = parsed.GetRequiredValue(_file);
        var manifest = await InputFiles.ReadAsync(file, MostManifestBytes);
        var read = await ReadAsync(parsed, file, manifest);
        var limits = Machine.Limits(parsed.GetValue(_parallelism) ?? Machine.Slots, parsed.GetValue(_grace) ?? Common.DefaultGrace);
        var impossible = Requests.Impossible(read.Workflow!, limits).ToList();
        if (impossible.Count > 0) { throw new VerbException($"{string.Join('\n', impossible.Select(p => Text.Clean(p)))}\n{InputFiles.Shown(file)} cannot run here; no run was created"); }
        var session = await Session.MakeAsync(parsed.GetValue(_home));
        try
        {
            var snapshot = await SnapshotAsync(session, file);
            var folder = await session.Runs.SubmitAsync(read, manifest, file, snapshot, limits, "process");
            var name = await session.Runs.Names.ResolveAsync(folder.Uid) is RunLookup.Found f ? f.Run.Name : folder.Uid;
            return new Submission(session, folder, name);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private async Task<ManifestResult> ReadAsync(ParseResult parsed, string file, ReadOnlyMemory<byte> manifest)
    {
        var read = ManifestReader.Read(InputFiles.Shown(file), manifest.Span);
        read = ManifestReader.WithParameters(read, await ParametersAsync(parsed));
        var missing = ManifestReader.MissingArguments(read);
        foreach (var problem in read.Problems.Concat(missing)) { Screen.Error.WriteLine(Text.Clean(problem.ToString())); }
        if (!read.CanRun || missing.Length > 0)
        {
            var count = read.Problems.Concat(missing).Count(p => p.Severity is not Severity.Notice);
            throw new VerbException(string.Create(
                CultureInfo.InvariantCulture, $"{InputFiles.Shown(file)} was refused for {(count == 1 ? "one problem" : $"{count} problems")}; no run was created"));
        }
        if (parsed.GetValue(_name) is not { } name) { return read; }
        return IsName(name)
            ? read with { Workflow = read.Workflow! with { Name = name } }
            : throw new VerbException($"--name {name} is no name for a run; use up to {LongestName} of a-z, 0-9 and -, letters or digits at both ends", ExitCodes.Usage);
    }

    private async Task<IReadOnlyDictionary<string, string>> ParametersAsync(ParseResult parsed)
    {
        var values = ImmutableSortedDictionary<string, string>.Empty;
        if (parsed.GetValue(_parameterFile) is { } file)
        {
            (values, var problems) = ParameterFile.Read(InputFiles.Shown(file), (await InputFiles.ReadAsync(file, MostManifestBytes)).Span);
            foreach (var problem in problems) { Screen.Error.WriteLine(Text.Clean(problem.ToString())); }
            if (problems.Any(p => p.Severity is Severity.Error)) { throw new VerbException($"{file} has no usable parameters; no run was created"); }
        }
        foreach (var text in parsed.GetValue(_parameters) ?? [])
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            values = values.SetItem(text[..at], text[(at + 1)..]);
        }
        return values;
    }

    // What comes through a pipe has no folder.
    private static async Task<ArtifactRef?> SnapshotAsync(Session session, string file)
    {
        if (file == InputFiles.Stdin) { return null; }
        var snapshot = await Snapshot.TakeAsync(session.Disk, session.Runs.Artifacts, Path.GetFullPath(file), session.Home, session.Clock);
        foreach (var notice in snapshot.Notices) { Screen.Error.WriteLine($"pawl: {Text.Clean(notice)}"); }
        return snapshot.Artifact;
    }

    private static bool IsName(string name) => name.Length is > 0 and <= LongestName && name[0] != '-' && name[^1] != '-'
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
