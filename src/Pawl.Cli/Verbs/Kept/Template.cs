using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs.Kept;

/// <summary><c>pawl template …</c>: the templates that the home keeps for workflows to refer to.</summary>
internal static class Template
{
    private static readonly string[] Kept = [Kinds.WorkflowTemplate, Kinds.ClusterWorkflowTemplate];

    public static Verb Command() => new("template", "Keep WorkflowTemplates and ClusterWorkflowTemplates in the home.",
        "pawl template create templates.yaml", "pawl template list", "pawl run --from workflowtemplate/train")
    {
        KeptCreate.Command(new("create", "Keep the templates of a file.", "pawl template create templates.yaml", "pawl template create templates.yaml --replace"), Kept),
        TemplateList.Command(),
        KeptGet.Command(new("get", "Print a template as it was given.", "pawl template get train", "pawl template get train --cluster -o json"), Kept),
        KeptDelete.Command(new("delete", "Remove templates; runs that use them keep what they had.", "pawl template delete train"), Kept),
    };
}
