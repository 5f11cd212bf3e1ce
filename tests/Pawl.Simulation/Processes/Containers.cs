namespace Pawl.Simulation.Processes;

/// <summary>The kernel's containers: who lives in which. They outlive the supervisors that made them.</summary>
public sealed class Containers
{
    private readonly SortedDictionary<string, List<SimProcess>> _byFolder = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, List<SimProcess>>> All => _byFolder;

    public List<SimProcess> Of(string attemptFolder)
    {
        if (!_byFolder.TryGetValue(attemptFolder, out var there)) { _byFolder[attemptFolder] = there = []; }
        return there;
    }

    public void Empty(string attemptFolder)
    {
        foreach (var process in Of(attemptFolder).ToList()) { process.Kill(); }
    }
}
