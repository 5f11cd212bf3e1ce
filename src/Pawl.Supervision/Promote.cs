using System.Collections.Immutable;
using System.Text;
using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;
using Pawl.Supervision.Checkpoints;

namespace Pawl.Supervision;

public sealed partial class Attempt
{
    private const int MostParameterBytes = 256 << 10;

    /// <summary>Copies what the command left into the store, under the claim's number, where nothing reads it before an entry names it.</summary>
    /// <returns>What could be taken, and the first thing that could not.</returns>
    private async Task<(NodeOutputs Outputs, string? Problem)> StageAsync(
        string folder, AttemptSpec spec, Declared declared, int claim, string? result)
    {
        var problems = new List<string>();
        var outputs = new NodeOutputs
        {
            Result = result,
            Parameters = await ParametersAsync(spec, declared, problems),
            Artifacts = await ArtifactsAsync(folder, spec, declared, claim, problems),
        };
        return (outputs, problems.FirstOrDefault());
    }

    private async Task<ImmutableSortedDictionary<string, string>> ParametersAsync(
        AttemptSpec spec, Declared declared, List<string> problems)
    {
        var taken = NodeOutputs.None.Parameters.ToBuilder();
        foreach (var parameter in spec.OutputParameters)
        {
            try
            {
                if ((await ParameterAsync(parameter, declared) ?? parameter.Default) is { } value)
                {
                    taken[parameter.Name] = value;
                }
                else
                {
                    problems.Add($"wait: output parameter '{parameter.Name}': there is no file at {parameter.Path}");
                }
            }
            catch (Exception e) when (e is IOException or UnsafePathException)
            {
                problems.Add($"wait: output parameter '{parameter.Name}': {e.Message}");
            }
        }
        return taken.ToImmutable();
    }

    private async Task<string?> ParameterAsync(OutputParameter parameter, Declared declared)
    {
        var (root, relative) = declared.Beneath(declared.Resolve(parameter.Path));
        if (await disk.OpenReadBeneathAsync(root, relative) is not { } file) { return null; }
        await using (file)
        {
            var text = Encoding.UTF8.GetString(await AttemptFiles.ReadWholeAsync(file, MostParameterBytes));
            return text.EndsWith('\n') ? text[..^1] : text;
        }
    }

    private async Task<ImmutableSortedDictionary<string, ArtifactRef>> ArtifactsAsync(
        string folder, AttemptSpec spec, Declared declared, int claim, List<string> problems)
    {
        var taken = NodeOutputs.None.Artifacts.ToBuilder();
        foreach (var output in spec.OutputArtifacts)
        {
            try
            {
                var (root, relative) = declared.Beneath(declared.Resolve(output.Path));
                var key = $"artifacts/{spec.RunId}/{Names.Folder(spec.Step)}/{claim}/{output.Name}";
                if (await artifacts.StageAsync(root, relative, key) is { } artifact)
                {
                    taken[output.Name] = output.Mode is { } mode ? artifact with { Mode = mode } : artifact;
                    if (output.Location is not null) { await PublishAsync(folder, spec, output, artifact); }
                }
                else if (!output.Optional)
                {
                    problems.Add($"wait: output artifact '{output.Name}': there is nothing at {output.Path}");
                }
            }
            catch (Exception e) when (e is IOException or UnsafePathException)
            {
                problems.Add($"wait: output artifact '{output.Name}': {e.Message}");
            }
        }
        return taken.ToImmutable();
    }

    /// <summary>Commits the end of the attempt to the chain, and then to its folder.</summary>
    /// <returns>Null where another owner has claimed the step: then nothing of this attempt counts, and nothing is written.</returns>
    private async Task<Outcome?> CompleteAsync(string folder, AttemptSpec spec, OwnedChain owned, Outcome outcome)
    {
        Entry entry = outcome.Kind is OutcomeKind.Succeeded
            ? new Entry.Completed(owned.Claim, spec.Fingerprint, outcome.Outputs)
            : new Entry.Ended(owned.Claim, outcome);
        if (!await owned.TryAppendAsync(entry, clock.GetUtcNow())) { return null; }
        await AttemptFiles.WriteOutcomeAsync(disk, folder, outcome);
        return outcome;
    }
}
