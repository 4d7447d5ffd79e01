using System.Numerics;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

[Collection(BackendSwitching.Name)]
public sealed class VectorMathTests
{
    /// <summary>What the documentation calls a few units in the last place; two were seen in double, 2.5 in single.</summary>
    private const double Ulps = 4;

    private delegate void Function<T>(ReadOnlySpan<T> x, Span<T> y);

    /// <summary>
    /// /usr/bin/python3 -c "from scipy.special import erf; [print(x, repr(float(erf(x)))) for x in (1e-300, ...)]", SciPy 1.10.1.
    /// </summary>
    public static TheoryData<double, double> ErfValues => new()
    {
        { 1e-300, 1.1283791670955126e-300 },
        { 1e-20, 1.1283791670955125e-20 },
        { 1e-08, 1.1283791670955125e-08 },
        { 0.001, 0.0011283787909692363 },
        { 0.03125, 0.035250373867322826 },
        { 0.031250000001, 0.0352503738684501 },
        { 0.09375, 0.10547644378177959 },
        { 0.1, 0.1124629160182849 },
        { 0.25, 0.2763263901682369 },
        { 0.5, 0.5204998778130465 },
        { 0.75, 0.7111556336535151 },
        { 1.0, 0.8427007929497148 },
        { 1.28125, 0.9300077967861194 },
        { 1.5, 0.9661051464753108 },
        { 2.0, 0.9953222650189527 },
        { 2.5, 0.999593047982555 },
        { 3.0, 0.9999779095030014 },
        { 3.5, 0.9999992569016276 },
        { 4.0, 0.9999999845827421 },
        { 5.0, 0.9999999999984626 },
        { 5.5, 0.9999999999999927 },
        { 5.9, 0.9999999999999999 },
        { 5.93, 1.0 },
        { 6.0, 1.0 },
        { 30.0, 1.0 },
        { double.PositiveInfinity, 1.0 },
        { 0.0, 0.0 },
    };

    [Theory]
    [MemberData(nameof(ErfValues))]
    public void Erf_ReferenceValues_WithinUlpsOnEveryBackend(double x, double expected)
    {
        foreach (var kind in AvailableBackends.All)
        {
            using var backend = AvailableBackends.Use(kind);
            var y = new double[2];
            VectorMath.Erf<double>([x, -x], y);
            UlpsBetween(y[0], expected).Should().BeLessThanOrEqualTo(Ulps, "{0}", kind);
            y[1].Should().Be(-y[0]);
            var single = new float[1];
            VectorMath.Erf<float>([(float)x], single);
            if ((float)x == x)
            {
                UlpsBetween(single[0], expected).Should().BeLessThanOrEqualTo(Ulps, "{0}", kind);
            }
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Functions_RandomArguments_AgreeWithTheSystemLibrary(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        for (var seed = 0; seed < 20; seed++)
        {
            foreach (var scale in (double[])[1e-300, 1e-12, 1e-3, 1, 6, 40, 700])
            {
                var x = Dense.Random<double>(1, 301, seed).Select(v => v * scale).ToArray();
                Check(VectorMath.Tanh, x, Math.Tanh);
                Check(VectorMath.Exp, x, Math.Exp);
                Check(VectorMath.Sin, x, Math.Sin);
                if (scale is >= 1e-12 and <= 40)
                {
                    // the exponential function stays normal, and arguments are single numbers exactly
                    var single = x.Select(v => (float)v).ToArray();
                    Check(VectorMath.Tanh, single, v => Math.Tanh(v));
                    Check(VectorMath.Exp, single, v => Math.Exp(v));
                    Check(VectorMath.Sin, single, v => Math.Sin(v));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Functions_SpecialArguments_GiveTheirLimits(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        double[] x = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0];
        Values(VectorMath.Tanh, x).Should().Equal(double.NaN, 1, -1, 0);
        Values(VectorMath.Erf, x).Should().Equal(double.NaN, 1, -1, 0);
        Values(VectorMath.Exp, x).Should().Equal(double.NaN, double.PositiveInfinity, 0, 1);
        Values(VectorMath.Sin, x).Should().Equal(double.NaN, double.NaN, double.NaN, 0);
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Functions_InPlaceAndAnyLength_SameAsApart(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        foreach (var function in (Function<double>[])[VectorMath.Tanh, VectorMath.Erf, VectorMath.Exp, VectorMath.Sin])
        {
            foreach (var length in (int[])[0, 1, 3, 8, 255, 256, 257, 1000])
            {
                var x = Dense.Random<double>(1, length, length);
                var apart = Values(function, x);
                apart.Where((y, i) => UlpsBetween(y, Values(function, [x[i]])[0]) > Ulps).Should().BeEmpty();
                function(x, x);
                x.Should().Equal(apart);
            }
        }
    }

    [Fact]
    public void Functions_ShortOrShiftedResult_Throws()
    {
        var shorter = () => VectorMath.Tanh<double>(new double[5], new double[4]);
        shorter.Should().Throw<ArgumentException>().WithMessage("The span y has 4 elements; expected at least 5*");
        var x = new double[10];
        var shifted = () => VectorMath.Exp<double>(x.AsSpan(0, 8), x.AsSpan(2, 8));
        shifted.Should().Throw<ArgumentException>().WithMessage("*2 elements after x and overlaps*");
    }

    private static T[] Values<T>(Function<T> function, T[] x)
    {
        var y = new T[x.Length];
        function(x, y);
        return y;
    }

    private static void Check<T>(Function<T> function, T[] x, Func<double, double> exact)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var y = Values(function, x);
        for (var i = 0; i < x.Length; i++)
        {
            UlpsBetween(y[i], exact(double.CreateChecked(x[i]))).Should().BeLessThanOrEqualTo(Ulps, "at {0}", x[i]);
        }
    }

    /// <summary>|y - exact| in units of the last place of exact in T; a NaN counts as infinitely far.</summary>
    private static double UlpsBetween<T>(T y, double exact)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var distance = Math.Abs(double.CreateChecked(y) - exact);
        if (distance == 0)
        {
            return 0;
        }

        var size = T.Abs(T.CreateChecked(exact));
        var ulps = distance / double.CreateChecked(T.BitIncrement(size) - size);
        return double.IsNaN(ulps) ? double.PositiveInfinity : ulps;
    }
}
