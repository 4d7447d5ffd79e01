using StableRank.Expressivity;
using StableRank.Randomness;

namespace StableRank.Tests.Expressivity;

/// <summary>The vectorised loops against the same neuron by neuron, at every length up to several words and odd rests.</summary>
public sealed class PartitionLoopsTests
{
    private const int Longest = 200;

    [Fact]
    public void Activate_OfEveryLength_IsTheFunction()
    {
        for (var n = 0; n <= Longest; n++)
        {
            var z = Draw(n, 1);
            var expected = z.Select(x => x > 0 ? x : 0.3 * x).ToArray();
            PartitionLoops.Activate(z, 0.3);
            z.Should().Equal(expected);
        }
    }

    [Fact]
    public void Select_OfEveryLength_GoesByTheBits()
    {
        for (var n = 0; n <= Longest; n++)
        {
            var (x, on) = (Draw(n, 1), Bits(Draw(n, 2), value => value > 0));
            var result = new double[n];
            PartitionLoops.Select(x, on, -0.5, result);
            result.Should().Equal(x.Select((value, i) => IsSet(on, i) ? value : -0.5 * value));
        }
    }

    [Fact]
    public void Signs_OfEveryLength_AreThoseBeyondTheTolerances()
    {
        var zeros = 0;
        for (var n = 1; n <= Longest; n++)
        {
            double[] z = Draw(n, 1), from = Draw(n, 2), to = Draw(n, 3);
            double[] a = [.. Draw(n, 4).Select(Math.Abs)], b = [.. Draw(n, 5).Select(Math.Abs)];
            var tolerances = z.Select((_, i) => (a[i] * 0.2) + b[i] + (0.1 * Math.Abs(to[i] - from[i]))).ToArray();

            // at the tolerance itself: zero
            (z[0], z[^1]) = (tolerances[0], -tolerances[^1]);
            var words = (n + 63) / 64;
            var (positive, negative) = (new ulong[words], new ulong[words]);
            PartitionLoops.Signs(z, a, 0.2, b, 0.1, from, to, positive, negative);

            for (var i = 0; i < n; i++)
            {
                IsSet(positive, i).Should().Be(z[i] > tolerances[i]);
                IsSet(negative, i).Should().Be(z[i] < -tolerances[i]);
                zeros += Math.Abs(z[i]) <= tolerances[i] ? 1 : 0;
            }

            PartitionLoops.Differences(positive, negative).Should().Be(z.Where((x, i) => Math.Abs(x) > tolerances[i]).Count());
        }

        zeros.Should().BeInRange(1000, 19000, "of 20100 some count as zero and some do not");
    }

    private static double[] Draw(int n, ulong purpose)
    {
        var values = new double[n];
        new RandomStream(7, replicate: (ulong)n, purpose: purpose).FillGaussian<double>(values);
        return values;
    }

    private static ulong[] Bits(double[] values, Func<double, bool> isOn)
    {
        var words = new ulong[(values.Length + 63) / 64];
        for (var i = 0; i < values.Length; i++)
        {
            words[i / 64] |= (isOn(values[i]) ? 1UL : 0) << (i % 64);
        }

        return words;
    }

    private static bool IsSet(ulong[] words, int i) => ((words[i / 64] >> (i % 64)) & 1) == 1;
}
