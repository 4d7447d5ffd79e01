using FluentAssertions;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Tests.Kernels;

public sealed class SlopeTileTests
{
    // the closed forms: some ten roundings of numbers at most 1
    private const double Tolerance = 16 * 2.220446049250313e-16;

    private const int Length = 48;

    public static TheoryData<Activation> Slopes => [Activation.ReLU, Activation.LeakyReLU(0.2), Activation.Abs];

    [Theory]
    [MemberData(nameof(Slopes))]
    public void Apply_EachPair_IsTheScalarDualOfTheAffineStep(Activation activation)
    {
        var step = new AffineStep(1.7, 0.3, 2.5, 0.1);
        var (a, h) = Values(1);
        var (k, t) = (a.ToArray(), h.ToArray());
        var (roots, inverses) = Ones();

        DualTile.Of(activation)!.Apply(step, k, t, roots, inverses, 2, 0.5, Length);

        for (var i = 0; i < Length; i++)
        {
            var covariance = 1.7 * a[i] + 0.3;
            var c = DualTile.Correlation(covariance, 1, 0.5);
            var theta = 2.5 * a[i] + 0.1 + 1.7 * h[i];
            k[i].Should().BeApproximately(activation.Dual.Product(1, 4, c).Value, 2 * Tolerance);
            var derivative = activation.Dual.DerivativeProduct(1, 4, c).Value;
            t[i].Should().BeApproximately(derivative * theta, Tolerance * (1 + Math.Abs(theta)));
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(24)]
    [InlineData(33)]
    public void Apply_OddNumberOfVectors_GivesTheSameBitsAndLeavesTheRest(int count)
    {
        var (a, h) = Values(2);
        var (whole, wholeT, part, partT) = (a.ToArray(), h.ToArray(), a.ToArray(), h.ToArray());
        var (roots, inverses) = Ones();
        var tile = DualTile.Of(Activation.ReLU)!;

        tile.Apply(AffineStep.Identity, whole, wholeT, roots, inverses, 1, 1, Length);
        tile.Apply(AffineStep.Identity, part, partT, roots, inverses, 1, 1, count);

        part[..count].Should().Equal(whole[..count]);
        partT[..count].Should().Equal(wholeT[..count]);
        var end = (count + DualTile.Lanes - 1) / DualTile.Lanes * DualTile.Lanes;
        part[end..].Should().Equal(a[end..]);
        partT[end..].Should().Equal(h[end..]);
    }

    [Fact]
    public void Apply_EqualAndOppositeInputs_AreExact()
    {
        var (k, t) = (new double[DualTile.Lanes], new double[DualTile.Lanes]);
        t.AsSpan().Fill(3);
        (k[0], k[1], k[2]) = (1, -1, 0);
        var (roots, inverses) = Ones();

        DualTile.Of(Activation.ReLU)!.Apply(AffineStep.Identity, k, t, roots, inverses, 1, 1, DualTile.Lanes);

        (k[0], t[0]).Should().Be((0.5, 1.5));
        (k[1], t[1]).Should().Be((0, 0));
        (k[2], t[2]).Should().Be((0.25 * (2 / Math.PI), 0.75));
    }

    /// <summary>Covariances within the variances 1 and 4, among them 0 and the ends.</summary>
    private static (double[] A, double[] H) Values(ulong seed)
    {
        var (a, h) = (new double[Length], new double[Length]);
        var stream = new RandomStream(seed);
        stream.FillUniform(a);
        stream.FillGaussian<double>(h);
        for (var i = 0; i < Length; i++)
        {
            a[i] = 0.9 * (2 * a[i] - 1);
        }

        a[5] = 0;
        return (a, h);
    }

    private static (double[] Roots, double[] Inverses) Ones()
    {
        var ones = new double[Length];
        ones.AsSpan().Fill(1);
        return (ones, ones);
    }
}
