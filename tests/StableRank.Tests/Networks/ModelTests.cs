using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Tests.Networks;

public sealed class ModelTests
{
    [Fact]
    public void Sample_OfALayer_IsItsEnsembleOnTheStreamOfSeedLayerReplicate()
    {
        var model = Model.Dense([6, 9, 4], Activation.ReLU, Stable);
        var network = model.Sample<double>(12, 3);
        for (var l = 1; l <= 2; l++)
        {
            network.Layers[l - 1].Weights.Should().Be(model.Layers[l - 1].Weights.Sample<double>(new RandomStream(12, (ulong)l, 3)));
        }
    }

    [Fact]
    public void Sample_OfTheSameName_IsTheSameAndOfAnotherIsNot()
    {
        var model = Model.Dense([6, 6, 6], Activation.Tanh, Stable, 0.5);
        var first = model.Sample<double>(1, 2);
        var again = model.Sample<double>(1, 2);
        again.Layers[1].Weights.Should().Be(first.Layers[1].Weights);
        again.Layers[1].Bias.Should().Equal(first.Layers[1].Bias);
        model.Sample<double>(1, 3).Layers[1].Weights.Should().NotBe(first.Layers[1].Weights);
        model.Sample<double>(2, 2).Layers[1].Bias.Should().NotEqual(first.Layers[1].Bias);
        first.Layers[0].Weights.Should().NotBe(first.Layers[1].Weights);
        first.Layers[0].Bias.Should().NotEqual(first.Layers[1].Bias);
    }

    [Fact]
    public void Sample_InSinglePrecision_IsTheSameNetworkRounded()
    {
        var model = Model.Dense([8, 12, 5], Activation.Erf, Stable, 0.5);
        var exact = model.Sample<double>(4).Forward(Matrix<double>.Build.Dense(8, 2, 1)).Outputs;
        var single = model.Sample<float>(4).Forward(Matrix<float>.Build.Dense(8, 2, 1)).Outputs.Map(x => (double)x);
        (exact - single).L2Norm().Should().BeLessThan(64 * MachineEpsilon.Single);
    }

    [Fact]
    public void Biases_OfManyNetworks_HaveTheVarianceAskedFor()
    {
        const double variance = 0.7;
        const int replicates = 400;
        var model = Model.Dense([2, 50, 3], Activation.Linear, (l, m, n) => Ensemble.Gaussian(m, n, 1.0), variance);
        var sum = 0.0;
        for (var i = 0; i < replicates; i++)
        {
            sum += model.Sample<double>(9, (ulong)i).Layers.Sum(layer => layer.Bias!.DotProduct(layer.Bias));
        }

        // a sum of N squares has relative standard deviation sqrt(2/N)
        const double count = replicates * 53;
        (sum / count).Should().BeApproximately(variance, 5 * variance * Math.Sqrt(2 / count));
    }

    [Fact]
    public void Biases_AndGaussianWeights_AreDifferentNumbers()
    {
        var network = Model.Dense([1, 40], Activation.Linear, (l, m, n) => Ensemble.Gaussian(m, n, 1.0), 1).Sample<double>(3);
        var weights = network.Layers[0].Weights.Column(0);
        var bias = network.Layers[0].Bias!;
        // the correlation of 40 independent pairs has standard deviation 1/sqrt(40)
        var correlation = weights.DotProduct(bias) / (weights.L2Norm() * bias.L2Norm());
        Math.Abs(correlation).Should().BeLessThan(5 / Math.Sqrt(40));
    }

    [Fact]
    public void Dense_WithALinearOutput_HasThatOnTheLastLayerOnly()
    {
        var model = Model.Dense([3, 4, 5, 2], Activation.ReLU, Stable, linearOutput: true);
        model.Layers.Select(l => l.Activation.Name).Should().Equal("relu", "relu", "linear");
        (model.InputSize, model.OutputSize, model.Depth).Should().Be((3, 2, 3));
        model.Layers.Should().OnlyContain(l => !l.HasBias);
        model.Sample<double>(0).Layers.Should().OnlyContain(l => l.Bias == null);
    }

    [Fact]
    public void Dense_OnBadArguments_NamesThem()
    {
        var short_ = () => Model.Dense([3], Activation.ReLU, Stable);
        short_.Should().Throw<ArgumentException>().WithMessage("*two widths*1*");
        var zero = () => Model.Dense([3, 0, 2], Activation.ReLU, Stable);
        zero.Should().Throw<ArgumentException>().WithMessage("*Width 1 is 0*");
        var turned = () => Model.Dense([3, 4], Activation.ReLU, (l, m, n) => Ensemble.Gaussian(n, m, 1.0));
        turned.Should().Throw<ArgumentException>().WithMessage("*layer 1 is 3 x 4*expected 4 x 3*");
        var variance = () => Model.Dense([3, 4], Activation.ReLU, Stable, double.NaN);
        variance.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*bias variance*");
        var layer = new DenseSpecification(Ensemble.Gaussian(4, 3, 1.0), Activation.ReLU);
        var chain = () => new Model([layer, layer]);
        chain.Should().Throw<ArgumentException>().WithMessage("*Layer 2 takes 3 inputs but layer 1 gives 4*");
        var precision = () => Model.Dense([3, 4], Activation.ReLU, Stable).Sample<Half>(1);
        precision.Should().Throw<NotSupportedException>().WithMessage("*Half*");
    }

    private static Ensemble Stable(int layer, int rows, int columns) => Ensemble.StableRank(rows, columns, 1.5);
}
