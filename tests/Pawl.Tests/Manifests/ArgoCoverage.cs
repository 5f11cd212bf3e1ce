using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using Pawl.Manifests.Argo;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>The page that says of every field of Argo what pawl does with it is the table that the reader itself uses.</summary>
public sealed class ArgoCoverage
{
    private const string Begin = "<!-- fields: written by the test ArgoCoverage -->";
    private const string End = "<!-- end of fields -->";

    private static readonly Type[] Sources = [typeof(Tables), typeof(KindTables), typeof(LocationTables), typeof(PodTables), typeof(VolumeTables)];

    [Fact]
    public void The_page_says_of_every_field_what_the_reader_does_with_it()
    {
        var page = Checkout.At("docs", "argo-coverage.md");
        var text = File.ReadAllText(page);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var written = $"{text[..from]}\n\n{Fields()}\n{text[to..]}";
        if (Environment.GetEnvironmentVariable("PAWL_UPDATE_GOLDEN") == "1") { File.WriteAllText(page, written); }
        Assert.Equal(written, File.ReadAllText(page));
    }

    [Fact]
    public void Every_kind_that_a_file_may_hold_has_its_fields_on_the_page()
    {
        var page = File.ReadAllText(Checkout.At("docs", "argo-coverage.md"));
        Assert.All((string[])["Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"], kind => Assert.Contains($"`{kind}`", page, StringComparison.Ordinal));
    }

    private static string Fields()
    {
        var text = new StringBuilder();
        foreach (var table in AllTables())
        {
            if (table.Names.IsEmpty) { continue; }
            text.AppendLine(CultureInfo.InvariantCulture, $"### {table.Place}\n\n| field | here |\n|---|---|");
            foreach (var field in table.Names) { text.AppendLine(CultureInfo.InvariantCulture, $"| `{field}` | {Said(table, field)} |"); }
            text.AppendLine();
        }
        return text.ToString().TrimEnd() + "\n";
    }

    private static string Said(FieldTable table, string field) => table[field] switch
    {
        Treatment.Read => "honoured",
        Treatment.NoEffect => "accepted, no effect on one machine",
        _ => $"not yet, or needs a cluster: {table.Instead(field).Replace("|", "\\|", StringComparison.Ordinal)}",
    };

    internal static ImmutableArray<FieldTable> AllTables() =>
    [
        .. Sources.SelectMany(s => s.GetFields(BindingFlags.Static | BindingFlags.Public)).Where(f => f.FieldType == typeof(FieldTable))
            .Select(f => (FieldTable)f.GetValue(null)!),
    ];
}
