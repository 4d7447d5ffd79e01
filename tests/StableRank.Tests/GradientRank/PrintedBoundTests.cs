using MathNet.Numerics.LinearAlgebra;
using StableRank.GradientRank;
using StableRank.Networks;

namespace StableRank.Tests.GradientRank;

/// <summary>
/// Each bound of arXiv 2402.06751 that does not hold as printed, with a network that breaks it, while ours holds and is attained. All
/// numbers are integers, gradients come without rounding, ranks from exact elimination.
/// </summary>
public sealed class PrintedBoundTests
{
    private static readonly Matrix<double> Identity = Matrix<double>.Build.DenseIdentity(2);
    private static readonly Matrix<double> Zero = Matrix<double>.Build.Dense(2, 2);

    /// <summary>W = 0, L = 1, X = I, Y = -2 I: f - y over N is I, and so is the gradient; eq. 1 says 0 as rank W = 0.</summary>
    [Fact]
    public void Equation1_OfOneLinearLayerOfZeroWeights_FailsAndOursIsAttained()
    {
        var network = new Network<double>([new DenseLayer<double>(Zero, null, Activation.Linear)]);

        var (rank, bound) = Measure(
            network, Identity, Squared(-2 * Identity), new() { Batch = 2, WeightRanks = new Dictionary<string, int> { ["0.weight"] = 0 } });

        rank.Should().Equal(2);
        bound[0].Bound.Should().Be(2);
        Breaks(bound[0], "arXiv 2402.06751 eq. 1", 0);
    }

    /// <summary>A bias below lets the rank of the features exceed that of the data: eq. 1 leaves biases out.</summary>
    [Fact]
    public void Equation1_WithABias_FailsAndOursIsAttained()
    {
        var network = new Network<double>(
        [
            new DenseLayer<double>(Identity, Vector<double>.Build.Dense([0, 1]), Activation.Linear),
            new DenseLayer<double>(Identity, null, Activation.Linear),
        ]);
        var inputs = Matrix<double>.Build.DenseOfArray(new double[,] { { 1, -1 }, { 0, 0 } });

        var (rank, bound) = Measure(network, inputs, _ => Identity, new() { Batch = 2, DataRank = 1 });

        rank.Should().Equal(1, 2);
        bound.Select(layer => layer.Bound).Should().Equal(1, 2);
        Breaks(bound[1], "arXiv 2402.06751 eq. 1", 1);
    }

    /// <summary>
    /// Two steps of one sample, the loss on the last state only: Delta_1 = V^T Delta_2, so that dL/dU has a term at a step of which the
    /// loss says nothing; eq. 3 counts min(rank X_2, rank dL/dZ_2) = 1 alone.
    /// </summary>
    [Fact]
    public void Equation3_WithTheLossOnTheLastStep_FailsAndOursIsAttained()
    {
        var swap = Matrix<double>.Build.DenseOfArray(new double[,] { { 0, 1 }, { 1, 0 } });
        var network = new Network<double>([new ElmanLayer<double>(2, Identity, swap, null, Activation.Linear)]);

        var (rank, bound) = Measure(network, Column(1, 0, 0, 1), _ => Column(0, 0, 1, 0), new() { Batch = 1, LossSteps = 1 });

        rank[0].Should().Be(2);
        bound[0].Bound.Should().Be(2);
        Breaks(bound[0], "arXiv 2402.06751 eq. 3", 1);
    }

    /// <summary>The same for the recurrent weights, over three steps: eq. 3 counts the last step alone.</summary>
    [Fact]
    public void Equation3_OfTheRecurrentWeights_FailsAndOursIsAttained()
    {
        var swap = Matrix<double>.Build.DenseOfArray(new double[,] { { 0, 1 }, { 1, 0 } });
        var network = new Network<double>([new ElmanLayer<double>(3, Identity, swap, null, Activation.Linear)]);

        var (rank, bound) = Measure(network, Column(1, 0, 3, 0, 0, 0), _ => Column(0, 0, 0, 0, 1, 0), new() { Batch = 1, LossSteps = 1 });

        rank[1].Should().Be(2);
        bound[1].Bound.Should().Be(2);
        Breaks(bound[1], "arXiv 2402.06751 eq. 3", 1);
    }

    /// <summary>A kernel of zeros, as for eq. 1: one position, two samples.</summary>
    [Fact]
    public void Equation12_OfAKernelOfZeros_FailsAndOursIsAttained()
    {
        var network = new Network<double>(
            [new ConvolutionLayer<double>(new ConvolutionShape(1, new ConvolutionAxis(2, 2)), Zero, null, Activation.Linear)]);

        var (rank, bound) = Measure(
            network, Identity, Squared(-2 * Identity), new() { Batch = 2, WeightRanks = new Dictionary<string, int> { ["0.weight"] = 0 } });

        rank.Should().Equal(2);
        bound[0].Bound.Should().Be(2);
        Breaks(bound[0], "arXiv 2402.06751 eq. 12", 0);
    }

    /// <summary>
    /// Leaving the own kernel out does not save it: the kernel below, 1 x 1 and so of rank 1, is used at two positions, so that the
    /// whole image keeps the rank 2 of the data, all of which the layer above sees at its only position: 1 x min(..., rank K_1) = 1.
    /// </summary>
    [Fact]
    public void Equation12_OfAConvolutionOnAnother_FailsEvenWithoutTheOwnKernelAndOursIsAttained()
    {
        var one = Matrix<double>.Build.Dense(1, 1, 1);
        var network = new Network<double>(
        [
            new ConvolutionLayer<double>(new ConvolutionShape(1, new ConvolutionAxis(2, 1)), one, null, Activation.Linear),
            new ConvolutionLayer<double>(new ConvolutionShape(1, new ConvolutionAxis(2, 2)), Identity, null, Activation.Linear),
        ]);

        var (rank, bound) = Measure(network, Identity, _ => Identity, new() { Batch = 2 });

        rank.Should().Equal(1, 2);
        bound.Select(layer => layer.Bound).Should().Equal(1, 2);
        Breaks(bound[1], "arXiv 2402.06751 eq. 12", 1);
    }

    [Fact]
    public void PrintedForms_OfFullRankLinearNetworksWithoutBiases_AreSound()
    {
        var random = new Networks.RandomNetworks(3);
        var network = new Network<double>(
            new[] { random.Matrix(5, 7), random.Matrix(4, 5) }.Select(weights => new DenseLayer<double>(weights, null, Activation.Linear)));

        var bounds = GradientRankBound.Of(network, new() { Batch = 3 });

        bounds.SelectMany(bound => bound.Printed).Should().HaveCount(2).And.OnlyContain(form => form.IsSound && form.Value == 3);
    }

    private static (int[] Ranks, GradientRankBounds Bounds) Measure(
        Network<double> network, Matrix<double> inputs, Func<Matrix<double>, Matrix<double>> gradient, RankAssumptions assumptions)
    {
        var pass = network.Forward(inputs);
        network.Backward(pass, gradient(pass.Outputs));
        int[] ranks =
            [.. network.Parameters.Where(parameter => parameter.IsWeight).Select(parameter => ExactRank.Of(parameter.GradientMatrix))];
        return (ranks, GradientRankBound.Of(network, assumptions));
    }

    private static void Breaks(LayerRankBound bound, string equation, int value)
    {
        var printed = bound.Printed.Should().ContainSingle().Subject;
        printed.Should().BeEquivalentTo(new { Equation = equation, Value = value, IsSound = false });
        printed.Value.Should().BeLessThan(bound.Bound);
    }

    private static Matrix<double> Column(params double[] entries) => Matrix<double>.Build.Dense(entries.Length, 1, entries);

    private static Func<Matrix<double>, Matrix<double>> Squared(Matrix<double> targets) => outputs =>
    {
        var gradient = new double[outputs.RowCount * outputs.ColumnCount];
        Loss.SquaredError.Evaluate(outputs, targets, gradient);
        return Matrix<double>.Build.Dense(outputs.RowCount, outputs.ColumnCount, gradient);
    };
}
