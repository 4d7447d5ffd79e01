using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;

namespace StableRank.Tests.Networks;

/// <summary>Models of convolutions and recurrent layers, and the baselines.</summary>
public sealed class SpecificationTests
{
    [Fact]
    public void Sample_OfConvolutionsAndRecurrentLayers_TakesEveryEnsemble()
    {
        var shape = new ConvolutionShape(2, new ConvolutionAxis(5, 3));
        var kernels = Ensemble.StableRank(4, 6, 2.5);
        var recurrent = Ensemble.StableRank(6, 6, 3);
        var network = new Model(
        [
            new ConvolutionSpecification(shape, kernels, Activation.ReLU),
            new ElmanSpecification(3, Ensemble.Orthogonal(6, 4), recurrent, Activation.Tanh, 0.2, 2),
        ]).Sample<double>(5, 1);
        var convolution = network.Layers[0].Should().BeOfType<ConvolutionLayer<double>>().Subject;
        convolution.Weights.Should().Be(kernels.Sample<double>(new RandomStream(5, 1, 1)));
        StableRankOf(convolution.Weights).Should().BeApproximately(2.5, 64 * MachineEpsilon.Double);
        var elman = network.Layers[1].Should().BeOfType<ElmanLayer<double>>().Subject;
        StableRankOf(elman.RecurrentWeights).Should().BeApproximately(3, 64 * MachineEpsilon.Double);
        (elman.Weights.TransposeThisAndMultiply(elman.Weights) - Matrix<double>.Build.DenseIdentity(4)).L2Norm()
            .Should().BeLessThan(64 * MachineEpsilon.Double);
        (elman.Truncation, elman.Steps, elman.Bias!.Count).Should().Be((2, 3, 6));
    }

    [Fact]
    public void Sample_OfInputAndRecurrentWeightsOfOneLaw_AreDifferentMatrices()
    {
        var law = Ensemble.He(4, 4);
        var elman = (ElmanLayer<double>)new Model([new ElmanSpecification(2, law, law, Activation.Tanh)]).Sample<double>(1).Layers[0];
        elman.RecurrentWeights.Should().NotBe(elman.Weights);
    }

    [Fact]
    public void Baselines_HaveTheVariancesOfTheirPapers()
    {
        Ensemble.He(3, 50).Variance.Should().Be(2.0 / 50);
        Ensemble.He(3, 50, 0.5).Variance.Should().BeApproximately(2 / (1.25 * 50), MachineEpsilon.Double);
        Ensemble.Xavier(30, 50).Variance.Should().Be(2.0 / 80);
        Ensemble.Xavier(4, 18, fanOut: 36).Variance.Should().Be(2.0 / 54);
        Ensemble.LeCun(3, 50).Variance.Should().Be(1.0 / 50);
        var size = () => Ensemble.Xavier(4, 18, fanOut: 0);
        size.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Guards_OnPartsThatDoNotFit_NameThem()
    {
        var shape = new ConvolutionShape(2, new ConvolutionAxis(5, 3));
        var kernel = () => new ConvolutionSpecification(shape, Ensemble.He(4, 5), Activation.ReLU);
        kernel.Should().Throw<ArgumentException>().WithMessage("*4 x 5*6 columns*");
        var square = () => new ElmanSpecification(3, Ensemble.He(4, 2), Ensemble.He(4, 3), Activation.Tanh);
        square.Should().Throw<ArgumentException>().WithMessage("*4 x 3*4 x 4*");
        var truncation = () => new ElmanSpecification(3, Ensemble.He(4, 2), Ensemble.He(4, 4), Activation.Tanh, 0, 0);
        truncation.Should().Throw<ArgumentOutOfRangeException>();
        var steps = () => new Model(
        [
            new ElmanSpecification(3, Ensemble.He(4, 2), Ensemble.He(4, 4), Activation.Tanh),
            new ElmanSpecification(2, Ensemble.He(4, 6), Ensemble.He(4, 4), Activation.Tanh),
        ]);
        steps.Should().Throw<ArgumentException>().WithMessage("*Layer 2 has 2 time steps but layer 1 has 3*");
        var layer = () => new ElmanLayer<double>(
            2, Matrix<double>.Build.Dense(3, 2), Matrix<double>.Build.Dense(2, 2), null, Activation.Tanh);
        layer.Should().Throw<ArgumentException>().WithMessage("*V is 2 x 2 but U has 3 rows*");
    }

    [Fact]
    public void Propagation_OfAModelThatIsNotDense_IsRefused()
    {
        var model = new Model([new ElmanSpecification(1, Ensemble.He(4, 2), Ensemble.He(4, 4), Activation.ReLU)]);
        ExactPropagation.TryOf(model, out _, out var reason).Should().BeFalse();
        reason.Should().Contain("not dense");
        var run = () => MonteCarloPropagation.Run(model, Matrix<double>.Build.Dense(2, 1, 1), 2, 1);
        run.Should().Throw<ArgumentException>().WithMessage("*Layer 1*not dense*");
        var field = () => MeanField.Of(model, 1);
        field.Should().Throw<ArgumentException>().WithMessage("*Layer 1*not dense*");
        var product = () => LinearProduct.Of(model);
        product.Should().Throw<ArgumentException>().WithMessage("*Layer 1*not dense*");
    }

    private static double StableRankOf(Matrix<double> matrix)
    {
        var values = SingularValues.Of(matrix);
        return values.Sum(s => s * s) / (values[0] * values[0]);
    }
}
