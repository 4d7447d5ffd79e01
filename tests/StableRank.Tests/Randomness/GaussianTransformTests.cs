using StableRank.Randomness;

namespace StableRank.Tests.Randomness;

public sealed class GaussianTransformTests
{
    // Eight roundings of numbers up to 8.6 (half ulp 8.9e-16 at the top of the range), of which at most four meet in one result.
    private const double Tolerance = 4e-15;
    private const int Half = GaussianTransform.BatchSize / 2;

    private static void Check(ulong[] words)
    {
        double[] gaussians = new double[GaussianTransform.BatchSize];
        GaussianTransform.Apply(words, gaussians);
        for (int i = 0; i < Half; i++)
        {
            // Near u = 1 the logarithm of the rounded u is as exact as Math.Log, since u = (n + 1) / 2^53 is a double.
            double u = ((words[i] >> 11) + 1) * (1.0 / (1UL << 53));
            double radius = Math.Sqrt(-2 * Math.Log(u));
            (double sine, double cosine) = double.SinCosPi(((long)words[i + Half] >> 11) * (1.0 / (1L << 52)));
            gaussians[i].Should().BeApproximately(radius * cosine, Tolerance);
            gaussians[i + Half].Should().BeApproximately(radius * sine, Tolerance);
        }
    }

    [Fact]
    public void Apply_RandomWords_AgreesWithTheMathematicalLibrary()
    {
        ulong[] words = new ulong[GaussianTransform.BatchSize];
        for (ulong batch = 0; batch < 1000; batch++)
        {
            Philox.Fill(words, batch * 16, 1, 2, 3, 20240229);
            Check(words);
        }
    }

    [Fact]
    public void Apply_EdgesOfRadiusAndAngle_AgreesWithTheMathematicalLibrary()
    {
        List<ulong> radii = [];
        List<ulong> angles = [];
        for (int bit = 11; bit < 64; bit++)
        {
            ulong power = 1UL << bit;
            radii.AddRange([power - 1, power, power + (1UL << 11), ~power, ~(power - 1)]);
        }

        // u on both sides of sqrt(1/2), where the significand's range turns.
        ulong rootHalf = (ulong)(Math.Sqrt(0.5) * (1UL << 53)) << 11;
        radii.AddRange([0, ulong.MaxValue, rootHalf - (1UL << 11), rootHalf, rootHalf + (1UL << 11)]);
        for (ulong eighth = 0; eighth < 8; eighth++)
        {
            ulong centre = eighth << 61;
            angles.AddRange([centre - (1UL << 11), centre - 1, centre, centre + 1, centre + (1UL << 11), centre + (1UL << 40)]);
        }

        ulong[] words = new ulong[GaussianTransform.BatchSize];
        for (int i = 0; i < radii.Count * angles.Count; i++)
        {
            words[i % Half] = radii[i % radii.Count];
            words[(i % Half) + Half] = angles[i / radii.Count];
            if (i % Half == Half - 1)
            {
                Check(words);
            }
        }
    }

    [Fact]
    public void Apply_ExtremeRadiusWords_ReachesTheWholeTailAndZero()
    {
        ulong[] words = new ulong[GaussianTransform.BatchSize];
        double[] gaussians = new double[GaussianTransform.BatchSize];
        words[1] = ulong.MaxValue;
        GaussianTransform.Apply(words, gaussians);
        gaussians[0].Should().BeApproximately(Math.Sqrt(106 * Math.Log(2)), Tolerance);
        gaussians[1].Should().Be(0);
    }
}
