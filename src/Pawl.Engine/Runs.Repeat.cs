using System.Collections.Immutable;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Manifests.Linking;
using Pawl.Storage.Repositories;

namespace Pawl.Engine;

public sealed partial class Runs
{
    private const int LongestPrefix = 57;

    /// <summary>Journals a new run of what another run was of, with its parameters, images, secrets and files.</summary>
    /// <param name="old">As <paramref name="of"/> stands now.</param>
    /// <param name="library">Where references are looked for now; what is not there any more is taken as it was frozen.</param>
    /// <param name="parameters">In place of those of the old run.</param>
    /// <param name="name">Null is one made from the old run's.</param>
    /// <param name="memoized">Leaves that succeeded are not run again: they are Skipped, with the outputs they had.</param>
    /// <returns>The folder of the new run; or what the manifest is refused for now.</returns>
    /// <exception cref="IOException">The old run's files cannot be read, or the disk refused.</exception>
    public async Task<(RunFolder? Folder, ImmutableArray<Problem> Problems)> RepeatAsync(
        RunFolder of, RunState old, Library library, IReadOnlyDictionary<string, string> parameters, string? name, bool memoized)
    {
        var before = old.Submitted!;
        var manifest = await SmallFile.ReadAsync(disk, of.Manifest, MostManifestBytes)
            ?? throw new IOException($"{of.Manifest} is missing; there is nothing to run again");
        var options = new ManifestOptions
        {
            Strict = before is not { Strict: false },
            Number = before.Document ?? 0,
            Images = before.Images ?? LocalImages.None,
            Buckets = BucketsOf(Home),
            Library = library,
        };
        var read = ManifestReader.Read(before.File, manifest, options);
        if (!read.CanRun && before.ReferencesSha256 is { } digest)
        {
            options = options with { Library = await ReferencesAsync(of, digest) };
            read = ManifestReader.Read(before.File, manifest, options);
        }
        read = ManifestReader.WithParameters(read, Changed(read, before, parameters));
        ImmutableArray<Problem> problems = [.. read.Problems, .. ManifestReader.MissingArguments(read)];
        if (read is not { CanRun: true, Workflow: { } workflow } || problems.Any(p => p.Severity is Severity.Error)) { return (null, problems); }
        var prefix = workflow.GenerateName ?? old.Name[..Math.Min(old.Name.Length, LongestPrefix)] + "-";
        read = read with { Workflow = workflow with { Name = name, GenerateName = prefix } };
        var folder = await SubmitAsync(
            read, manifest, before.File, before.Snapshot, before.Limits, before.Executor, options, new Repeated(old, memoized ? Originals.Of(old) : null));
        await Trees.TryCopyAsync(disk, of.Secrets, folder.Secrets);
        return (folder, problems);
    }

    /// <summary>The buckets that something in a home stands for.</summary>
    public static ImmutableHashSet<string> BucketsOf(Home home) =>
        Directory.Exists(home.Buckets) ? [.. Directory.EnumerateDirectories(home.Buckets).Select(f => Path.GetFileName(f)!)] : [];

    private static Dictionary<string, string> Changed(ManifestResult read, RunEvent.Submitted before, IReadOnlyDictionary<string, string> parameters)
    {
        var written = (read.Workflow?.Arguments.Parameters ?? []).DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        var changed = before.Parameters.Where(p => !written.TryGetValue(p.Key, out var value) || value != p.Value)
            .ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
        foreach (var (name, value) in parameters) { changed[name] = value; }
        return changed;
    }
}

/// <summary>What a new run repeats.</summary>
/// <param name="Originals">Of a memoized run, see <see cref="RunEvent.Submitted.Originals"/>; null of any other.</param>
public sealed record Repeated(RunState Run, ImmutableSortedDictionary<string, OriginalLeaf>? Originals);
