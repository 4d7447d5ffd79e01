using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Expressivity;

/// <summary>
/// The slopes of regions of layers so wide that those of neighbouring regions follow from one another, against products of the layers.
/// </summary>
public sealed class PartitionSlopesTests
{
    // a product of L matrices of n columns and n changes each: L sqrt(2n) eps times the norms, by the partition's own margin
    private static double Rounding(Network<double> network, double length) =>
        8 * network.Layers.Count * Math.Sqrt(2 * network.Layers.Max(layer => layer.InputSize)) * MachineEpsilon.Double
        * network.Layers.Aggregate(length, (product, layer) => product * layer.Weights.FrobeniusNorm());

    [Theory]
    [InlineData("relu")]
    [InlineData("abs")]
    [InlineData("leaky-relu:0.3")]
    public void SegmentSlopes_OfWideLayers_AreProductsOfTheLayers(string activation)
    {
        for (var seed = 1UL; seed <= 5; seed++)
        {
            var network = Sample([20, 90, 80, 100, 70], activation, seed);
            var (from, to) = (RandomNets.Point(seed, 0, 20), RandomNets.Point(seed, 1, 20));

            var partition = SegmentPartition.Of(network, from, to, new PartitionOptions { KeepPatterns = true });

            partition.Count.Should().BeGreaterThan(50);
            var rounding = Rounding(network, (to - from).L2Norm());
            rounding.Should().BeLessThan(1e-3 * partition.Slopes.Column(0).L2Norm(), "a missing column of a layer would show");
            for (var k = 0; k < partition.Count; k++)
            {
                var expected = Jacobian(network, partition.Pattern(k)) * (to - from);
                (partition.Slopes.Column(k) - expected).AbsoluteMaximum().Should().BeLessThan(rounding, $"network {seed}, region {k}");
            }
        }
    }

    [Theory]
    [InlineData("relu")]
    [InlineData("leaky-relu:0.3")]
    public void PlaneJacobians_OfWideLayers_AreProductsOfTheLayers(string activation)
    {
        var network = Sample([6, 66, 64, 65], activation, 3);
        var slice = PlaneSlice.Triangle(RandomNets.Point(3, 0, 6), RandomNets.Point(3, 1, 6), RandomNets.Point(3, 2, 6));

        var partition = PlanePartition.Of(network, slice, new PartitionOptions { KeepPatterns = true });

        partition.Count.Should().BeGreaterThan(500);
        var rounding = Rounding(network, 1);
        var basis = slice.Basis;
        foreach (var region in partition.Regions)
        {
            var expected = Jacobian(network, partition.Pattern(region.Index)) * basis;
            (region.Jacobian - expected).Enumerate().Max(Math.Abs).Should().BeLessThan(rounding, $"region {region.Index}");
        }
    }

    // 80 neurons that turn off one after the other, and 70 outputs: the sum of their columns ends in rounding errors, the product in zero
    [Fact]
    public void SegmentSlopes_WhereAllNeuronsAreOff_AreZero()
    {
        var random = Sample([1, 80, 70], "relu", 1);
        var kinks = Vector<double>.Build.Dense(80, i => (i + 1) / 100.0);
        var network = new Network<double>(
        [
            new DenseLayer<double>(Matrix<double>.Build.Dense(80, 1, -1), kinks, Activation.ReLU),
            new DenseLayer<double>(random.Layers[1].Weights, null, Activation.Linear),
        ]);

        var partition = SegmentPartition.Of(network, Vector<double>.Build.Dense(1), Vector<double>.Build.Dense(1, 1));

        partition.Count.Should().Be(81);
        partition.FunctionPieces.Should().Be(81);
        partition.Slopes.Column(79).AbsoluteMinimum().Should().BePositive();
        partition.Slopes.Column(80).Should().OnlyContain(slope => slope == 0);
    }

    // buffers go back to a pool: what one partition holds must not be another's
    [Fact]
    public void Partitions_MadeAtTheSameTime_AreThoseMadeAlone()
    {
        var networks = Enumerable.Range(1, 6).Select(seed => Sample([20, 90, 80, 70], "relu", (ulong)seed)).ToArray();
        var (from, to) = (RandomNets.Point(1, 0, 20), RandomNets.Point(1, 1, 20));
        SegmentPartition Partition(int i)
        {
            using var scope = Backend.SingleThreaded();
            return SegmentPartition.Of(networks[i % networks.Length], from, to);
        }

        var alone = networks.Select((_, i) => Partition(i)).ToArray();
        var together = new SegmentPartition[4 * networks.Length];
        Parallel.For(0, together.Length, i => together[i] = Partition(i));

        for (var i = 0; i < together.Length; i++)
        {
            var expected = alone[i % alone.Length];
            together[i].Breakpoints.Should().Equal(expected.Breakpoints);
            together[i].Values.Should().Be(expected.Values);
            together[i].Slopes.Should().Be(expected.Slopes);
        }
    }

    // of values, slopes and pre-activations none is made anew: what is left are results, cells and signs
    [Fact]
    public void Of_ASecondTime_AllocatesLessThanItsPreActivations()
    {
        var network = Sample([20, 256, 256, 5], "relu", 1);
        var (from, to) = (RandomNets.Point(1, 0, 20), RandomNets.Point(1, 1, 20));
        using var scope = Backend.SingleThreaded();
        var count = SegmentPartition.Of(network, from, to).Count;
        var before = GC.GetAllocatedBytesForCurrentThread();
        SegmentPartition.Of(network, from, to);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(sizeof(double) * 256L * count);
    }

    private static Network<double> Sample(int[] widths, string activation, ulong seed) =>
        Model.Dense(widths, Activation.Parse(activation), (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n), 0.1, linearOutput: true)
            .Sample<double>(seed);

    /// <summary>W_L D_(L-1) W_(L-1) ... D_1 W_1, the D by a pattern of the hidden neurons.</summary>
    private static Matrix<double> Jacobian(Network<double> network, bool[] pattern)
    {
        network.Layers[0].Activation.IsPiecewiseLinear(out var slope).Should().BeTrue();
        var jacobian = network.Layers[0].Weights;
        var first = 0;
        foreach (var layer in network.Layers.Skip(1))
        {
            var start = first;
            var factors = Vector<double>.Build.Dense(layer.InputSize, i => pattern[start + i] ? 1 : slope);
            jacobian = layer.Weights * Matrix<double>.Build.DiagonalOfDiagonalVector(factors) * jacobian;
            first += layer.InputSize;
        }

        return jacobian;
    }
}
