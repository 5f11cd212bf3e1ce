using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs;

/// <summary>What <c>--from KIND/NAME</c> runs.</summary>
internal static class FromKept
{
    /// <exception cref="VerbException">The kind is unknown, or there is no CronWorkflow of that name.</exception>
    public static ReadOnlyMemory<byte> Manifest(string from, ManifestOptions options)
    {
        if (from.Split('/') is not [var written, { Length: > 0 } name] || RunOf.Kind(written) is not { } kind)
        {
            throw new VerbException($"--from {from} names nothing; write workflowtemplate/NAME, clusterworkflowtemplate/NAME or cronwf/NAME", ExitCodes.Usage);
        }
        if (kind != Kinds.CronWorkflow) { return RunOf.Template(kind, name); }
        return options.Library?.Text(kind, name, options) is { } text
            ? RunOf.Cron(text.Utf8.Span, name, TimeProvider.System.GetUtcNow())
                ?? throw new VerbException($"CronWorkflow {name} in {text.File} has no workflowSpec; nothing was started")
            : throw new VerbException($"CronWorkflow {name} not found; keep it with: pawl cron create FILE, or name its folder with --templates DIR");
    }
}
