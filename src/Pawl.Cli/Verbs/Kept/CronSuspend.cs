using System.CommandLine;
using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs.Kept;

/// <summary><c>pawl cron suspend|resume NAME</c>: whether a CronWorkflow fires.</summary>
internal static class CronSuspend
{
    public static Verb Command(Verb verb, bool suspend)
    {
        var name = new Argument<string>("NAME") { Description = "Name of a CronWorkflow" };
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        verb.Add(name);
        verb.Add(home);
        verb.Add(output);
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var kept = new Definitions(session.Disk, session.Home);
            var wanted = new DocumentName(Kinds.CronWorkflow, parsed.GetRequiredValue(name));
            var utf8 = await kept.ReadAsync(wanted.Kind, wanted.Name) ?? throw new VerbException($"{KeptNames.Shown(wanted)} is not kept in {session.Home.Folder}");
            var changed = CronFile.Suspended(utf8, wanted.Name, suspend)
                ?? throw new VerbException($"the file of {KeptNames.Shown(wanted)} holds something else; keep it again with --replace");
            await kept.KeepAsync(wanted.Kind, wanted.Name, changed, replace: true, Session.Nonce());
            KeptNames.Print([wanted], parsed.GetValue(output), suspend ? "is suspended" : "is resumed");
            return ExitCodes.Done;
        });
        return verb;
    }
}
