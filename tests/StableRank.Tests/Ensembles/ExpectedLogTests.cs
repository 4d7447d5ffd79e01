using MathNet.Numerics;
using StableRank.Ensembles;

namespace StableRank.Tests.Ensembles;

public sealed class ExpectedLogTests
{
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(257)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public void OfWeightedChiSquare_EqualWeights_IsDigamma(int count)
    {
        double[] weights = Enumerable.Repeat(0.37, count).ToArray();
        ExpectedLog.OfWeightedChiSquare(weights).Should().BeApproximately(
            SpecialFunctions.DiGamma(count / 2.0) + Math.Log(2 * 0.37), Tolerance);
    }

    // Weights in equal pairs: a sum of independent exponentials of means 2 w_i, whose density is a mixture by partial fractions, so that
    // E log = sum_i c_i (log(2 w_i) - gamma), c_i = prod_{j != i} w_i / (w_i - w_j).
    [Fact]
    public void OfWeightedChiSquare_WeightsInPairs_IsTheMixtureOfExponentials()
    {
        double[] means = [1, 3, 0.2, 7.5];
        double expected = means.Sum(w => means.Where(v => v != w).Aggregate(1.0, (c, v) => c * w / (w - v))
            * (Math.Log(2 * w) - Constants.EulerMascheroni));
        ExpectedLog.OfWeightedChiSquare([.. means, .. means]).Should().BeApproximately(expected, Tolerance);
    }

    // python3 -c "import mpmath as mp; mp.mp.dps = 40
    //   f = lambda w: mp.quad(lambda u: mp.exp(-mp.exp(u)) - mp.fprod([(1 + 2*mp.exp(u)*x)**mp.mpf(-0.5) for x in w]),
    //     [-100,-60,-40,-30,-20,-15,-10,-6,-4,-3,-2,-1,0,1,2,3,4,6,10,15,20,30,40,60,100,150,200])
    //   print(f([1, .5, .25]), f([3, 1e-6]), f([1] + [mp.mpf(1)/10]*20), f([mp.mpf(i)**-2 for i in range(1, 41)]))"
    [Fact]
    public void OfWeightedChiSquare_MixedWeights_EqualsMpmath()
    {
        ExpectedLog.OfWeightedChiSquare([1, 0.5, 0.25]).Should().BeApproximately(0.13098227391162211572, Tolerance);
        ExpectedLog.OfWeightedChiSquare([3, 1e-6]).Should().BeApproximately(-0.17059618946007803055, Tolerance);
        ExpectedLog.OfWeightedChiSquare([1, .. Enumerable.Repeat(0.1, 20)]).Should().BeApproximately(0.99308260593705206131, Tolerance);
        ExpectedLog.OfWeightedChiSquare(Enumerable.Range(1, 40).Select(i => Math.Pow(i, -2)).ToArray())
            .Should().BeApproximately(0.16578672204752846931, Tolerance);
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e-20)]
    [InlineData(1e300)]
    public void OfWeightedChiSquare_ScaledWeights_AddsTheLogOfTheScale(double scale) =>
        ExpectedLog.OfWeightedChiSquare([0, scale, 0.5 * scale, 0.25 * scale]).Should().BeApproximately(
            0.13098227391162211572 + Math.Log(scale), Tolerance + (Math.Abs(Math.Log(scale)) * 1e-15));

    [Fact]
    public void OfWeightedChiSquare_VanishingSecondWeight_IsContinuous() =>
        ExpectedLog.OfWeightedChiSquare([1, 1e-290]).Should().BeApproximately(
            SpecialFunctions.DiGamma(0.5) + Math.Log(2), Tolerance);

    [Fact]
    public void OfWeightedChiSquare_NothingToWeigh_IsRefused()
    {
        Action zero = () => ExpectedLog.OfWeightedChiSquare([0, 0]);
        Action negative = () => ExpectedLog.OfWeightedChiSquare([1, -2]);
        Action nan = () => ExpectedLog.OfWeightedChiSquare([1, double.NaN]);
        zero.Should().Throw<ArgumentException>().WithMessage("*zero*");
        negative.Should().Throw<ArgumentException>().WithMessage("*Weight 1 is -2*");
        nan.Should().Throw<ArgumentException>().WithMessage("*Weight 1 is NaN*");
    }

    // Gamma(a) / rate: L(t) = (1 + t/rate)^-a, E log = psi(a) - log rate.
    [Theory]
    [InlineData(0.25, 1)]
    [InlineData(1, 1e-6)]
    [InlineData(3.7, 1e6)]
    [InlineData(200, 5)]
    public void FromLaplace_Gamma_IsDigamma(double shape, double rate) =>
        ExpectedLog.FromLaplace(t => Math.Exp(-shape * Log1p(t / rate))).Should().BeApproximately(
            SpecialFunctions.DiGamma(shape) - Math.Log(rate), Tolerance);

    [Fact]
    public void FromLaplace_MassAtZero_IsRefused()
    {
        Action atom = () => ExpectedLog.FromLaplace(t => 0.25 + (0.75 / (1 + t)));
        Action nan = () => ExpectedLog.FromLaplace(_ => double.NaN);
        atom.Should().Throw<ArithmeticException>().WithMessage("*0.25*");
        nan.Should().Throw<ArithmeticException>().WithMessage("*not a number*");
    }

    private static double Log1p(double x)
    {
        double sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
    }
}
