using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Networks;

/// <summary>Activations that grow faster than in proportion, whose errors are relative to their own size, and custom ones.</summary>
public sealed class SteepActivationTests
{
    public static TheoryData<string> Names =>
    [
        "exp", "monomial:2", "monomial:3", "monomial:4", "monomial:5", "hermite:2", "hermite:3", "hermite:4", "hermite:5", "hermite:10",
        "rbf:3",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Derivative_EqualsRichardsonDifferences(string name)
    {
        // (8 (f(z+h) - f(z-h)) - (f(z+2h) - f(z-2h)))/12h: h^4/30 |f^(5)|, at most 1e-13 2e4 on |z| < 3 (hermite:10), and rounding
        const double h = 1.0 / (1 << 10);
        var activation = Activation.Parse(name);
        var z = Grid();
        var d = new double[z.Length];
        activation.Derivative<double>(z, d);
        var (plus, minus, plus2, minus2) = (Of(activation, z, h), Of(activation, z, -h),
            Of(activation, z, 2 * h), Of(activation, z, -2 * h));
        var scale = d.Max(Math.Abs) + plus2.Max(Math.Abs);
        for (var i = 0; i < z.Length; i++)
        {
            var difference = (8 * (plus[i] - minus[i]) - (plus2[i] - minus2[i])) / (12 * h);
            difference.Should().BeApproximately(d[i], 1e-8 + 64 * MachineEpsilon.Double * scale / h);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SinglePrecision_IsDoublePrecisionRounded(string name)
    {
        var activation = Activation.Parse(name);
        var single = Grid().Select(x => (float)x).ToArray();
        var z = single.Select(x => (double)x).ToArray();
        var (a, d) = (new double[z.Length], new double[z.Length]);
        activation.Apply<double>(z, a);
        activation.Derivative<double>(z, d);
        var (fa, fd) = (new float[z.Length], new float[z.Length]);
        activation.Apply<float>(single, fa);
        activation.Derivative<float>(single, fd);
        // the roundings of up to ten factors, of the phase of rbf:3 (up to 8 radians), relative to the greatest value on the grid
        var (largest, steepest) = (a.Max(Math.Abs), d.Max(Math.Abs));
        for (var i = 0; i < z.Length; i++)
        {
            ((double)fa[i]).Should().BeApproximately(a[i], 16 * MachineEpsilon.Single * largest);
            ((double)fd[i]).Should().BeApproximately(d[i], 16 * MachineEpsilon.Single * steepest);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryEntry_IsIndependentOfItsPlaceAndOfWorkingInPlace(string name)
    {
        var activation = Activation.Parse(name);
        foreach (var length in Enumerable.Range(0, 40).Append(1000))
        {
            var z = Enumerable.Range(0, length).Select(i => 3 * Math.Sin(1 + i)).ToArray();
            var (a, d) = ((double[])z.Clone(), (double[])z.Clone());
            activation.Apply<double>(a, a);
            activation.Derivative<double>(d, d);
            for (var i = 0; i < length; i++)
            {
                var one = new double[1];
                activation.Apply<double>(z.AsSpan(i, 1), one);
                a[i].Should().BeApproximately(one[0], 8 * MachineEpsilon.Double * Math.Max(8, Math.Abs(one[0])));
                activation.Derivative<double>(z.AsSpan(i, 1), one);
                d[i].Should().BeApproximately(one[0], 8 * MachineEpsilon.Double * Math.Max(8, Math.Abs(one[0])));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NaN_In_GivesNaNOut_AndNothingIsAllocated(string name)
    {
        var activation = Activation.Parse(name);
        var z = Enumerable.Repeat(double.NaN, 300).ToArray();
        var (a, d) = (new double[300], new double[300]);
        activation.Apply<double>(z, a);
        activation.Derivative<double>(z, d);
        var before = GC.GetAllocatedBytesForCurrentThread();
        activation.Apply<double>(z, a);
        activation.Derivative<double>(z, d);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        a.Concat(d).Should().OnlyContain(x => double.IsNaN(x));
    }

    [Fact]
    public void Infinities_GiveTheLimits()
    {
        double At(Activation activation, double z) => Of(activation, [z], 0)[0];
        At(Activation.Hermite(3), double.NegativeInfinity).Should().Be(double.NegativeInfinity);
        At(Activation.Hermite(4), 1e200).Should().Be(double.PositiveInfinity);
        At(Activation.Silu, double.NegativeInfinity).Should().Be(0);
        At(Activation.Silu, double.PositiveInfinity).Should().Be(double.PositiveInfinity);
        At(Activation.Softplus, double.NegativeInfinity).Should().Be(0);
        At(Activation.Softplus, -50).Should().BeApproximately(Math.Exp(-50), 1e-15 * Math.Exp(-50));
        At(Activation.Abs, double.NegativeInfinity).Should().Be(double.PositiveInfinity);
        At(Activation.Exp, -800).Should().Be(0);
    }

    [Fact]
    public void Abs_IsLeakyReluOfSlopeMinusOne()
    {
        var z = Grid();
        var (a, b) = (Of(Activation.Abs, z, 0), Of(Activation.LeakyReLU(-1), z, 0));
        a.Should().Equal(b);
        a.Should().Equal(z.Select(Math.Abs));
        Activation.Abs.IsPiecewiseLinear(out var slope).Should().BeTrue();
        slope.Should().Be(-1);
        foreach (var c in new[] { -1, -0.3, 0, 0.8, 1 })
        {
            Activation.Abs.Dual.Product(2, 0.5, c).Should().Be(Activation.LeakyReLU(-1).Dual.Product(2, 0.5, c));
        }
    }

    [Fact]
    public void Custom_AppliesTheGivenFunctions_InBothPrecisions()
    {
        var custom = Activation.Custom("cube", z => double.IsNaN(z) ? 7 : z * z * z, z => 3 * z * z);
        custom.Name.Should().Be("cube");
        Of(custom, [2, -1, double.NaN], 0).Should().Equal(8, -1, double.NaN);
        var d = new float[2];
        custom.Derivative<float>([2, -1], d);
        d.Should().Equal(12, 3);
        custom.IsPiecewiseLinear(out _).Should().BeFalse();
        FluentActions.Invoking(() => Activation.Parse("cube")).Should().Throw<ArgumentException>();
    }

    private static double[] Grid() => [.. Enumerable.Range(0, 201).Select(i => -3 + 0.03 * i + 0.0137)];

    private static double[] Of(Activation activation, double[] z, double shift)
    {
        var a = z.Select(x => x + shift).ToArray();
        activation.Apply<double>(a, a);
        return a;
    }
}
