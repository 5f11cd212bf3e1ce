using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Pawl.Cli.Views;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs;

/// <summary>The runs that were journaled just now, one for each Workflow of the file, in the session that did it.</summary>
internal sealed record Submission(Session Session, IReadOnlyList<(RunFolder Folder, string Name)> Runs) : IDisposable
{
    public void Dispose() => Session.Dispose();
}

/// <summary>What <c>run</c> and <c>submit</c> share: from the file to a run in the journal.</summary>
internal sealed class SubmissionOptions
{
    private const int MostManifestBytes = 4 << 20;
    private const int LongestName = 63;

    private readonly Argument<string?> _file = new("FILE") { Description = "The manifest, YAML or JSON; - reads it from stdin", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _from = new("--from")
    {
        Description = "Run what is kept in the home instead of a file: workflowtemplate/NAME, clusterworkflowtemplate/NAME or cronwf/NAME",
        HelpName = "KIND/NAME",
    };

    private readonly Option<string[]> _parameters = new("--parameter", "-p")
    {
        Description = "Set a parameter of the workflow; can be given several times",
        HelpName = "NAME=VALUE",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _parameterFile = new("--parameter-file", "-f") { Description = "YAML or JSON map of parameters; -p wins over it", HelpName = "FILE" };
    private readonly Option<string?> _name = new("--name") { Description = "Name of the run, in place of the manifest's name or generateName", HelpName = "NAME" };
    private readonly Option<bool> _noCache = new("--no-cache") { Description = "Take nothing from what earlier runs kept of the same steps; what is made now is kept in its place" };
    private readonly Option<TimeSpan?> _grace = Common.Grace();
    private readonly Option<int?> _parallelism = Common.Parallelism();
    private readonly Option<string?> _home = Common.Home();
    private readonly ManifestReading _reading = new();
    private readonly SecretOption _secrets = new();
    private readonly HostNotices _notices = new();
    private readonly ExecutorOption _executor = new();

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
        verb.Add(_from);
        foreach (var option in (Option[])[_parameters, _parameterFile, _name, _noCache, _grace, _parallelism, _home]) { verb.Add(option); }
        _reading.AddTo(verb);
        _secrets.AddTo(verb);
        _executor.AddTo(verb);
        _notices.AddTo(verb);
    }

    /// <exception cref="VerbException">The manifest was refused; no run was created.</exception>
    public async Task<Submission> SubmitAsync(ParseResult parsed)
    {
        _notices.Take(parsed);
        var options = await _reading.OptionsAsync(parsed, parsed.GetValue(_home));
        var (file, manifest) = await ManifestAsync(parsed, options);
        var executor = _executor.Choose(
            parsed, () => ManifestReader.Read(InputFiles.Shown(file), manifest.Span, options with { HasEngine = true }).Workflow is { } w ? [w] : []);
        options = options with { HasEngine = executor == Executors.Container };
        var all = await ReadAllAsync(parsed, file, manifest, options);
        var secrets = await _secrets.ReadAsync(parsed, file, manifest, options);
        var limits = Machine.Limits(parsed.GetValue(_parallelism) ?? Machine.Slots, parsed.GetValue(_grace) ?? Common.DefaultGrace);
        var impossible = all.SelectMany(read => Requests.Impossible(read.Workflow!, limits)).Distinct().ToList();
        if (impossible.Count > 0) { throw new VerbException($"{string.Join('\n', impossible.Select(p => Text.Clean(p)))}\n{InputFiles.Shown(file)} cannot run here; no run was created"); }
        var session = await Session.MakeAsync(parsed.GetValue(_home));
        try
        {
            var snapshot = parsed.GetValue(_from) is null ? await SnapshotAsync(session, file) : null;
            var runs = new List<(RunFolder, string)>();
            foreach (var read in all)
            {
                var folder = await session.Runs.SubmitAsync(read, manifest, file, snapshot, limits, executor, options, noCache: parsed.GetValue(_noCache));
                await RunSecrets.WriteAsync(session.Disk, folder, secrets);
                runs.Add((folder, await session.Runs.Names.ResolveAsync(folder.Uid) is RunLookup.Found f ? f.Run.Name : folder.Uid));
            }
            return new Submission(session, runs);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private async Task<(string File, ReadOnlyMemory<byte> Manifest)> ManifestAsync(ParseResult parsed, ManifestOptions options)
    {
        var (file, from) = (parsed.GetValue(_file), parsed.GetValue(_from));
        if (file is null == from is null) { throw new VerbException("name a manifest FILE, or what to run with --from KIND/NAME, but not both", ExitCodes.Usage); }
        return from is null ? (file!, await InputFiles.ReadAsync(file!, MostManifestBytes)) : (from, FromKept.Manifest(from, options));
    }

    // Every Workflow of the file is looked at before a run of any is made.
    private async Task<List<ManifestResult>> ReadAllAsync(ParseResult parsed, string file, ReadOnlyMemory<byte> manifest, ManifestOptions options)
    {
        var parameters = await ParametersAsync(parsed);
        var all = new List<ManifestResult>();
        var told = new HashSet<Problem>();
        int count;
        do
        {
            var read = ManifestReader.WithParameters(
                ManifestReader.Read(InputFiles.Shown(file), manifest.Span, options with { Number = all.Count }), parameters);
            Require(read, file, told);
            all.Add(read);
            count = read.Documents.Count(d => d.Kind == Kinds.Workflow);
        }
        while (all.Count < count);
        if (parsed.GetValue(_name) is not { } name) { return all; }
        if (count > 1) { throw new VerbException($"--name {name} is one name, and {file} has {count} Workflows; write their names in the file", ExitCodes.Usage); }
        return IsName(name)
            ? [all[0] with { Workflow = all[0].Workflow! with { Name = name } }]
            : throw new VerbException($"--name {name} is no name for a run; use up to {LongestName} of a-z, 0-9 and -, letters or digits at both ends", ExitCodes.Usage);
    }

    private static void Require(ManifestResult read, string file, HashSet<Problem> told)
    {
        Problem[] problems = [.. read.Problems, .. ManifestReader.MissingArguments(read)];
        foreach (var problem in problems.Where(told.Add)) { Screen.Error.WriteLine(Text.Clean(problem.ToString())); }
        if (read.CanRun && problems.Length == read.Problems.Length) { return; }
        var count = problems.Count(p => p.Severity is not Severity.Notice);
        if (count == 0)
        {
            var others = string.Join(", ", read.Documents.Select(d => $"{d.Kind} {d.Name}"));
            throw new VerbException($"{InputFiles.Shown(file)} has no Workflow, only {others}; keep it with: pawl template create {file}, and run it with: pawl run --from KIND/NAME");
        }
        throw new VerbException(string.Create(
            CultureInfo.InvariantCulture, $"{InputFiles.Shown(file)} was refused for {(count == 1 ? "one problem" : $"{count} problems")}; no run was created"));
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
