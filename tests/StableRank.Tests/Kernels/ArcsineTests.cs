using System.Runtime.Intrinsics;
using FluentAssertions;
using StableRank.Kernels;

namespace StableRank.Tests.Kernels;

public sealed class ArcsineTests
{
    private const double Epsilon = 2.220446049250313e-16;

    // r and pi/2 - 2r: three roundings in units that at most double, and the reference's own one
    private const double Tolerance = 4 * Epsilon;

    private static readonly double[] Special =
    [
        0, double.Epsilon, 1e-300, 1e-160, 1e-8, Math.BitDecrement(0.5), 0.5, Math.BitIncrement(0.5), Math.BitDecrement(1), 1,
        Math.BitDecrement(Math.BitDecrement(1)), Math.Sqrt(0.5), 0.25,
    ];

    [Fact]
    public void Of_DenseGridAndSpecialPoints_IsWithinAFewUlps()
    {
        var points = Enumerable.Range(0, 400_001).Select(i => i / 400_000.0)
            .Concat(Enumerable.Range(1, 200).Select(i => Math.ScaleB(1 + i / 256.0, -i)))
            .Concat(Enumerable.Range(1, 52).Select(i => 1 - Math.ScaleB(1, -i)))
            .Concat(Special);
        var (worstAsin, worstAcos, worstSine) = (0.0, 0.0, 0.0);
        foreach (var s in points)
        {
            var (asin, acos, sine) = Of(s);
            worstAsin = Math.Max(worstAsin, Relative(asin, Math.Asin(s)));
            // 2 asin(sqrt((1 - s)/2)) keeps its digits near 1
            worstAcos = Math.Max(worstAcos, Relative(acos, s > 0.5 ? 2 * Math.Asin(Math.Sqrt((1 - s) / 2)) : Math.Acos(s)));
            worstSine = Math.Max(worstSine, Relative(sine, Math.Sqrt((1 - s) * (1 + s))));
        }

        worstAsin.Should().BeLessThanOrEqualTo(Tolerance);
        worstAcos.Should().BeLessThanOrEqualTo(Tolerance);
        worstSine.Should().BeLessThanOrEqualTo(Tolerance);
    }

    [Fact]
    public void Of_EndPoints_AreExact()
    {
        Of(0).Should().Be((0, Math.PI / 2, 1));
        Of(1).Should().Be((Math.PI / 2, 0, 0));
    }

    // NaN, which no comparison finds, becomes infinite
    private static double Relative(double actual, double expected) =>
        actual == expected ? 0 : double.IsNaN(actual) ? double.PositiveInfinity : Math.Abs(actual - expected) / Math.Abs(expected);

    private static (double Asin, double Acos, double Sine) Of(double s)
    {
        var asin = Arcsine.Asin(Vector512.Create(s), Vector512.Create((1 - s) / 2));
        var (acos, sine) = Arcsine.AcosAndSine(Vector512.Create(s));
        return (asin[3], acos[3], sine[3]);
    }
}
