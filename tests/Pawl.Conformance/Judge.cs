namespace Pawl.Conformance;

/// <summary>Compares a run with what its row expects.</summary>
internal static class Judge
{
    /// <returns>Null where the run is as expected; else the class of the difference, and its particulars.</returns>
    public static (string Reason, string Remark)? Difference(Row row, Seen seen)
    {
        if (row.HasPhase && !row.Expected.Contains(seen.Phase))
        {
            return ($"ended {seen.Phase}, not {string.Join('|', row.Expected)}", $"{seen.Message}{Worst(seen)}");
        }
        foreach (var (name, phase) in row.Nodes)
        {
            // Of several nodes with the same display name Argo's own tests look at whichever comes first.
            var nodes = seen.Nodes.Where(n => name[0] == '*' ? n.DisplayName.EndsWith(name[1..], StringComparison.Ordinal) : n.DisplayName == name).ToList();
            if (nodes.Count == 0) { return ("a node is missing", $"{name} among {string.Join(", ", seen.Nodes.Select(n => n.DisplayName))}"); }
            if (!nodes.Any(n => n.Phase == phase)) { return ($"a node is {nodes[0].Phase}, not {phase}", $"{name}: {nodes[0].Message}"); }
        }
        foreach (var (name, value) in row.Outputs)
        {
            var (node, output) = (name[..name.LastIndexOf(':')], name[(name.LastIndexOf(':') + 1)..]);
            var given = seen.Nodes.Where(n => n.DisplayName == node).Select(n => n.Outputs.GetValueOrDefault(output)).OfType<string>().ToList();
            if (!given.Contains(value)) { return ("an output differs", $"{name} is {string.Join(" and ", given)}, not {value}"); }
        }
        return null;
    }

    private static string Worst(Seen seen) =>
        seen.Nodes.FirstOrDefault(n => n.Phase is "Failed" or "Error" && n.Type == "Pod") is { } node ? $"; {node.DisplayName}: {node.Message}" : "";
}
