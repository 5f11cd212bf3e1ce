using System.CommandLine;
using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs.Kept;

/// <summary>Removes what is kept. Runs have what they refer to with them, so none is harmed.</summary>
internal static class KeptDelete
{
    public static Verb Command(Verb verb, string[] kinds)
    {
        var names = new Argument<string[]>("NAME") { Description = $"Names of {kinds[0]}s", Arity = ArgumentArity.OneOrMore };
        var cluster = KeptCluster.Option();
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        verb.Add(names);
        if (kinds.Contains(Kinds.ClusterWorkflowTemplate)) { verb.Add(cluster); }
        verb.Add(home);
        verb.Add(output);
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var kept = new Definitions(session.Disk, session.Home);
            var kind = KeptCluster.Kind(parsed, cluster, kinds);
            var gone = new List<DocumentName>();
            foreach (var name in parsed.GetRequiredValue(names).Select(n => new DocumentName(kind, n)))
            {
                if (!await kept.RemoveAsync(kind, name.Name)) { throw new VerbException($"{KeptNames.Shown(name)} is not kept in {session.Home.Folder}"); }
                gone.Add(name);
            }
            KeptNames.Print(gone, parsed.GetValue(output), "was deleted");
            return ExitCodes.Done;
        });
        return verb;
    }
}
