namespace Pawl.Conformance;

internal enum Check
{
    /// <summary>What lint and submission say of the manifest.</summary>
    Validity,

    /// <summary>What comes of running it, and of the row's actions.</summary>
    Run,
}

/// <summary>What one check of a row came to.</summary>
/// <param name="Reason">Why it did not pass, as a class without the manifest's own words; empty where it did.</param>
/// <param name="Remark">More of it for whoever reads the table.</param>
internal sealed record Verdict(Row Row, Check Check, string Reason, string Remark = "")
{
    public bool Passed => Reason.Length == 0;

    public string Key => $"{Check.ToString().ToLowerInvariant()} {Row.Name}";
}
