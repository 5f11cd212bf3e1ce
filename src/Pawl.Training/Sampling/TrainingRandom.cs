using System.Numerics;

namespace Pawl.Training;

/// <summary>A random generator whose state can be saved, which that of <see cref="Random"/> cannot: xoshiro256**, seeded by splitmix64.</summary>
/// <remarks>
/// Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021). The same seed gives the same numbers on every
/// machine and in every version of this package. For one thread; not for secrets.
/// </remarks>
public sealed class TrainingRandom : ITrainingState
{
    private readonly ulong[] _state = new ulong[4];

    // Gaussians are made two at a time.
    private double _spare;
    private bool _hasSpare;

    public TrainingRandom(long seed)
    {
        var mix = (ulong)seed;
        for (var i = 0; i < _state.Length; i++) { _state[i] = SplitMix(ref mix); }
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        var (s0, s1, s2, s3) = (_state[0], _state[1], _state[2], _state[3]);
        var result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
        var shifted = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        (_state[0], _state[1], _state[2], _state[3]) = (s0, s1, s2 ^ shifted, BitOperations.RotateLeft(s3, 45));
        return result;
    }

    /// <summary>From 0 to below 1, in steps of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>From 0 to below <paramref name="bound"/>, each equally likely.</summary>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        // Lemire, "Fast random integer generation in an interval" (2019): only the few values that would favour some are thrown away.
        var product = Math.BigMul(NextUInt64(), (ulong)bound, out var low);
        if (low < (ulong)bound)
        {
            var threshold = unchecked(0UL - (ulong)bound) % (ulong)bound;
            while (low < threshold) { product = Math.BigMul(NextUInt64(), (ulong)bound, out low); }
        }
        return (int)product;
    }

    /// <summary>From the normal distribution with mean 0 and deviation 1 (the polar method of Marsaglia).</summary>
    public double NextGaussian()
    {
        if (_hasSpare)
        {
            _hasSpare = false;
            return _spare;
        }
        double x, y, square;
        do
        {
            (x, y) = ((2 * NextDouble()) - 1, (2 * NextDouble()) - 1);
            square = (x * x) + (y * y);
        }
        while (square is >= 1 or 0);
        var scale = Math.Sqrt(-2 * Math.Log(square) / square);
        (_spare, _hasSpare) = (y * scale, true);
        return x * scale;
    }

    /// <summary>Every order equally likely.</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    /// <inheritdoc/>
    public void Write(StateWriter to)
    {
        to.Write<ulong>("xoshiro256**", _state);
        to.Write("spare", _spare);
        to.Write("has-spare", _hasSpare);
    }

    /// <inheritdoc/>
    public void Read(StateReader from)
    {
        from.Read<ulong>("xoshiro256**", _state);
        _spare = from.ReadDouble("spare");
        _hasSpare = from.ReadBoolean("has-spare");
    }

    internal static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
