using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.Networks;

namespace StableRank.Tests.Expressivity;

/// <summary>Linear regions along a segment, against a refined grid, the network itself and cases known by hand.</summary>
public sealed class SegmentPartitionTests
{
    // sums of a few dozen products of size about 10, in another order
    private const double Rounding = 1e-11;

    [Fact]
    public void Count_OfAThousandRandomNetworks_IsTheRefinedGrids()
    {
        var total = 0;
        for (var seed = 1UL; seed <= 1000; seed++)
        {
            var network = RandomNets.Draw(seed, 3, 8);
            var (from, to) = (RandomNets.Point(seed, 0, network.InputSize), RandomNets.Point(seed, 1, network.InputSize));

            var partition = SegmentPartition.Of(network, from, to);

            partition.Count.Should().Be(new PatternProbe(network).CountAlong(from, to), $"network {seed}");
            partition.CountByLayer.Should().BeInAscendingOrder().And.HaveCount(network.Layers.Count).And.EndWith(partition.Count);
            partition.FunctionPieces.Should().BeInRange(1, partition.Count);
            total += partition.Count;
        }

        total.Should().BeGreaterThan(4000, "networks of one region would show nothing");
    }

    [Fact]
    public void Values_OnEveryRegion_AreTheNetworks()
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var network = RandomNets.Draw(seed, 3, 12);
            var (from, to) = (RandomNets.Point(seed, 0, network.InputSize), RandomNets.Point(seed, 1, network.InputSize));
            var partition = SegmentPartition.Of(network, from, to, new PartitionOptions { KeepPatterns = true });
            var probe = new PatternProbe(network);
            var patterns = new HashSet<string>();
            for (var k = 0; k < partition.Count; k++)
            {
                var (left, right) = (partition.Breakpoints[k], partition.Breakpoints[k + 1]);
                foreach (var t in (double[])[left, (0.3 * left) + (0.7 * right), right])
                {
                    var at = from + (t * (to - from));
                    (partition.Evaluate(t) - network.Forward(at.ToColumnMatrix()).Outputs.Column(0)).AbsoluteMaximum()
                        .Should().BeLessThan(Rounding);
                }

                var inside = probe.Pre(from + ((left + right) / 2 * (to - from)));
                partition.Pattern(k).Should().Equal(inside.Select(z => z > 0), $"network {seed}, region {k}");
                patterns.Add(string.Concat(partition.Pattern(k).Select(on => on ? '1' : '0'))).Should().BeTrue();
                partition.RegionAt((left + right) / 2).Should().Be(k);
                (partition.Values.Column(k) + (partition.Slopes.Column(k) * (right - left)) - partition.Values.Column(k + 1))
                    .AbsoluteMaximum().Should().BeLessThan(Rounding, "the function is continuous");
            }

            partition.Slivers.Should().Be(0);
        }
    }

    // |t - 1/2| through two ReLUs, and the second layer's off on both sides of it
    [Fact]
    public void Partition_KnownByHand_IsIt()
    {
        var kinks = Dense([[1], [1], [2]], [-0.5, -0.5, -1], Activation.ReLU);
        var network = new Network<double>([kinks, Dense([[1, -1, 1]], [-0.5], Activation.ReLU), Dense([[3]], [1], Activation.Linear)]);

        var partition = SegmentPartition.Of(network, Vector(0), Vector(1), new PartitionOptions { KeepPatterns = true });

        // three neurons with the same kink; 2t - 1 - 1/2 turns positive at 3/4, unseen where the layer above is off
        partition.Breakpoints.Should().Equal(0, 0.5, 0.75, 1);
        partition.CountByLayer.Should().Equal(2, 3, 3);
        partition.FunctionPieces.Should().Be(2);
        partition.Slopes.Enumerate().Should().Equal(0, 0, 6);
        partition.Values.Enumerate().Should().Equal(1, 1, 1, 2.5);
        partition.Pattern(1).Should().Equal(true, true, true, false);
        partition.Narrowest.Should().Be(0.25);
    }

    // through the origin all neurons of a network without biases vanish at once, and rounding puts every root elsewhere
    [Theory]
    [InlineData("relu")]
    [InlineData("abs")]
    [InlineData("leaky-relu:0.3")]
    public void Breakpoints_ThatCoincide_AreOne(string activation)
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var network = Sample([30, 50, 40, 40, 3], Activation.Parse(activation), seed, 0);
            var direction = RandomNets.Point(seed, 0, 30);

            var partition = SegmentPartition.Of(network, direction * -0.3, direction * 0.7);

            partition.Count.Should().Be(2);
            partition.Breakpoints[1].Should().BeApproximately(0.3, 1e-14);
        }
    }

    [Fact]
    public void Regions_OfDuplicatedNeurons_AreThoseOfOne()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var single = Sample([10, 30, 20, 2], Activation.ReLU, seed, 0.1);
            var layers = single.Layers.Select((layer, l) => Duplicated(layer, l, single.Layers.Count)).ToList();
            var (from, to) = (RandomNets.Point(seed, 0, 10), RandomNets.Point(seed, 1, 10));

            var partition = SegmentPartition.Of(new Network<double>(layers), from, to);

            partition.Count.Should().Be(SegmentPartition.Of(single, from, to).Count);
            partition.Count.Should().BeGreaterThan(10);
        }
    }

    [Fact]
    public void Count_OfActivationsWithoutKink_IsOne()
    {
        var (from, to) = (RandomNets.Point(1, 0, 5), RandomNets.Point(1, 1, 5));
        SegmentPartition.Of(Sample([5, 9, 9, 2], Activation.LeakyReLU(1), 1, 0.1), from, to).Count.Should().Be(1);
        SegmentPartition.Of(Sample([5, 9, 9, 2], Activation.Linear, 1, 0.1), from, to).CountByLayer.Should().Equal(1, 1, 1);
    }

    [Fact]
    public void Partition_OfASinglePrecisionNetwork_IsThatOfItsWeightsInDouble()
    {
        var single = Model.Dense([6, 20, 20, 2], Activation.LeakyReLU(0.1), (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n), 0.1)
            .Sample<float>(4);
        var slope = Activation.LeakyReLU(0.1f);
        var twin = new Network<double>(single.Layers.Select(
            layer => new DenseLayer<double>(layer.Weights.Map(w => (double)w), layer.Bias!.Map(b => (double)b), slope)));
        var (from, to) = (RandomNets.Point(4, 0, 6).Map(x => (float)x), RandomNets.Point(4, 1, 6).Map(x => (float)x));

        var partition = SegmentPartition.Of(single, from, to);

        partition.Breakpoints.Should().Equal(SegmentPartition.Of(twin, from.Map(x => (double)x), to.Map(x => (double)x)).Breakpoints);
        partition.Count.Should().BeGreaterThan(10);
    }

    [Fact]
    public void Of_InadmissibleArguments_NamesThem()
    {
        var network = Sample([3, 4, 2], Activation.ReLU, 1, 0.1);
        var (from, to) = (RandomNets.Point(1, 0, 3), RandomNets.Point(1, 1, 3));
        Refusal(() => SegmentPartition.Of(Sample([3, 4, 2], Activation.Tanh, 1, 0), from, to)).Should().Contain("layer 1 is tanh");
        Refusal(() => SegmentPartition.Of(network, from, Vector(1, 2))).Should().Contain("2 entries; expected 3");
        Refusal(() => SegmentPartition.Of(network, from, Vector(1, double.NaN, 2))).Should().Contain("Entry 1 of the point is NaN");
        Refusal(() => SegmentPartition.Of(network, from, from)).Should().Contain("the same point");
        var wide = Sample([3, 60, 60, 2], Activation.ReLU, 1, 0.1);
        FluentActions.Invoking(() => SegmentPartition.Of(wide, from, to, new PartitionOptions { MaximumRegions = 5 }))
            .Should().Throw<InvalidOperationException>().WithMessage("*more than 5 regions after layer 1 of 3*MaximumRegions = 5*");
        var partition = SegmentPartition.Of(network, from, to);
        FluentActions.Invoking(() => partition.Pattern(0)).Should().Throw<InvalidOperationException>().WithMessage("*KeepPatterns*");
        FluentActions.Invoking(() => partition.Evaluate(double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new PartitionOptions { MaximumRegions = 0 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => SegmentPartition.Of(wide, from * 1e308, to)).Should().Throw<ArithmeticException>();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        FluentActions.Invoking(() => SegmentPartition.Of(network, from, to, cancellationToken: cancelled.Token))
            .Should().Throw<OperationCanceledException>();
    }

    private static string Refusal(Func<SegmentPartition> act) =>
        FluentActions.Invoking(act).Should().Throw<ArgumentException>().Which.Message;

    private static Network<double> Sample(int[] widths, Activation activation, ulong seed, double biasVariance) =>
        Model.Dense(widths, activation, (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n), biasVariance, linearOutput: true)
            .Sample<double>(seed);

    private static Vector<double> Vector(params double[] entries) => Vector<double>.Build.DenseOfArray(entries);

    private static DenseLayer<double> Dense(double[][] rows, double[] bias, Activation activation) =>
        new(Matrix<double>.Build.DenseOfRowArrays(rows), Vector(bias), activation);

    /// <summary>
    /// Every hidden neuron twice, the second time 3/7 as large: the same function up to its outputs' scale, the same kinks.
    /// </summary>
    private static DenseLayer<double> Duplicated(Layer<double> layer, int l, int depth)
    {
        var weights = layer.Weights;
        var bias = layer.Bias!;
        if (l > 0)
        {
            weights = weights.Append(weights * (7.0 / 3)) / 2;
        }

        if (l < depth - 1)
        {
            weights = weights.Stack(weights * (3.0 / 7));
            bias = Vector([.. bias, .. bias * (3.0 / 7)]);
        }

        return new DenseLayer<double>(weights, bias, layer.Activation);
    }
}
