using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Propagation;

namespace StableRank.Tests.Propagation;

public sealed class MeanFieldCircleTests
{
    // scipy.integrate.quad of phi''(sqrt(q) z)**2 exp(-z*z/2)/sqrt(2 pi) over (-14, 14), epsabs=1e-15, epsrel=1e-13, with phi'' in closed
    // form: tanh -2 tanh/cosh^2, softplus s (1-s), gelu pdf (2-z^2), silu s (1-s) (2 + z (1-2 s)), erf -4 z exp(-z^2)/sqrt(pi), sin
    [Theory]
    [InlineData("tanh", 0.3, 0.3135980520216395)]
    [InlineData("tanh", 2.0, 0.2493510918566511)]
    [InlineData("softplus", 1.5, 0.040359138216822785)]
    [InlineData("gelu", 0.7, 0.3172984681670742)]
    [InlineData("silu", 1.5, 0.12439862099341643)]
    [InlineData("erf", 0.8, 0.4733541198430488)]
    [InlineData("sin", 1.1, 0.44459842081883294)]
    public void SecondDerivativeSquare_OfSmoothActivations_IsThatOfScipy(string activation, double variance, double expected)
    {
        var value = Activation.Parse(activation).Dual.SecondDerivativeSquare(variance);

        value.Value.Should().BeApproximately(expected, 1e-11 * expected);
        Math.Abs(value.Value - expected).Should().BeLessThanOrEqualTo(value.Error + 1e-12 * expected);
        new MeanFieldMap(Activation.Parse(activation), 1.7).Bend(variance).Should().BeApproximately(1.7 * expected, 1e-10);
    }

    [Theory]
    [InlineData("relu")]
    [InlineData("leaky-relu:0.2")]
    [InlineData("abs")]
    public void SecondDerivativeSquare_AtAKink_IsInfinite(string activation) =>
        Activation.Parse(activation).Dual.SecondDerivativeSquare(1).Value.Should().Be(double.PositiveInfinity);

    [Fact]
    public void SecondDerivativeSquare_OfCustomFunctions_IsInterpolatedOrInfinite()
    {
        // no closed form is known of either: the derivative of E phi' phi' by the correlation is found, or found to have no bound
        var smooth = Activation.Custom("mine", Math.Tanh, z => 1 / (Math.Cosh(z) * Math.Cosh(z)));
        var kinked = Activation.Custom("kinked", z => Math.Max(z, 0), z => z > 0 ? 1 : 0);

        var value = smooth.Dual.SecondDerivativeSquare(2);
        value.Value.Should().BeApproximately(0.2493510918566511, 1e-9);
        Math.Abs(value.Value - 0.2493510918566511).Should().BeLessThanOrEqualTo(10 * value.Error + 1e-13);
        kinked.Dual.SecondDerivativeSquare(2).Value.Should().Be(double.PositiveInfinity);
        Activation.Linear.Dual.SecondDerivativeSquare(2).Value.Should().Be(0);
    }

    [Fact]
    public void SecondDerivativeSquare_OfNoVariance_Throws()
    {
        var zero = () => Activation.Tanh.Dual.SecondDerivativeSquare(0);
        var nan = () => Activation.Tanh.Dual.SecondDerivativeSquare(double.NaN);

        zero.Should().Throw<ArgumentOutOfRangeException>();
        nan.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*NaN*");
    }

    [Theory]
    [InlineData("erf", 0.05)]
    [InlineData("tanh", 0.2)]
    [InlineData("gelu", 0.0)]
    public void Of_SmoothActivations_IsTheKernelsDerivatives(string activation, double bias)
    {
        // independent: along the circle h is stationary of covariance K(t) = q c(cos t); s = -K''(0) and a = K''''(0), by differences
        const double h = 0.05;
        var model = Model(activation, bias, 4);
        var layers = MeanFieldCircle.Of(model, 0.7);
        for (var l = 0; l < 4; l++)
        {
            double K(double t)
            {
                var layer = MeanField.Of(model, 0.7, Math.Cos(t)).Layers[l];
                return layer.LengthA * layer.Correlation;
            }

            var k = Enumerable.Range(0, 5).Select(i => K(i * h)).ToArray();

            // central stencils of order 6 and of order 6, K even
            var second = 2 * (1.5 * (k[1] - k[0]) - 0.15 * (k[2] - k[0]) + (k[3] - k[0]) / 90) / (h * h);
            var fourth = 2 * (-122.0 / 15 * (k[1] - k[0]) + 169.0 / 60 * (k[2] - k[0]) - 2.0 / 5 * (k[3] - k[0])
                + 7.0 / 240 * (k[4] - k[0])) / (h * h * h * h);
            layers[l].PreActivations.SpeedSquare.Should().BeApproximately(-second, 2e-5 * -second);
            layers[l].PreActivations.AccelerationSquare.Should().BeApproximately(fourth, 2e-3 * fourth);
        }
    }

    [Fact]
    public void Of_AFixedPoint_IsPoolesRecursion()
    {
        var map = new MeanFieldMap(Activation.Erf, 3, 0.05);
        var q = map.Attractor().Length;
        var model = StableRank.Networks.Model.Dense(
            [40, 40, 40, 40], Activation.Erf, (_, m, n) => Ensemble.StableRank(m, n, 30, scale: ScaleConvention.Spectral(2)), 0.05);
        var layers = MeanFieldCircle.Of(model, (q - 0.05) / 3);
        var (chi1, chi2) = (map.Slope(q), map.Bend(q));
        for (var l = 1; l < 3; l++)
        {
            var (before, after) = (layers[l - 1].PreActivations, layers[l].PreActivations);
            (after.Length / before.Length).Should().BeApproximately(Math.Sqrt(chi1), 1e-12);
            (40 * after.MeanCurvature * after.MeanCurvature).Should().BeApproximately(
                3 * chi2 / (chi1 * chi1) + 40 * before.MeanCurvature * before.MeanCurvature / chi1, 1e-10);
            after.TotalCurvature.Should().BeApproximately(after.MeanCurvature * after.Length, 1e-10);
        }

        // the first layer's image is an ellipse of the mean speed of a circle
        layers[0].PreActivations.TotalCurvature.Should().BeApproximately(2 * Math.PI, 1e-14);
    }

    [Fact]
    public void Of_Relu_LengthIsTheBoundOfTheory45AndCurvatureInfinite()
    {
        var model = StableRank.Networks.Model.Dense(
            [20, 30, 25], Activation.ReLU, (_, m, n) => Ensemble.StableRank(m, n, 7, scale: ScaleConvention.Spectral(1.3)));
        var layers = MeanFieldCircle.Of(model, 2);
        var exact = ExactPropagation.Of(model);
        for (var l = 0; l < 2; l++)
        {
            layers[l].PostActivations.Length.Should().BeApproximately(
                exact[l].LengthFactorBound * 2 * Math.PI * Math.Sqrt(40), 1e-12 * layers[l].PostActivations.Length);
            layers[l].PostActivations.TotalCurvature.Should().Be(double.PositiveInfinity);
        }
    }

    private static Model Model(string activation, double bias, int depth) => StableRank.Networks.Model.Dense(
        [.. Enumerable.Repeat(40, depth + 1)],
        Activation.Parse(activation),
        (_, m, n) => Ensemble.StableRank(m, n, 25, scale: ScaleConvention.Spectral(1.6)),
        bias);
}
