namespace Pawl.Core.Workflows;

/// <summary>A template of another document, as Argo names it: <c>namespaced/OBJECT/NAME</c> or <c>cluster/OBJECT/NAME</c>.</summary>
/// <param name="Object">Name of the WorkflowTemplate or ClusterWorkflowTemplate.</param>
public readonly record struct TemplateKey(bool Cluster, string Object, string Template)
{
    private const string Namespaced = "namespaced";
    private const string ClusterScope = "cluster";

    public string Text => $"{Scope}/{Template}";

    /// <summary>The document, without the template.</summary>
    public string Scope => $"{(Cluster ? ClusterScope : Namespaced)}/{Object}";

    public TemplateKey Sibling(string template) => this with { Template = template };

    /// <returns>Null where it is the name of one of the workflow's own templates.</returns>
    public static TemplateKey? Of(string key) => key.Split('/', 3) is [Namespaced or ClusterScope, var document, var template]
        ? new TemplateKey(key.StartsWith(ClusterScope, StringComparison.Ordinal), document, template)
        : null;
}
