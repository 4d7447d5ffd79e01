using System.Runtime.Intrinsics;
using FluentAssertions;
using StableRank.Kernels;

namespace StableRank.Tests.Kernels;

public sealed class ArcsineTests
{
    private const double Epsilon = 2.220446049250313e-16;

    // r and pi/2 - 2r: three roundings in units that at most double, and the reference's own one
    private const double Tolerance = 4 * Epsilon;

    // y, rounded under the root and by it, and what is added to it: half a unit each; a cosine of at least 0.86 has less
    private const double UlpsOfReduce = 2;

    private static readonly double[] Special =
    [
        0, double.Epsilon, 1e-300, 1e-160, 1e-8, Math.BitDecrement(0.5), 0.5, Math.BitIncrement(0.5), Math.BitDecrement(1), 1,
        Math.BitDecrement(Math.BitDecrement(1)), Math.Sqrt(0.5), 0.25,
    ];

    [Fact]
    public void Asin_DenseGridAndSpecialPoints_IsWithinAFewUlps()
    {
        var points = Enumerable.Range(0, 400_001).Select(i => i / 400_000.0)
            .Concat(Enumerable.Range(1, 200).Select(i => Math.ScaleB(1 + i / 256.0, -i)))
            .Concat(Enumerable.Range(1, 52).Select(i => 1 - Math.ScaleB(1, -i)))
            .Concat(Special);

        points.Max(s => Relative(Asin(s), Math.Asin(s))).Should().BeLessThanOrEqualTo(Tolerance);
    }

    [Fact]
    public void Reduce_AgainstDecimalSeries_IsWithinTwoUlps()
    {
        // from 2^-20, below which 28 decimals are too few; measured: angle 1.29, sine 0.86, cosine 0.94
        var points = Enumerable.Range(0, 4001).Select(i => i / 4000.0)
            .Concat(Enumerable.Range(1, 400).Select(i => Math.ScaleB(1 + i % 37 / 37.0, -1 - i % 20)))
            .Concat(Enumerable.Range(1, 400).Select(i => 1 - Math.ScaleB(1 + i % 37 / 37.0, -1 - i % 40)))
            .Concat([Math.BitDecrement(0.5), 0.5, Math.BitIncrement(0.5), 1])
            .Where(s => s >= Math.ScaleB(1, -20));
        var (angles, cosines, sines) = (0.0, 0.0, 0.0);
        foreach (var s in points)
        {
            var exact = Exact(s);
            var square = Math.Min(s * s, (1 - s) / 2) == s * s ? exact * exact : (1 - exact) / 2;
            var root = Root(square);
            var (sine, angle, cosine) = Reduce(s);
            sines = Math.Max(sines, Ulps(sine, root));
            angles = Math.Max(angles, Ulps(angle, Arcsin(root)));
            cosines = Math.Max(cosines, Ulps(cosine, Root(1 - square)));
        }

        angles.Should().BeLessThanOrEqualTo(UlpsOfReduce);
        sines.Should().BeLessThanOrEqualTo(UlpsOfReduce);
        cosines.Should().BeLessThanOrEqualTo(UlpsOfReduce);
    }

    [Fact]
    public void Ulps_OfANeighbouringNumber_AreOneMore()
    {
        // the reference itself: asin 1/2 = pi/6 with 28 decimals, and a number two units off is seen as such
        const decimal sixth = 0.5235987755982988730771072305m;
        (Arcsin(0.5m) - sixth).Should().BeInRange(-1e-27m, 1e-27m);
        Ulps(Math.BitIncrement(Math.BitIncrement(Math.PI / 6)), sixth).Should().BeInRange(1, 3);
    }

    [Fact]
    public void Reduce_EndPoints_AreExact()
    {
        Reduce(0).Should().Be((0, 0, 1));
        Reduce(1).Should().Be((0, 0, 1));
        Asin(0).Should().Be(0);
        Asin(1).Should().Be(Math.PI / 2);
    }

    // NaN, which no comparison finds, becomes infinite
    private static double Relative(double actual, double expected) =>
        actual == expected ? 0 : double.IsNaN(actual) ? double.PositiveInfinity : Math.Abs(actual - expected) / Math.Abs(expected);

    private static double Asin(double s) => Arcsine.Asin(Vector512.Create(s), Vector512.Create((1 - s) / 2))[3];

    private static (double Sine, double Angle, double Cosine) Reduce(double s)
    {
        var (sine, angle, cosine) = Arcsine.Reduce(new VectorPair(Vector512.Create(0.25), Vector512.Create(s)));
        return (sine.Second[3], angle.Second[3], cosine.Second[3]);
    }

    private static double Ulps(double actual, decimal expected)
    {
        if (!double.IsFinite(actual))
        {
            return double.PositiveInfinity;
        }

        var unit = Math.Abs((double)expected);
        return expected == 0
            ? Math.Abs(actual) / double.Epsilon
            : (double)Math.Abs(Exact(actual) - expected) / (Math.BitIncrement(unit) - unit);
    }

    /// <summary>All digits of a double, to 28 decimals: a conversion rounds to 15 of them.</summary>
    private static decimal Exact(double value)
    {
        var result = 0m;
        for (var part = 0; part < 4 && value != 0; part++)
        {
            // 20 bits at a time, which 15 digits hold
            var scale = Math.ScaleB(1, 20 - Math.ILogB(value));
            var head = Math.Truncate(value * scale) / scale;
            var shift = Math.ILogB(value) - 20;
            var bits = (decimal)(head * scale);
            for (; shift < 0; shift++)
            {
                bits /= 2;
            }

            result += bits;
            value -= head;
        }

        return result;
    }

    private static decimal Root(decimal square)
    {
        if (square == 0)
        {
            return 0;
        }

        // two steps double the 15 digits to what a decimal holds
        var root = (decimal)Math.Sqrt((double)square);
        root = (root + square / root) / 2;
        return (root + square / root) / 2;
    }

    /// <summary>The power series, for y at most 1/2: each term is less than a quarter of the one before.</summary>
    private static decimal Arcsin(decimal y)
    {
        var (power, sum) = (y, y);
        for (var n = 1; n <= 60; n++)
        {
            power *= y * y * (2 * n - 1) / (2 * n);
            sum += power / (2 * n + 1);
        }

        return sum;
    }
}
