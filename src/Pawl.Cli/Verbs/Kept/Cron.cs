using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs.Kept;

/// <summary><c>pawl cron …</c>: the CronWorkflows that the home keeps, and when they fire.</summary>
internal static class Cron
{
    private static readonly string[] Kept = [Kinds.CronWorkflow];

    public static Verb Command() => new("cron", "Keep CronWorkflows in the home, and say when they fire.",
        "pawl cron next nightly.yaml", "pawl cron create nightly.yaml", "pawl run --from cronwf/nightly")
    {
        CronNext.Command(),
        KeptCreate.Command(new("create", "Keep the CronWorkflows of a file.", "pawl cron create nightly.yaml"), Kept),
        CronList.Command(),
        KeptGet.Command(new("get", "Print a CronWorkflow as it is kept.", "pawl cron get nightly"), Kept),
        CronSuspend.Command(new("suspend", "Let a CronWorkflow fire no more until it is resumed.", "pawl cron suspend nightly"), suspend: true),
        CronSuspend.Command(new("resume", "Let a suspended CronWorkflow fire again.", "pawl cron resume nightly"), suspend: false),
        KeptDelete.Command(new("delete", "Remove CronWorkflows; their runs stay.", "pawl cron delete nightly"), Kept),
    };
}
