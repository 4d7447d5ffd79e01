using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.GradientRank;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.GradientRank;

public sealed class GradientDirectionsTests
{
    private static readonly int[] Widths = [14, 20, 11, 16, 13];
    private static readonly double[] Shares = [0.05, 0.3, 0.6, 0.15];

    [Theory]
    [InlineData("flat")]
    [InlineData("spike")]
    [InlineData("power-law")]
    [InlineData("exponential")]
    public void RelativeValues_BoundEverySingularValueOfEveryGradient(string family)
    {
        var model = Of(family);
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var (network, c) = Draw(model, (ulong)seed);
            var ofModel = GradientDirections.Of(model, Spectrum.Of(c));
            var ofNetwork = GradientDirections.Of(network, c);
            for (var l = 0; l < model.Depth; l++)
            {
                var gradient = Spectrum.Of(network.Parameters[l].GradientMatrix);
                // errors of products of matrices and of their singular values: eps x dimension x product of norms, for each factor
                var rounding = (model.Depth + 2) * Widths.Max() * 2.2e-16;
                foreach (var bound in new[] { ofModel[l], ofNetwork[l] })
                {
                    var norm = Math.Exp(bound.LogNorm);
                    bound.RelativeValues.Should().HaveCount(gradient.Count).And.BeInDescendingOrder();
                    bound.RelativeValues[0].Should().Be(1);
                    gradient.Zip(bound.RelativeValues).Should().OnlyContain(pair => pair.First / norm <= pair.Second + rounding);
                    foreach (var relative in new[] { 1e-3, 0.01, 0.1 })
                    {
                        gradient.NumericalRank(norm * (relative + rounding)).Should().BeLessThanOrEqualTo(
                            bound.CountAbove(bound.LogNorm + Math.Log(relative)));
                    }
                }
            }
        }
    }

    [Fact]
    public void RelativeValues_ByBruteForceOverAllShares_AreTheSame()
    {
        var model = Model.Dense([4, 3, 5, 4], Activation.Linear, (l, m, n) =>
            Ensemble.FromSpectrum(m, n, Spectrum.FromSingularValues(
                (double[])(l == 1 ? [2, 1, 0.5] : l == 2 ? [3, 2.5, 0.3] : [1, 0.9, 0.2, 0.1]))));
        var c = Spectrum.FromSingularValues(1, 0.7, 0.6, 0.1);
        var bounds = GradientDirections.Of(model, c);
        double[][] factors = [[1, 0.5, 0.25], [1, 2.5 / 3, 0.1], [1, 0.9, 0.2, 0.1], [1, 0.7, 0.6, 0.1]];
        static double At(double[] values, int i) => i < values.Length ? values[i] : 0;
        for (var l = 0; l < 3; l++)
        {
            double[][] others = [.. factors.Where((_, j) => j != l)];
            for (var k = 0; k < bounds[l].RelativeValues.Count; k++)
            {
                var least = double.PositiveInfinity;
                for (var i = 0; i <= k; i++)
                {
                    for (var j = 0; i + j <= k; j++)
                    {
                        least = Math.Min(least, At(others[0], i) * At(others[1], j) * At(others[2], k - i - j));
                    }
                }

                bounds[l].RelativeValues[k].Should().BeApproximately(least, 1e-15);
            }
        }

        Math.Exp(bounds[1].LogNorm).Should().BeApproximately(2, 1e-14, "2 x 1 x 1: layer 2 does not enter");
    }

    [Fact]
    public void RelativeValues_OfOneFactorAlone_AreAttainedByAlignedFactors()
    {
        // L = 1: the gradient is C itself; and diagonal factors with aligned vectors attain s_k(W_j) s_k(C) >= the bound at equal spectra
        var c = Spectrum.FromSingularValues(3.0, 2.0, 1.0);
        var one = GradientDirections.Of(Model.Dense([4, 3], Activation.Linear, (_, m, n) => Ensemble.Orthogonal(m, n)), c)[0];
        one.RelativeValues.Should().Equal([1, 2.0 / 3, 1.0 / 3]);
        one.SquaredNormOutside.Select(share => Math.Round(14 * share, 12)).Should().Equal([14, 5, 1, 0]);
        one.CountAbove(Math.Log(1.5)).Should().Be(2);
        one.CountAbove(double.NegativeInfinity).Should().Be(3);
        one.CountHolding(0.08).Should().Be(2);
        one.CountHolding(0).Should().Be(3);
        one.CountHolding(1).Should().Be(0);
    }

    /// <summary>
    /// Means over 400 networks of sum_(i&gt;k) s_i^2, over the exact mean of ||G||_F^2: at most the bound, standard errors allowed for; and
    /// no bound to be had from a layer's own spectrum.
    /// </summary>
    [Theory]
    [InlineData("spike", 1)]
    [InlineData("power-law", 2)]
    [InlineData("flat", 3)]
    public void SquaredNormOutside_BoundsMeansOverNetworks(string family, ulong seed)
    {
        const int Networks = 400;
        var model = Of(family);
        var (_, c) = Draw(model, seed);
        var (bounds, exact) = (GradientDirections.Of(model, Spectrum.Of(c)), LinearGradientMoments.Of(model, c));
        for (var l = 0; l < model.Depth; l++)
        {
            var k = bounds[l].RelativeValues.Count;
            var shares = new double[k][];
            double[][] spectra = [.. Enumerable.Range(0, Networks).Select(replicate =>
                Draw(model, seed, (ulong)replicate).Network.Parameters[l]).Select(p => Spectrum.Of(p.GradientMatrix).ToArray())];
            for (var i = 0; i < k; i++)
            {
                shares[i] = [.. spectra.Select(s => s.Skip(i).Sum(v => v * v) / exact[l].SquaredNorm)];
                var mean = shares[i].Average();
                var error = Math.Sqrt(shares[i].Sum(v => (v - mean) * (v - mean)) / Networks / (Networks - 1.0));
                mean.Should().BeLessThanOrEqualTo(bounds[l].SquaredNormOutside[i] + 4 * error + 1e-13);
            }

            bounds[l].SquaredNormOutside.Should().HaveCount(k + 1).And.BeInDescendingOrder();
            bounds[l].SquaredNormOutside[0].Should().Be(1);
            bounds[l].SquaredNormOutside[^1].Should().Be(0);
        }
    }

    [Fact]
    public void Bounds_OfALayersOwnSpectrum_WouldBeWrong()
    {
        // layer 1 has stable rank 1.05 and the gradient of layer 1 does not feel it
        var model = Model.Dense([16, 16, 16], Activation.Linear, (l, m, n) =>
            l == 1 ? Ensemble.StableRank(m, n, 1, SpectralFamily.Flat) : Ensemble.Orthogonal(m, n));
        var (network, c) = Draw(model, 5);
        var bounds = GradientDirections.Of(model, Spectrum.Of(c));
        bounds[0].CountAbove(bounds[0].LogNorm - 20).Should().BeGreaterThan(4);
        bounds[1].CountAbove(bounds[1].LogNorm - 20).Should().Be(1);
        Spectrum.Of(network.Parameters[0].GradientMatrix).StableRank.Should().BeGreaterThan(1.5);
        Spectrum.Of(network.Parameters[1].GradientMatrix).StableRank.Should().BeApproximately(1, 1e-12);
    }

    [Theory]
    [InlineData(1, 0.1, 1)]
    [InlineData(5, 0.5, 16)]
    [InlineData(5, 0.999, 5)]
    [InlineData(5, 1, 0)]
    [InlineData(1.01, 0.5, 1)]
    public void CountOfStableRank_IsWhatFamiliesReachAndNoneExceeds(double stableRank, double tolerance, double expected)
    {
        GradientDirections.CountOfStableRank(stableRank, tolerance).Should().Be(expected);
        foreach (var family in new[] { SpectralFamily.Flat, SpectralFamily.Spike, SpectralFamily.PowerLaw, SpectralFamily.Exponential })
        {
            foreach (var size in new[] { 8, 16, 17, 64 })
            {
                var spectrum = family.Draw(size, size, stableRank);
                spectrum.NumericalRank(tolerance * spectrum.SpectralNorm).Should().BeLessThanOrEqualTo((int)expected);
            }
        }

        // the spike of k = 16 has y_i = 4/15 > 1/4: attained
        SpectralFamily.Spike.Draw(16, 16, 5).NumericalRank(0.5).Should().Be(16);
    }

    [Fact]
    public void Guards_NameWhatIsWrong()
    {
        var c = Spectrum.FromSingularValues(1.0);
        var gaussian = Model.Dense([3, 3], Activation.Linear, (_, m, n) => Ensemble.Gaussian(m, n, 1));
        FluentActions.Invoking(() => GradientDirections.Of(gaussian, c)).Should().Throw<NotSupportedException>().WithMessage("*layer 1*");
        var relu = Model.Dense([3, 3], Activation.ReLU, (_, m, n) => Ensemble.Orthogonal(m, n));
        FluentActions.Invoking(() => GradientDirections.Of(relu, c)).Should().Throw<NotSupportedException>();
        FluentActions.Invoking(() => GradientDirections.Of(relu.Sample<double>(1), Matrix<double>.Build.Dense(3, 3, 1)))
            .Should().Throw<NotSupportedException>().WithMessage("*Layer 1*");
        FluentActions.Invoking(() => GradientDirections.Of(gaussian.Sample<double>(1), Matrix<double>.Build.Dense(3, 3)))
            .Should().Throw<ArgumentException>().WithMessage("*zero*");
        FluentActions.Invoking(() => GradientDirections.CountOfStableRank(0.5, 0.1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => GradientDirections.CountOfStableRank(2, double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static Model Of(string family) => Model.Dense(Widths, Activation.Linear, (l, m, n) =>
        Ensemble.StableRank(m, n, 1 + Shares[l - 1] * (Math.Min(m, n) - 1), SpectralFamily.Parse(family), ScaleConvention.Spectral(l)));

    /// <summary>A network with the gradients of a loss that is linear in its outputs, and C.</summary>
    private static (Network<double> Network, Matrix<double> C) Draw(Model model, ulong seed, ulong replicate = 0)
    {
        const int Batch = 9;
        var stream = new RandomStream(seed, layer: 99);
        double[] x = new double[model.InputSize * Batch], g = new double[model.OutputSize * Batch];
        stream.FillGaussian<double>(x);
        stream.FillGaussian<double>(g);
        var inputs = Matrix<double>.Build.Dense(model.InputSize, Batch, x);
        var outputGradient = Matrix<double>.Build.Dense(model.OutputSize, Batch, g);
        var network = model.Sample<double>(seed, replicate);
        network.Backward(network.Forward(inputs), outputGradient);
        return (network, outputGradient.TransposeAndMultiply(inputs));
    }
}
