using FluentAssertions;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Replication;

namespace StableRank.Tests.Kernels;

public sealed class PositionKernelTests
{
    // a few roundings a layer and position
    private const double Tolerance = 1e-13;

    public static TheoryData<string> Names => [.. PositionModels.Names];

    public static TheoryData<string> Unpooled =>
        [.. PositionModels.Names.Where(name => !name.Contains("pooled", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Unpooled))]
    public void Compute_ConvolutionalAndRecurrent_AgreesWithRecursionWrittenAnew(string name)
    {
        var model = PositionModels.Of(name, 4);
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var random = new RandomModels(seed);
            var (x, y) = (random.Inputs(model.InputSize, 5), random.Inputs(model.InputSize, 3));
            foreach (var parameterization in Enum.GetValues<KernelParameterization>())
            {
                var kernel = LimitKernel.Of(model, parameterization);
                var (one, two) = (kernel.Compute(x), kernel.Compute(x, y));
                foreach (var (result, others) in new[] { (one, x), (two, y) })
                {
                    for (var i = 0; i < x.ColumnCount; i++)
                    {
                        var own = PositionRecursion.Of(model, x.Column(i), x.Column(i), parameterization);
                        for (var j = 0; j < others.ColumnCount; j++)
                        {
                            var other = PositionRecursion.Of(model, others.Column(j), others.Column(j), parameterization);
                            var expected = PositionRecursion.Of(model, x.Column(i), others.Column(j), parameterization);
                            result.Nngp[i, j].Should().BeApproximately(expected.Nngp, Tolerance * Math.Sqrt(own.Nngp * other.Nngp));
                            result.Ntk[i, j].Should().BeApproximately(expected.Ntk, Tolerance * Math.Sqrt(own.Ntk * other.Ntk));
                        }
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Compute_ManyTiles_IsSymmetricAndAgreesWithTwoSetsAndBlocks(string name)
    {
        const int samples = 150;
        var kernel = LimitKernel.Of(PositionModels.Of(name, 4));
        var inputs = new RandomModels(2).Inputs(kernel.Model.InputSize, samples);

        var (one, two) = (kernel.Compute(inputs), kernel.Compute(inputs, inputs.Clone()));
        var blocks = Matrix<double>.Build.Dense(samples, samples);
        kernel.ComputeBlocks(inputs, null, 47, block =>
        {
            blocks.SetSubMatrix(block.FirstRow, block.FirstColumn, block.Ntk);
            blocks.SetSubMatrix(block.FirstColumn, block.FirstRow, block.Ntk.Transpose());
        });

        one.Nngp.Should().Be(one.Nngp.Transpose());
        one.Ntk.Should().Be(one.Ntk.Transpose());
        (one.Nngp - two.Nngp).InfinityNorm().Should().BeLessThan(Tolerance * one.Nngp.InfinityNorm());
        (one.Ntk - two.Ntk).InfinityNorm().Should().BeLessThan(Tolerance * one.Ntk.InfinityNorm());
        (one.Ntk - blocks).InfinityNorm().Should().BeLessThan(Tolerance * one.Ntk.InfinityNorm());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Compute_ConvolutionalAndRecurrent_IsTheMeanOfEmpiricalKernels(string name)
    {
        var measured = EmpiricalMeans.Of(PositionModels.Of(name, EmpiricalMeans.Width), 1);
        measured.Deviations(LimitKernel.Of(measured.Model)).Should().OnlyContain(z => Math.Abs(z) < EmpiricalMeans.Bound);
    }

    [Fact]
    public void Deviations_OfARecurrentModelTakenForAnother_AreFound()
    {
        var measured = EmpiricalMeans.Of(PositionModels.Of("elman", EmpiricalMeans.Width), 1);
        var input = (ElmanSpecification)measured.Model.Layers[0];
        var other = new ElmanSpecification(
            input.Steps, input.Weights, Ensemble.StableRank(64, 64, 32), input.Activation, input.BiasVariance);
        var model = new Model([other, measured.Model.Layers[1]]);

        measured.Deviations(LimitKernel.Of(model)).Should().Contain(z => Math.Abs(z) > EmpiricalMeans.Bound);
    }

    [Fact]
    public void Compute_OnePixelAndOneStep_AreDense()
    {
        var weights = Ensemble.Gaussian(5, 4, 0.4);
        var top = new DenseSpecification(Ensemble.Gaussian(1, 5, 0.3), Activation.Linear);
        var shape = new ConvolutionShape(4, new ConvolutionAxis(1, 1), new ConvolutionAxis(1, 1));
        var dense = new Model([new DenseSpecification(weights, Activation.ReLU, 0.2), top]);
        var convolution = new Model([new ConvolutionSpecification(shape, weights, Activation.ReLU, 0.2), top]);
        var recurrent = new Model([new ElmanSpecification(1, weights, Ensemble.Gaussian(5, 5), Activation.ReLU, 0.2), top]);
        var inputs = new RandomModels(4).Inputs(4, 20);

        var expected = LimitKernel.Of(dense).Compute(inputs).Ntk;

        foreach (var model in new[] { convolution, recurrent })
        {
            (LimitKernel.Of(model).Compute(inputs).Ntk - expected).InfinityNorm().Should().BeLessThan(Tolerance * expected.InfinityNorm());
        }
    }

    [Fact]
    public void Of_TruncatedOrMixedModels_Throws()
    {
        var weights = Ensemble.Gaussian(4, 4);
        var truncated = new Model([new ElmanSpecification(3, weights, weights, Activation.ReLU, truncation: 2)]);
        var shape = new ConvolutionShape(4, new ConvolutionAxis(3, 1));
        var mixed = new Model(
            [new ElmanSpecification(3, weights, weights, Activation.ReLU), new ConvolutionSpecification(shape, weights, Activation.ReLU)]);

        FluentActions.Invoking(() => LimitKernel.Of(truncated)).Should()
            .Throw<ArgumentException>().WithMessage("*Layer 1*2 of 3 steps*");
        FluentActions.Invoking(() => LimitKernel.Of(mixed)).Should()
            .Throw<ArgumentException>().WithMessage("*Layer 2*dense layer between*");
    }
}
