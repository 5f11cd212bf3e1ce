using System.Globalization;
using System.Text.RegularExpressions;
using Pawl.Core.Workflows;
using Pawl.Manifests;

namespace Pawl.Conformance;

/// <summary>Runs a row's manifest with the real program, does what the row says besides, and judges what came of it.</summary>
/// <remarks>
/// The index names actions, not their order: lint, submission, gates, stop or terminate, retry or resubmit, delete. Each that the row
/// names is done at its place; stop and terminate of one row are two runs of its manifest.
/// </remarks>
internal sealed partial class Play(Row row, Reading reading, Library library, Home home)
{
    /// <summary>Also what takes a quarter of an hour is played.</summary>
    public static bool PlaysLong { get; } = Environment.GetEnvironmentVariable("PAWL_CONFORMANCE_LONG") is { Length: > 0 };

    // Five times 50 s for one mutex, and a machine that does other things.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(PlaysLong ? 1500 : 330);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    // Long enough that what ends at once has ended, and what sleeps has not.
    private static readonly TimeSpan Underway = TimeSpan.FromSeconds(1.5);

    public static string TimeOver { get; } = $"has not ended within {Limit.TotalSeconds} s";

    public static async Task<Verdict> VerdictAsync(Row row, Reading reading, Library library)
    {
        await using var home = new Home(row, library, Limit);
        if ((await File.ReadAllTextAsync(row.File)).Contains("ARGO_DEBUG_PAUSE", StringComparison.Ordinal)) { home.PassPauses(); }
        try
        {
            var difference = await new Play(row, reading, library, home).DifferenceAsync();
            return new Verdict(row, Check.Run, difference?.Reason ?? "", difference?.Remark ?? "");
        }
        catch (OperationCanceledException) { return new Verdict(row, Check.Run, TimeOver); }
        catch (PlayException e) { return new Verdict(row, Check.Run, e.Reason, e.Message); }
    }

    private async Task<(string Reason, string Remark)?> DifferenceAsync()
    {
        // Where one is refused, what refers to it says so.
        foreach (var template in library.ClosureOf(row)) { await home.PawlAsync("template", "create", home.Write(template)); }
        if (row.Actions.Contains("lint")) { await DoAsync("lint", [home.Manifest, .. Options]); }
        if (row.Actions.Contains("memory-quota")) { throw new PlayException("memory-quota is a quota of a cluster", ""); }
        if (!row.IsWorkflow) { return await PlayTemplateAsync(); }

        // Stopped, a run that succeeds by itself would not be what the row expects.
        var isStopped = !row.Expected.Contains("Succeeded") && (Does("stop") || Does("terminate"));
        if (isStopped && Does("stop") && Does("terminate")) { await StopAnotherAsync("terminate"); }
        var (seen, difference) = row.Waits || isStopped || Does("suspend-resume") || Does("node-set") || HasGates
            ? await SteeredAsync(isStopped ? Does("stop") ? "stop" : "terminate" : null)
            : await RunAsync();
        if (seen is null || difference is not null) { return difference; }
        if (!isStopped)
        {
            foreach (var verb in new[] { "stop", "terminate" }.Where(Does)) { await StopAnotherAsync(verb); }
        }
        if (row.Waits) { return null; }
        if (Does("retry")) { seen = await AgainAsync("retry", seen); }
        if (Does("resubmit")) { seen = await AgainAsync("resubmit", seen); }
        difference = Judge.Difference(row, seen);
        if (Does("delete"))
        {
            await DoAsync("delete", [seen.Name]);
            if ((await home.PawlAsync("get", seen.Name)).Code == 0) { return ("a deleted run is still there", seen.Name); }
        }
        return difference;
    }

    private IEnumerable<string> Options => reading.Strict ? ["--images", StandIns.ImagesFile] : ["--images", StandIns.ImagesFile, "--strict=false"];

    private bool Does(string action) => row.Actions.Contains(action);

    private bool HasGates => reading.Result.Workflow?.Templates.Values.Any(t => t.Body is TemplateBody.Suspend { Duration: null }) ?? false;

    /// <summary>Runs it in the foreground to its end.</summary>
    private async Task<(Seen? Seen, (string Reason, string Remark)? Difference)> RunAsync()
    {
        var ended = await home.PawlAsync(["run", home.Manifest, .. Options, .. InContainers.Options, "--grace", "5s", "-o", "json"]);
        return Seen.Of(ended.Output) is { } seen ? (seen, null) : (null, Refused(ended));
    }

    /// <summary>Runs it in the background, and passes its gates or stops it where the row says so.</summary>
    private async Task<(Seen? Seen, (string Reason, string Remark)? Difference)> SteeredAsync(string? stop)
    {
        if (await SubmitAsync() is { } refused) { return (null, refused); }
        // Without gates a run is suspended as soon as it runs, so that it is still there to be resumed.
        var seen = await UntilAsync(s => s.Gates.Any() || (!HasGates && s.Runs(Does("suspend-resume") ? TimeSpan.Zero : Underway)));
        if (row.Waits)
        {
            return (seen, seen.IsDone ? ($"ended {seen.Phase}, not Running", seen.Message) : seen.Gates.Any() ? null : ("runs without a gate", ""));
        }
        if (Does("node-set")) { await SetOutputsAsync(seen); }
        if (seen.Gates.Any() && stop is not null && Does("suspend-resume"))
        {
            // It is stopped at the next gate.
            var passed = seen.Gates.First();
            await DoAsync("resume", [seen.Name, "--node-field-selector", $"displayName={passed}"]);
            seen = await UntilAsync(s => s.Gates.Any(g => g != passed));
        }
        else if (seen.Gates.Any() && stop is null)
        {
            await DoAsync("resume", [seen.Name]);
            // A gate that opens by itself may be passed meanwhile.
            while ((seen = await UntilAsync(s => s.Gates.Any())).Gates.Any()) { await home.PawlAsync("resume", seen.Name); }
        }
        else if (Does("suspend-resume") && !seen.IsDone)
        {
            await SteerAsync("suspend", seen.Name);
            await SteerAsync("resume", seen.Name);
        }
        if (stop is not null && !seen.IsDone) { await SteerAsync(stop, seen.Name); }
        return (await UntilAsync(_ => false), null);
    }

    private async Task StopAnotherAsync(string verb)
    {
        if (await SubmitAsync() is { } refused) { throw new PlayException(refused.Reason, refused.Remark); }
        var seen = await UntilAsync(s => s.Runs(Underway));
        if (seen.IsDone) { return; }
        if (await SteerAsync(verb, seen.Name)) { return; }
        if (await UntilAsync(_ => false) is { Phase: not "Failed" } other) { throw new PlayException($"{verb} ended a run as {other.Phase}, not Failed", other.Message); }
    }

    private async Task<Seen> AgainAsync(string verb, Seen before)
    {
        if (before.Phase == "Succeeded") { throw new PlayException($"it succeeded, so that there is nothing to {verb}", ""); }
        await home.PawlAsync(verb, before.Name);
        return await UntilAsync(_ => false);
    }

    private async Task<(string Reason, string Remark)?> SubmitAsync()
    {
        var ended = await home.PawlAsync(["submit", home.Manifest, .. Options, .. InContainers.Options, "--grace", "5s", "-o", "name"]);
        return ended.Code == 0 ? null : Refused(ended) ?? ("was refused", ended.Error);
    }

    /// <summary>Of the newest run.</summary>
    private async Task<Seen> UntilAsync(Predicate<Seen> enough)
    {
        while (true)
        {
            var ended = await home.PawlAsync("get", "@latest", "-o", "json");
            if (Seen.Of(ended.Output) is not { } seen) { throw new PlayException("pawl get does not show the run", ended.Error); }
            if (seen.IsDone || enough(seen)) { return seen; }
            await home.WaitAsync(Pause);
        }
    }

    /// <summary>Gives every gate what it has to be supplied with; what it is does not matter to any row.</summary>
    private async Task SetOutputsAsync(Seen seen)
    {
        var supplied = reading.Result.Workflow!.Templates.Values
            .SelectMany(t => t.Outputs.Parameters.Where(p => p.ValueFrom is { Supplied: true }).Select(p => (Template: t.Name, p.Name)));
        foreach (var (template, name) in supplied)
        {
            await DoAsync("node", ["set", seen.Name, "--node-field-selector", $"templateName={template}", "--output-parameter", $"{name}=supplied"]);
        }
    }

    /// <summary>A document that is no run by itself: made known, used and removed again.</summary>
    private async Task<(string Reason, string Remark)?> PlayTemplateAsync()
    {
        if (Does("cron-create") && row.Kinds.Contains("CronWorkflow")) { await DoAsync("cron", ["next", home.Manifest]); }
        var isTemplate = row.Kinds.All(k => k is "WorkflowTemplate" or "ClusterWorkflowTemplate");
        if (!isTemplate) { return null; }
        await DoAsync("template", reading.Strict ? ["create", home.Manifest] : ["create", home.Manifest, "--strict=false"]);
        var name = row.Kinds[0] == "WorkflowTemplate" ? $"workflowtemplate/{MetadataName}" : $"clusterworkflowtemplate/{MetadataName}";
        if (Does("submit-from"))
        {
            await DoAsync("submit", ["--from", name, "--images", StandIns.ImagesFile]);
            await UntilAsync(_ => false);
        }
        if (Does("delete")) { await DoAsync("template", row.Kinds[0] == "WorkflowTemplate" ? ["delete", MetadataName] : ["delete", MetadataName, "--cluster"]); }
        return null;
    }

    private string MetadataName => NameInMetadata().Match(File.ReadAllText(row.File)).Groups["name"].Value;

    [GeneratedRegex("^metadata:\\s*$\\n(^ +.*\\n)*?^ +name: *['\"]?(?<name>[a-z0-9.-]+)", RegexOptions.Multiline)]
    private static partial Regex NameInMetadata();

    /// <returns>True where there was nothing left to steer: on a busy machine a run may end before it is asked.</returns>
    private async Task<bool> SteerAsync(string verb, string run)
    {
        var ended = await home.PawlAsync(verb, run);
        if (ended.Code == 0) { return false; }
        if ((await UntilAsync(_ => true)).IsDone) { return true; }
        throw new PlayException(string.Create(CultureInfo.InvariantCulture, $"pawl {verb} ended with {ended.Code}"), $"{ended.Error.Trim()} {ended.Output.Trim()}");
    }

    private async Task DoAsync(string verb, IEnumerable<string> args)
    {
        var ended = await home.PawlAsync([verb, .. args]);
        if (ended.Code != 0)
        {
            throw new PlayException(string.Create(CultureInfo.InvariantCulture, $"pawl {verb} ended with {ended.Code}"), $"{ended.Error.Trim()} {ended.Output.Trim()}");
        }
    }

    // Argo makes a run of whatever it is given, which then is a Failed or Error one; pawl makes none of what is invalid.
    private (string Reason, string Remark)? Refused(Ended ended)
    {
        if (reading.Missing.Any()) { return ($"not supported yet: {string.Join(", ", reading.Missing)}", ""); }
        if (reading.Problems.FirstOrDefault(p => p.Severity is Severity.Error) is not { } error) { return ("was not run", ended.Error.Trim()); }
        return row.HasPhase && row.Expected.All(e => e is "Failed" or "Error") ? null : ($"was refused: {Reading.Class(error.Message)}", error.ToString());
    }
}

/// <summary>A row cannot be played any further.</summary>
internal sealed class PlayException(string reason, string remark) : Exception(remark)
{
    public string Reason { get; } = reason;
}
