namespace Pawl.Simulation.Bugs;

/// <summary>Every planted bug, and where it was found first.</summary>
public static class BugTable
{
    /// <returns>The first result that breaks an invariant with the bug switched on; null where no seed does.</returns>
    public static SimulationResult? FindFirst(Bug bug, ulong from, ulong seeds)
    {
        for (var seed = from; seed < from + seeds; seed++)
        {
            var result = SimulatedRun.Play(seed, Catalogue.Named(bug.Name));
            if (result.Violation is not null) { return result; }
        }
        return null;
    }

    public static string Row(Bug bug, ulong from, SimulationResult? found) => found is null
        ? $"{bug.Name,-28} NOT FOUND                      {bug.Mistake}"
        : $"{bug.Name,-28} seed {found.Seed,-5} ({found.Seed - from + 1,4} tried) {found.Violation!.Invariant,-8} {bug.Mistake}";

    /// <returns>True where every bug was found.</returns>
    public static bool Print(TextWriter to, ulong from, ulong seeds)
    {
        var all = true;
        foreach (var name in Catalogue.Names)
        {
            var bug = Catalogue.Named(name);
            var found = FindFirst(bug, from, seeds);
            all &= found is not null;
            to.WriteLine(Row(bug, from, found));
        }
        return all;
    }
}
