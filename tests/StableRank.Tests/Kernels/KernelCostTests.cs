using MathNet.Numerics.LinearAlgebra;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Tests.Networks;

namespace StableRank.Tests.Kernels;

/// <summary>The cost model, the choice of a route, and what is refused.</summary>
public sealed class KernelCostTests
{
    [Fact]
    public void Costs_OfADenseNet_CountItsProducts()
    {
        // 3-5-4-2, N = 7 and M = 6. Forward 2 (15 + 20 + 8); signals of 2 outputs through the one product of 5 x 4; Grams of activations of
        // 3, 5 and 4 entries, of signals of 5 and 4 entries with 4 pairs of outputs
        var costs = Kernel(3, 5, 4, 2).Costs(7, 6);
        var pass = (2 * (15 + 20 + 8)) + (2 * 2 * 20);
        var pair = (2 * (3 + 5 + 4)) + (2 * 4 * (5 + 4));
        costs.Single(cost => cost.Route == KernelRoute.Structured).Flops.Should().Be((13 * pass) + (42 * pair));

        // contraction: 4 passes of 2 copies of each, and 4 pairs of gradients of 43 entries
        costs.Single(cost => cost.Route == KernelRoute.Contraction).Flops.Should().Be((13 * 4 * 2 * 86) + (42 * 2 * 4 * 43));
        costs.Should().OnlyContain(cost => cost.KernelBytes == 8 * 14 * 12);
    }

    [Fact]
    public void Costs_OfOneSet_CountHalfTheGrams()
    {
        var kernel = Kernel(3, 5, 4, 2);
        var (half, pass) = (kernel.Costs(100)[0].Flops, 100 * (86 + 80));
        (half - pass).Should().Be(100 * 101 / 2 * (24 + 72));
    }

    [Fact]
    public void Route_LeftToTheModel_IsTheCheaperOne()
    {
        // a dense net is cheaper by its structure; of one weight alone both routes cost about the same
        var (wide, tall) = (Kernel(8, 30, 3), Kernel(1, 1));
        foreach (var kernel in new[] { wide, tall })
        {
            var costs = kernel.Costs(5);
            var result = kernel.Ntk(Matrix<double>.Build.Dense(kernel.Network.InputSize, 5, (i, j) => i - j));
            result.Route.Should().Be(costs.MinBy(cost => cost.Flops)!.Route);
            result.Cost.Should().Be(costs.MinBy(cost => cost.Flops));
        }

        wide.Ntk(Matrix<double>.Build.Dense(8, 5, 1.0)).Route.Should().Be(KernelRoute.Structured);
    }

    [Fact]
    public void Table_OfTheCosts_HasALineARoute()
    {
        var lines = KernelCost.Table(Kernel(784, 1024, 10).Costs(256)).TrimEnd().Split('\n');
        lines.Should().HaveCount(3);
        lines[0].Should().StartWith("route");
        lines[1].Should().StartWith("Structured").And.Contain("Blocks");
        lines[2].Should().StartWith("Contraction");
    }

    [Fact]
    public void Blocks_OfManyInputs_KeepTheWorkWithinItsBudget()
    {
        var cost = Kernel(784, 1024, 1024, 10).Costs(200_000, null, KernelOutput.Trace)[0];
        cost.WorkBytes.Should().BeLessThan(1.1 * (1 << 30));
        cost.Blocks.Rows.Should().BeInRange(1000, 20_000);
    }

    [Fact]
    public void Ntk_LargerThanMemory_IsRefusedWithItsBytesAndTheWayOut()
    {
        var kernel = Kernel(1, 2, 10);
        var inputs = Matrix<double>.Build.Dense(1, 100_000, 1);
        kernel.Invoking(k => k.Ntk(inputs)).Should().Throw<InsufficientMemoryException>()
            .WithMessage("*1000000 x 1000000, 8000000000000 bytes*block by block*");
        kernel.Invoking(k => k.Nngp(inputs)).Should().Throw<InsufficientMemoryException>()
            .WithMessage("*100000 x 100000, 80000000000 bytes*");
    }

    [Fact]
    public void Require_OfMoreThanTheMachineHas_Throws()
    {
        var act = () => KernelMemory.Require(800, 300, 10, 10, 1000);
        act.Should().Throw<InsufficientMemoryException>().WithMessage("*10 x 10, 800 bytes*300 bytes*this machine has 1000 bytes*");
        KernelMemory.Require(800, 200, 10, 10, 1000);
    }

    [Fact]
    public void Members_OnBadInput_SayWhatIsWrong()
    {
        var kernel = Kernel(3, 4, 2);
        var good = Matrix<double>.Build.Dense(3, 2, 1);
        var wide = Matrix<double>.Build.Dense(4, 2, 1);
        var bad = good.Clone();
        bad[1, 1] = double.NaN;
        kernel.Invoking(k => k.Ntk(wide)).Should().Throw<ArgumentException>().WithMessage("*4 x 2*3 rows*").WithParameterName("inputs");
        kernel.Invoking(k => k.Ntk(good, wide)).Should().Throw<ArgumentException>().WithParameterName("otherInputs");
        kernel.Invoking(k => k.Ntk(bad)).Should().Throw<ArgumentException>().WithMessage("*NaN*row 1, column 1*");
        kernel.Invoking(k => k.Nngp(good, bad)).Should().Throw<ArgumentException>().WithMessage("*NaN*");
        kernel.Invoking(k => k.Ntk(Matrix<double>.Build.Dense(3, 0))).Should().Throw<ArgumentException>().WithMessage("*empty*");
        kernel.Invoking(k => k.Multiply(good, Vector<double>.Build.Dense(3))).Should().Throw<ArgumentException>()
            .WithMessage("*3 entries*2 x 2*");
        kernel.Invoking(k => k.Ntk(good, output: (KernelOutput)7)).Should().Throw<ArgumentOutOfRangeException>();
        kernel.Invoking(k => k.Ntk(good, route: (KernelRoute)7)).Should().Throw<ArgumentOutOfRangeException>();
        kernel.Invoking(k => k.Nngp(good, layer: 3)).Should().Throw<ArgumentOutOfRangeException>();
        kernel.Invoking(k => k.Costs(0)).Should().Throw<ArgumentOutOfRangeException>();
        kernel.Invoking(k => k.Ntk(good, output: KernelOutput.Diagonal).Kernel).Should().Throw<InvalidOperationException>();
        kernel.Invoking(k => k.Ntk(good, cancellationToken: new CancellationToken(true))).Should().Throw<OperationCanceledException>();
    }

    private static EmpiricalKernel<double> Kernel(params int[] widths)
    {
        var random = new RandomNetworks(1);
        var layers = widths.Skip(1).Select((width, l) => new DenseLayer<double>(random.Matrix(width, widths[l]), null, Activation.Tanh));
        var network = new Network<double>(layers);
        return new(network, ParameterMultipliers.Standard(network));
    }
}
