using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs.Kept;

/// <summary><c>pawl template list</c>: the templates of the home.</summary>
internal static class TemplateList
{
    public static Verb Command()
    {
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("list", "List the templates of the home.", "pawl template list", "pawl template list -o json") { home, output };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.TryOpenAsync(parsed.GetValue(home));
            var names = new List<DocumentName>();
            foreach (var kind in session is null ? [] : (string[])[Kinds.WorkflowTemplate, Kinds.ClusterWorkflowTemplate])
            {
                names.AddRange((await new Definitions(session!.Disk, session.Home).NamesAsync(kind)).Select(n => new DocumentName(kind, n)));
            }
            KeptNames.Print(names, parsed.GetValue(output), "");
            return ExitCodes.Done;
        });
        return verb;
    }
}
