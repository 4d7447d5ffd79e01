using FluentAssertions;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;

namespace StableRank.Tests.Kernels;

public sealed class PooledKernelTests
{
    private const double Tolerance = 1e-13;
    private const double Gain = 1.6, Bias = 0.1;

    /// <summary>One convolution of 3 taps on a line of 5, no padding, and the pooled layer: every pair of positions written out.</summary>
    [Fact]
    public void Compute_OneConvolution_AgreesWithSumsOverPairsWrittenOut()
    {
        const int size = 5, taps = 3, positions = 3;
        var shape = new ConvolutionShape(1, new ConvolutionAxis(size, taps));
        var model = new Model(
        [
            new ConvolutionSpecification(shape, Ensemble.Gaussian(8, taps, Gain / taps), Activation.Erf, Bias),
            new PooledDenseSpecification(positions, Ensemble.Gaussian(1, 8, Gain / 8), Activation.Linear),
        ]);
        var inputs = new RandomModels(6).Inputs(size, 3);

        var result = LimitKernel.Of(model, KernelParameterization.Standard).Compute(inputs);

        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                var (nngp, ntk) = (0.0, 0.0);
                for (var p = 0; p < positions; p++)
                {
                    for (var q = 0; q < positions; q++)
                    {
                        double K(int a, int s, int b, int t) =>
                            Gain / taps * Enumerable.Range(0, taps).Sum(k => inputs[s + k, a] * inputs[t + k, b]) + Bias;
                        var (x, y, k) = (K(i, p, i, p), K(j, q, j, q), K(i, p, j, q));
                        var c = Math.Clamp(k / Math.Sqrt(x * y), -1, 1);
                        var product = Activation.Erf.Dual.Product(x, y, c).Value;
                        nngp += Gain * product / (positions * positions);
                        // sum of x x' over the taps and 1 for the bias below; 8 channels of the means above
                        var theta = (k - Bias) / Gain * taps + 1;
                        ntk += (8 * product + Gain * Activation.Erf.Dual.DerivativeProduct(x, y, c).Value * theta)
                            / (positions * positions);
                    }
                }

                result.Nngp[i, j].Should().BeApproximately(nngp, Tolerance * 10);
                result.Ntk[i, j].Should().BeApproximately(ntk, Tolerance * 100);
            }
        }
    }

    [Fact]
    public void Forward_PooledLayer_IsDenseLayerOnMeans()
    {
        var random = new RandomModels(8);
        var (weights, inputs) = (random.Inputs(4, 3), random.Inputs(15, 6));
        var means = Matrix<double>.Build.Dense(3, 6, (c, s) => inputs.Column(s).SubVector(5 * c, 5).Average());

        var pooled = new Network<double>([new PooledDenseLayer<double>(5, weights, null, Activation.Tanh)]);
        var dense = new Network<double>([new DenseLayer<double>(weights, null, Activation.Tanh)]);

        (pooled.Forward(inputs).Outputs - dense.Forward(means).Outputs).InfinityNorm().Should().BeLessThan(1e-14);
    }

    [Fact]
    public void Parameters_OfConvolutionAndPooledLayer_AreNamedAsInPyTorch()
    {
        // torch.nn.Sequential(Conv1d(1, 8, 3), ReLU(), AdaptiveAvgPool1d(1), Flatten(), Linear(8, 2)): list(m.state_dict())
        var shape = new ConvolutionShape(1, new ConvolutionAxis(5, 3));
        var model = new Model(
        [
            new ConvolutionSpecification(shape, Ensemble.Gaussian(8, 3), Activation.ReLU, 0.1),
            new PooledDenseSpecification(3, Ensemble.Gaussian(2, 8), Activation.Linear, 0.1),
        ]);

        model.Sample<double>(1).Parameters.Select(p => p.Name).Should().Equal("0.weight", "0.bias", "4.weight", "4.bias");
    }

    [Fact]
    public void Model_PooledLayerThatDoesNotFit_NamesBoth()
    {
        var shape = new ConvolutionShape(1, new ConvolutionAxis(5, 3));
        var convolution = new ConvolutionSpecification(shape, Ensemble.Gaussian(8, 3), Activation.ReLU);

        // 4 x 6 = 8 x 3 = 24 entries
        FluentActions.Invoking(() => new Model([convolution, new PooledDenseSpecification(4, Ensemble.Gaussian(1, 6), Activation.ReLU)]))
            .Should().Throw<ArgumentException>().WithMessage("*over 4 positions but layer 1 has 3*");
        var dense = new DenseSpecification(Ensemble.Gaussian(24, 2), Activation.ReLU);
        FluentActions.Invoking(() => new Model([dense, new PooledDenseSpecification(4, Ensemble.Gaussian(1, 6), Activation.ReLU)]))
            .Should().Throw<ArgumentException>().WithMessage("*no convolution*");
    }
}
