namespace Pawl.Simulation;

/// <summary>All chance of a simulated world, from one seed: the same on every machine and runtime.</summary>
public sealed class Dice(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15UL + 0x632BE59BD9B4E019UL;

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014).</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <param name="below">At least 1.</param>
    public int Next(int below) => (int)(Next() % (ulong)below);

    public int Between(int least, int most) => least + Next(most - least + 1);

    /// <summary>True once in <paramref name="in"/> throws; never for 0.</summary>
    public bool OneIn(int @in) => @in > 0 && Next(@in) == 0;

    public T Pick<T>(IReadOnlyList<T> from) => from[Next(from.Count)];

    /// <summary>Dice of their own, so that what is decided with them does not shift what is decided later with these.</summary>
    public Dice Fork() => new(Next());
}
