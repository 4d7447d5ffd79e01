using StableRank.Networks;

namespace StableRank.Tests.Networks;

/// <summary>Custom functions, integrated blindly, against the closed forms of the same functions.</summary>
public sealed class CustomDualTests
{
    private static readonly (double Qa, double Qb, double C)[] Pairs =
        [(1, 1, 0.5), (0.3, 2.5, -0.6), (2, 1.5, 0.95), (1.7, 1.7, 0), (0.7, 0.7, 1), (0.7, 1.1, -1), (0, 1.2, 0.4), (30, 50, 0.7)];

    [Fact]
    public void ASmoothFunction_ComesOutToRounding_AndItsErrorSaysSo()
    {
        var tanh = Activation.Custom("t", Math.Tanh, z => 1 / (Math.Cosh(z) * Math.Cosh(z))).Dual;
        foreach (var (qa, qb, c) in Pairs)
        {
            // the function has |phi| <= 1, and the sums at most 1e5 terms in effect
            tanh.Product(qa, qb, c).Value.Should().BeApproximately(Activation.Tanh.Dual.Product(qa, qb, c).Value, 1e-13);
            tanh.DerivativeProduct(qa, qb, c).Value.Should()
            .BeApproximately(Activation.Tanh.Dual.DerivativeProduct(qa, qb, c).Value, 1e-13);
            tanh.Product(qa, qb, c).Error.Should().BeLessThan(1e-13);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.31)]
    [InlineData(-1.7)]
    public void ErrorAtKinksAndJumps_BoundsTheTrueOne(double slope)
    {
        var custom = Activation.Custom("kinked", z => z > 0 ? z : slope * z, z => z > 0 ? 1 : slope).Dual;
        var exact = Activation.LeakyReLU(slope).Dual;
        foreach (var (qa, qb, c) in Pairs)
        {
            Check(custom.Product(qa, qb, c), exact.Product(qa, qb, c).Value, 1e-3 * Math.Max(1, Math.Sqrt(qa * qb)));
            if (qa > 0)
            {
                Check(custom.DerivativeProduct(qa, qb, c), exact.DerivativeProduct(qa, qb, c).Value, 0.1);
            }
        }

        foreach (var q in new[] { 0.02, 1, 40 })
        {
            Check(custom.Square(q), exact.Square(q).Value, 1e-4 * q);
            Check(custom.SquareRate(q), exact.SquareRate(q).Value, 1e-3);
            Check(custom.DerivativeSquare(q), exact.DerivativeSquare(q).Value, 1e-2);
            Check(custom.DerivativeFourth(q), exact.DerivativeFourth(q).Value, 1e-2 * (1 + Math.Pow(slope, 4)));
        }
    }

    /// <summary>Where the kink lies between nodes, two interleaved rules can agree and be wrong; this goes through all places.</summary>
    [Fact]
    public void ErrorOfAKinkAnywhere_BoundsTheTrueOne()
    {
        for (var i = 0; i < 40; i++)
        {
            var t = 0.5 + 0.0037 * i;
            var custom = Activation.Custom("shifted", z => Math.Max(z - t, 0), z => z > t ? 1 : 0).Dual;
            // E max(z - t, 0)^2 = (1 + t^2) Q(t) - t n(t), E 1(z > t) = Q(t), Q(t) = erfc(t/sqrt 2)/2
            var tail = MathNet.Numerics.SpecialFunctions.Erfc(t / Math.Sqrt(2)) / 2;
            var density = Math.Exp(-t * t / 2) / Math.Sqrt(2 * Math.PI);
            Check(custom.DerivativeSquare(1), tail, 1e-2);
            Check(custom.Square(1), (1 + t * t) * tail - t * density, 1e-4);
            Check(custom.Product(1, 1, 0), (density - t * tail) * (density - t * tail), 1e-4);
            if (i % 8 == 0)
            {
                Check(custom.DerivativeProduct(1, 1, 0), tail * tail, 1e-2);
                // nearly the same variable: two dimensions
                var near = custom.DerivativeProduct(1, 1, 0.999);
                near.Error.Should().BeGreaterThan(0);
                near.Value.Should().BeInRange(0, tail + near.Error);
            }
        }
    }

    [Fact]
    public void GrowthAndOrigin_AreJudged()
    {
        Rate(z => Math.Max(z, 0.25 * z), z => z > 0 ? 1 : 0.25).Should().Be((0.53125, 0.53125));
        Rate(z => z * z, z => 2 * z).AtInfinity.Should().Be(double.PositiveInfinity);
        Rate(Math.Exp, Math.Exp).Should().Be((double.PositiveInfinity, double.PositiveInfinity));
        Rate(z => 5 * Math.Tanh(z), z => 5 / (Math.Cosh(z) * Math.Cosh(z))).AtInfinity.Should().Be(0);
        Rate(z => Math.CopySign(Math.Pow(Math.Abs(z), 0.9), z), z => 1).AtInfinity.Should().Be(0);

        static (double AtZero, double AtInfinity) Rate(Func<double, double> value, Func<double, double> derivative)
        {
            var dual = Activation.Custom("f", value, derivative).Dual;
            return (dual.RateAtZero, dual.RateAtInfinity);
        }
    }

    [Fact]
    public void AFunctionThatIsNaNSomewhere_IsRefused()
    {
        var root = Activation.Custom("root", Math.Sqrt, z => 0.5 / Math.Sqrt(z));
        FluentActions.Invoking(() => root.Dual.Square(1)).Should().Throw<ArithmeticException>().WithMessage("*root*");
        FluentActions.Invoking(() => root.Dual.Product(1, 1, 0.5)).Should().Throw<ArithmeticException>();
        var pole = Activation.Custom("pole", z => 1 / z, z => -1 / (z * z));
        FluentActions.Invoking(() => pole.Dual).Should().Throw<ArithmeticException>().WithMessage("*pole*at 0*");
    }

    private static void Check(GaussianExpectation estimate, double exact, double greatestError)
    {
        Math.Abs(estimate.Value - exact).Should().BeLessThanOrEqualTo(estimate.Error);
        estimate.Error.Should().BeLessThan(greatestError);
    }
}
