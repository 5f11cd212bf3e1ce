using Pawl.Cli.Views;
using Pawl.Manifests;

namespace Pawl.Cli.Verbs.Kept;

/// <summary>How what is kept is named to people.</summary>
internal static class KeptNames
{
    /// <summary>As <c>--from</c> takes it.</summary>
    public static string Shown(DocumentName name) => $"{name.Kind.ToLowerInvariant()}/{name.Name}";

    public static void Print(IReadOnlyList<DocumentName> names, OutputForm form, string happened)
    {
        if (form == OutputForm.Json)
        {
            Screen.Out.WriteLine(RunJson.Text(w =>
            {
                w.WriteStartArray();
                foreach (var (kind, name) in names)
                {
                    w.WriteStartObject();
                    w.WriteString("kind", kind);
                    w.WriteString("name", name);
                    w.WriteEndObject();
                }
                w.WriteEndArray();
            }));
            return;
        }
        foreach (var name in names) { Screen.Out.WriteLine(form == OutputForm.Name ? Shown(name) : $"{Shown(name)} {happened}".TrimEnd()); }
    }
}
