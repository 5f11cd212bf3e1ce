using System.CommandLine;
using System.Text;
using System.Text.Json;
using Pawl.Cli.Views;
using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs.Kept;

/// <summary>Prints what is kept.</summary>
internal static class KeptGet
{
    public static Verb Command(Verb verb, string[] kinds)
    {
        var name = new Argument<string>("NAME") { Description = $"Name of a {kinds[0]}" };
        var cluster = KeptCluster.Option();
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        verb.Add(name);
        if (kinds.Contains(Kinds.ClusterWorkflowTemplate)) { verb.Add(cluster); }
        verb.Add(home);
        verb.Add(output);
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var wanted = new DocumentName(KeptCluster.Kind(parsed, cluster, kinds), parsed.GetRequiredValue(name));
            var utf8 = await new Definitions(session.Disk, session.Home).ReadAsync(wanted.Kind, wanted.Name)
                ?? throw new VerbException($"{KeptNames.Shown(wanted)} is not kept in {session.Home.Folder}");
            switch (parsed.GetValue(output))
            {
                case OutputForm.Name:
                    Screen.Out.WriteLine(KeptNames.Shown(wanted));
                    break;
                case OutputForm.Json:
                    using (var document = JsonDocument.Parse(ManifestJson.Document(utf8, wanted.Kind, wanted.Name)
                        ?? throw new VerbException($"the file of {KeptNames.Shown(wanted)} holds something else; keep it again with --replace")))
                    {
                        Screen.Out.WriteLine(RunJson.Text(document.WriteTo));
                    }
                    break;
                default:
                    foreach (var line in Encoding.UTF8.GetString(utf8).TrimEnd('\n').Split('\n')) { Screen.Out.WriteLine(Text.Clean(line)); }
                    break;
            }
            return ExitCodes.Done;
        });
        return verb;
    }
}
