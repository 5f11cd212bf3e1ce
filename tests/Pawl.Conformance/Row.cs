using System.Collections.Immutable;

namespace Pawl.Conformance;

/// <summary>A manifest of a collection, and what Argo makes of it: one line of the collection's index.</summary>
internal sealed record Row
{
    /// <summary>Of the collection: what its rows are called by before their path.</summary>
    public required string Collection { get; init; }

    public required string Folder { get; init; }

    /// <summary>Relative to the folder.</summary>
    public required string Path { get; init; }

    public ImmutableArray<string> Kinds { get; init; } = [];

    /// <summary>yes, standin, no or lint-only.</summary>
    public required string RunsLocally { get; init; }

    /// <summary>Phases, any of which is right; or Valid, Invalid, n/a, or nothing where nobody knows.</summary>
    public ImmutableArray<string> Expected { get; init; } = [];

    /// <summary>By display name, or <c>*</c> and its end, the phase of a node.</summary>
    public ImmutableArray<(string Name, string Phase)> Nodes { get; init; } = [];

    /// <summary>By display name, a colon and the parameter, or <c>result</c>: the value that a node gives out.</summary>
    public ImmutableArray<(string Name, string Value)> Outputs { get; init; } = [];

    public ImmutableArray<string> Actions { get; init; } = [];

    /// <summary>Parts of what Argo says of an invalid manifest.</summary>
    public ImmutableArray<string> Message { get; init; } = [];

    /// <summary>The name under which it stands in lists and in the table.</summary>
    public string Name => $"{Collection}/{Path}";

    public string File => System.IO.Path.Combine(Folder, Path);

    public bool IsInvalid => Expected.Contains("Invalid") || Kinds.Contains("(unparseable)");

    public bool IsWorkflow => Kinds.Contains("Workflow") || Kinds is ["?"];

    /// <summary>It is to be run here, or something is to be done with it.</summary>
    public bool IsPlayed => RunsLocally is "yes" or "standin" && !IsInvalid && (HasPhase || !Actions.IsEmpty);

    public bool HasPhase => Expected is [not ("n/a" or "Valid" or "Invalid" or ""), ..];

    /// <summary>It stays at a gate that nobody passes.</summary>
    public bool Waits => Expected is ["Running"];

    /// <summary>The rows of <c>index.tsv</c> in a folder, in its order.</summary>
    public static ImmutableArray<Row> Read(string collection, string folder)
    {
        var lines = System.IO.File.ReadAllLines(System.IO.Path.Combine(folder, "index.tsv"));
        var columns = lines[0].Split('\t');
        return [.. lines.Skip(1).Where(l => l.Length > 0).Select(l => Read(collection, folder, columns, l.Split('\t')))];
    }

    private static Row Read(string collection, string folder, string[] columns, string[] cells)
    {
        string Cell(string column) => Array.IndexOf(columns, column) is >= 0 and var at && at < cells.Length ? cells[at] : "";
        ImmutableArray<string> Cells(string column, char separator) =>
            [.. Cell(column).Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        return new Row
        {
            Collection = collection,
            Folder = folder,
            Path = Cell("path"),
            Kinds = Cells("kinds", ','),
            RunsLocally = Cell("runs_locally"),
            Expected = Cells("expected", '|'),
            // A display name may hold a '=' of its own, a phase never does; of an output it is the other way round.
            Nodes = [.. Cells("node_expectations", ';').Select(p => Pair(p, p.LastIndexOf('=')))],
            Outputs = [.. Cells("outputs", ';').Select(p => Pair(p, p.IndexOf('=', StringComparison.Ordinal)))],
            Actions = Cells("actions", ','),
            Message = Cells("message", '~'),
        };
    }

    private static (string, string) Pair(string text, int at) => (text[..at], text[(at + 1)..]);
}
