using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pawl.Training;

namespace Pawl.Trainer;

/// <summary>Points around four centres, always the same.</summary>
internal static class Samples
{
    public const int Count = 200;
    public const int Inputs = 16;
    public const int Classes = 4;

    public static readonly double[][] Points = Make();

    private static double[][] Make()
    {
        var random = new TrainingRandom(1);
        var points = new double[Count][];
        for (var i = 0; i < Count; i++)
        {
            points[i] = new double[Inputs];
            for (var j = 0; j < Inputs; j++) { points[i][j] = random.NextGaussian() + (j % Classes == i % Classes ? 2 : 0); }
        }
        return points;
    }
}

/// <summary>Softmax regression with dropout and momentum: every part of its state changes what the next step does.</summary>
internal sealed class Network : ITrainingState
{
    private const double Rate = 0.05;
    private const double Momentum = 0.9;
    private const double Dropped = 0.2;

    private readonly double[] _weights = new double[Samples.Inputs * Samples.Classes];
    private readonly double[] _speed = new double[Samples.Inputs * Samples.Classes];
    private long _seen;

    public Network(TrainingRandom random)
    {
        for (var i = 0; i < _weights.Length; i++) { _weights[i] = 0.1 * random.NextGaussian(); }
    }

    public double Learn(ReadOnlySpan<int> batch, TrainingRandom random)
    {
        var loss = 0.0;
        Span<double> chances = stackalloc double[Samples.Classes];
        Span<double> point = stackalloc double[Samples.Inputs];
        Span<double> slopes = stackalloc double[_weights.Length];
        slopes.Clear();
        foreach (var sample in batch)
        {
            for (var j = 0; j < point.Length; j++) { point[j] = random.NextDouble() < Dropped ? 0 : Samples.Points[sample][j] / (1 - Dropped); }
            var total = 0.0;
            for (var c = 0; c < chances.Length; c++)
            {
                var score = 0.0;
                for (var j = 0; j < point.Length; j++) { score += _weights[(c * point.Length) + j] * point[j]; }
                total += chances[c] = Math.Exp(score);
            }
            for (var c = 0; c < chances.Length; c++)
            {
                var slope = (chances[c] / total) - (c == sample % Samples.Classes ? 1 : 0);
                for (var j = 0; j < point.Length; j++) { slopes[(c * point.Length) + j] += slope * point[j] / batch.Length; }
            }
            loss -= Math.Log(chances[sample % Samples.Classes] / total) / batch.Length;
        }
        for (var i = 0; i < _weights.Length; i++)
        {
            _speed[i] = (Momentum * _speed[i]) - (Rate * slopes[i]);
            _weights[i] += _speed[i];
        }
        _seen += batch.Length;
        return loss;
    }

    public void Write(StateWriter to)
    {
        to.Write<double>("weights", _weights);
        to.Write<double>("speed", _speed);
        to.Write("seen", _seen);
    }

    public void Read(StateReader from)
    {
        from.Read<double>("weights", _weights);
        from.Read<double>("speed", _speed);
        _seen = from.ReadInt64("seen");
    }

    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes<double>(_weights));
        hash.AppendData(MemoryMarshal.AsBytes<double>(_speed));
        hash.AppendData(BitConverter.GetBytes(_seen));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
