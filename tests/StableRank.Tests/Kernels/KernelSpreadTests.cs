using FluentAssertions;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;

namespace StableRank.Tests.Kernels;

public sealed class KernelSpreadTests
{
    [Fact]
    public void RelativeSpread_BiasFreeRelu_IsThatOfMeasuredKernels()
    {
        // 1 output: the mean of k(x, x) = ||x_2||^2 g/n over replicates, and its relative deviation, to 5 standard errors of a deviation
        const int replicates = 4000;
        var model = Model.Dense(
            [20, 30, 30, 1], Activation.ReLU, (_, m, n) => Ensemble.StableRank(m, n, Math.Min(m, 4)), linearOutput: true);
        var inputs = new RandomModels(3).Inputs(20, 1);
        var values = Enumerable.Range(0, replicates).Select(i =>
        {
            // (4.2): the row of the last layer, of one output, is a row of fixed norm
            var hidden = model.Sample<double>(1, (ulong)i).Forward(inputs).PostActivations[1].Column(0);
            return hidden * hidden;
        }).ToArray();
        var mean = values.Average();
        var deviations = values.Select(v => (v / mean - 1) * (v / mean - 1)).ToArray();
        var variance = deviations.Average();
        var standardError = Math.Sqrt(deviations.Sum(d => (d - variance) * (d - variance)) / replicates / replicates);

        var predicted = LimitKernel.Of(model).RelativeSpread;

        Math.Abs(predicted * predicted - variance).Should().BeLessThan(5 * standardError);
    }

    [Fact]
    public void Warnings_OneLayerOfLowRank_NameIt()
    {
        Model Of(double rank) => Model.Dense(
            [512, 512, 512, 10],
            Activation.ReLU,
            (l, m, n) => Ensemble.StableRank(m, n, l == 2 ? rank : Math.Min(m, 256)),
            linearOutput: true);

        LimitKernel.Of(Of(4)).Warnings.Should().ContainSingle().Which.Should()
            .Contain("layer 2 (512 x 512, participation rank 4)").And.NotContain("layer 1");
        LimitKernel.Of(Of(4)).RelativeSpread.Should().BeApproximately(Math.Sqrt(0.5), 0.05);
    }

    [Fact]
    public void Warnings_WideGaussian_AreNone()
    {
        var model = Model.Dense(
            [4096, 4096, 4096, 1], Activation.Erf, (_, m, n) => Ensemble.Gaussian(m, n, 1.0 / n), 0.1, linearOutput: true);

        var kernel = LimitKernel.Of(model);

        kernel.Warnings.Should().BeEmpty();
        // in each hidden layer the norm of 4096 Gaussians and as much for the activation, in the last the norm of a row of them
        kernel.RelativeSpread.Should().BeApproximately(Math.Sqrt((2 * 4.0 / 4096) + (2.0 / 4096)), 1e-6);
    }

    [Fact]
    public void RelativeSpread_OfFewInputs_IsThatOfTheWidths()
    {
        // three features bound every participation rank by 3, but a Gaussian layer's norms scatter with its 4096 rows alone
        Model Of(double bias) => Model.Dense(
            [3, 4096, 1], Activation.ReLU, (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n), bias, linearOutput: true);
        LimitKernel.Of(Of(0.1)).RelativeSpread.Should().BeLessThan(0.05);
        LimitKernel.Of(Of(0)).Warnings.Should().BeEmpty();
    }
}
