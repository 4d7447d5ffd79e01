using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Spectra;

namespace StableRank.Tests.Expressivity;

public sealed class JacobianEnsembleTests
{
    [Fact]
    public void Run_OfAFewNetworks_IsTheSpectraOfTheSamples_WhateverTheWorkers()
    {
        var model = Model.Dense([6, 9, 5], Activation.Tanh, (_, m, n) => Ensemble.StableRank(m, n, 3, SpectralFamily.Spike), 0.1);
        var inputs = Matrix<double>.Build.Dense(6, 2, (i, j) => Math.Sin(1 + i - 2 * j));
        var run = JacobianEnsemble.Run(model, inputs, 5, 8, workers: 2);
        var one = JacobianEnsemble.Run(model, inputs, 5, 8, workers: 1);
        for (var i = 0; i < 5; i++)
        {
            var single = JacobianSpectrum.Of(model.Sample<double>(8, (ulong)i), inputs);
            run.Spectra[i].Should().Equal(single, (a, b) => a.Spectrum.Zip(b.Spectrum).All(v => Math.Abs(v.First - v.Second) < 1e-13));
            run.Spectra[i].Select(s => s.Spectrum).Should().Equal(one.Spectra[i].Select(s => s.Spectrum));
        }

        run.StableRank.Mean.Should().BeApproximately(run.Spectra.Average(n => n.Average(s => s.StableRank!.Value)), 1e-13);
        run.StableRank.Count.Should().Be(5);
        run.LocalDimension.Mean.Should().Be(5);
        run.Squares().Count.Should().Be(5 * 2 * 5);
    }

    /// <summary>
    /// Where no singular value is 0 the distance from the predicted law is below a singular value's share, 1/n (the correction is of that
    /// order; what the networks scatter is that over the root of their number), and the law of another family is many times farther.
    /// </summary>
    [Theory]
    [InlineData("power-law", "tanh", 0.25)]
    [InlineData("flat", "leaky-relu:0.5", 0.75)]
    [InlineData("spike", "erf", 0.5)]
    [InlineData("linear", "linear", 0.4)]
    public void Squares_OfManyNetworks_FollowThePredictedLaw_AndNoOther(string family, string activation, double share)
    {
        const int n = 48;
        var model = Make(n, family, activation, share);
        var squares = JacobianEnsemble.Run(model, Ones(n), 100, 3).Squares();

        squares.KolmogorovDistance(JacobianDensity.Of(model, 1).CumulativeProbability, 200).Should().BeLessThan(1.0 / n);
        squares.KolmogorovDistance(JacobianDensity.Of(Make(n, "exponential", activation, share), 1).CumulativeProbability, 200)
            .Should().BeGreaterThan(2.0 / n);
    }

    [Fact]
    public void Distance_FallsWithTheWidth()
    {
        double Distance(int n)
        {
            var model = Make(n, "power-law", "tanh", 0.25);
            return JacobianEnsemble.Run(model, Ones(n), 8192 / n, 5).Squares()
                .KolmogorovDistance(JacobianDensity.Of(model, 1).CumulativeProbability, 200);
        }

        Distance(64).Should().BeLessThan(0.6 * Distance(8), "the distance is of order 1/n, and the sample's scatter a third of it");
    }

    /// <summary>The least number of active neurons of a layer: E min of independent binomials, exact at any width.</summary>
    [Fact]
    public void LocalDimension_OfReluNetworks_IsTheLeastNumberOfActiveNeurons()
    {
        const int n = 24;
        var run = JacobianEnsemble.Run(Make(n, "power-law", "relu", 0.5), Ones(n), 300, 6);
        var binomial = new Binomial(0.5, n);
        double Least(int layers) => Enumerable.Range(1, n).Sum(j => Math.Pow(1 - binomial.CumulativeDistribution(j - 1), layers));
        Math.Abs(run.LocalDimension.DeviationsFrom(Least(2))).Should().BeLessThan(4);
        Math.Abs(run.LocalDimension.DeviationsFrom(Least(1))).Should().BeGreaterThan(4);
    }

    [Fact]
    public void DensityOf_ANetworksOwnWeightsAndSlopes_IsNearItsSpectrum_AndFarWhereLayersAreAligned()
    {
        const int n = 96;
        var network = Make(n, "power-law", "relu", 0.25).Sample<double>(2);
        var measured = JacobianSpectrum.Of(network, Ones(n))[0];
        var law = JacobianDensity.Of(network, Ones(n))[0]!;
        var squares = new EmpiricalLaw(measured.Spectrum.Select((s, i) => i < measured.LocalDimension ? s * s : 0));

        // one network: fluctuations of a few shares
        (n * (1 - law.AtomAtZero)).Should().BeApproximately(measured.LocalDimension, 1e-9);
        squares.KolmogorovDistance(law.CumulativeProbability).Should().BeLessThan(4.0 / n);

        // W W^T: the second layer is the first one's transpose, and its squares are squared
        var w = network.Layers[0].Weights;
        var aligned = new Network<double>(
            [new DenseLayer<double>(w, null, Activation.Linear), new DenseLayer<double>(w.Transpose(), null, Activation.Linear)]);
        var both = new EmpiricalLaw(JacobianSpectrum.Of(aligned, Ones(n))[0].Spectrum.Select(s => s * s));
        both.KolmogorovDistance(JacobianDensity.Of(aligned, Ones(n))[0]!.CumulativeProbability).Should().BeGreaterThan(8.0 / n);
    }

    [Fact]
    public void DensityOf_ADeadNetwork_IsNull()
    {
        var dead = new DenseLayer<double>(Matrix<double>.Build.DenseIdentity(3), Vector<double>.Build.Dense(3, -9), Activation.ReLU);
        JacobianDensity.Of(new Network<double>([dead]), Ones(3)).Should().Equal([null]);
    }

    private static Model Make(int n, string family, string activation, double share) => Model.Dense(
        [n, n, n], Activation.Parse(activation),
        (_, rows, columns) => Ensemble.StableRank(rows, columns, share * n, SpectralFamily.Parse(family), ScaleConvention.Linear));

    private static Matrix<double> Ones(int n) => Matrix<double>.Build.Dense(n, 1, 1);
}
