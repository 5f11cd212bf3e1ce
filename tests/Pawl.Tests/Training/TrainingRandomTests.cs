using Pawl.Training;
using Xunit;

namespace Pawl.Tests.Training;

public sealed class TrainingRandomTests
{
    [Fact]
    public void It_gives_the_numbers_of_the_published_generator()
    {
        // splitmix64 from 0 fills the state; both as their authors publish them, computed here once more, apart from the class.
        ulong mix = 0;
        var s = new ulong[4];
        for (var i = 0; i < 4; i++)
        {
            mix += 0x9e3779b97f4a7c15;
            var z = mix;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            s[i] = z ^ (z >> 31);
        }
        // The first output of splitmix64 with seed 0, known from its test vectors.
        Assert.Equal(0xe220a8397b1dcdafUL, s[0]);
        var random = new TrainingRandom(0);
        for (var n = 0; n < 1_000; n++)
        {
            var expected = ulong.RotateLeft(s[1] * 5, 7) * 9;
            var t = s[1] << 17;
            s[2] ^= s[0];
            s[3] ^= s[1];
            s[1] ^= s[2];
            s[0] ^= s[3];
            s[2] ^= t;
            s[3] = ulong.RotateLeft(s[3], 45);
            Assert.Equal(expected, random.NextUInt64());
        }
    }

    [Fact]
    public void Its_numbers_are_spread_as_they_should_be()
    {
        var random = new TrainingRandom(11);
        var (sum, squares, counts) = (0.0, 0.0, new int[7]);
        const int Draws = 70_000;
        for (var i = 0; i < Draws; i++)
        {
            var gaussian = random.NextGaussian();
            (sum, squares) = (sum + gaussian, squares + (gaussian * gaussian));
            counts[random.Next(7)]++;
            Assert.InRange(random.NextDouble(), 0, 1 - double.Epsilon);
        }
        Assert.InRange(sum / Draws, -0.02, 0.02);
        Assert.InRange(squares / Draws, 0.97, 1.03);
        Assert.All(counts, c => Assert.InRange(c, 9_500, 10_500));
    }

    [Fact]
    public void A_shuffle_keeps_every_element()
    {
        var values = Enumerable.Range(0, 100).ToArray();
        new TrainingRandom(3).Shuffle<int>(values);
        Assert.NotEqual(Enumerable.Range(0, 100), values);
        Assert.Equal(Enumerable.Range(0, 100), values.Order());
    }
}
