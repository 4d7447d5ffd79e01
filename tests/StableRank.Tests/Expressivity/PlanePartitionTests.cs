using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.Networks;

namespace StableRank.Tests.Expressivity;

/// <summary>
/// Linear regions on a slice, against every activation pattern, the network itself, segments within the slice and cases known by hand.
/// </summary>
public sealed class PlanePartitionTests
{
    private const double TilingError = 1e-12;
    private const double MapError = 1e-10;

    [Fact]
    public void Count_OfRandomNetworks_IsThatOfAllPatternsThatOccur()
    {
        var (total, networks) = (0, 0);
        for (var seed = 1UL; networks < 150; seed++)
        {
            var network = RandomNets.Draw(seed, 3, 5);
            if (network.Layers.SkipLast(1).Sum(layer => layer.OutputSize) > 11)
            {
                continue;
            }

            networks++;
            var slice = Slice(seed, network.InputSize);

            var partition = PlanePartition.Of(network, slice, new PartitionOptions { KeepPatterns = true });

            var expected = PatternClipping.Of(network, slice);
            var found = Enumerable.Range(0, partition.Count).ToDictionary(k => Text(partition.Pattern(k)), k => partition.Areas[k]);
            found.Keys.Should().BeEquivalentTo(expected.Keys, $"network {seed}");
            found.Should().OnlyContain(region => Math.Abs(region.Value - expected[region.Key]) < TilingError * 100);
            total += partition.Count;
        }

        total.Should().BeGreaterThan(1000, "networks of one region would show nothing");
    }

    // without biases all lines of a layer meet in the origin; here some of them are nearly parallel, and their corner is known least
    [Theory]
    [InlineData(8273)]
    [InlineData(8572)]
    [InlineData(9355)]
    [InlineData(12476)]
    [InlineData(16467)]
    [InlineData(23191)]
    public void Count_WhereNearlyParallelLinesMeetOthers_HasNoSlivers(ulong seed)
    {
        var network = RandomNets.Draw(seed, 3, 5);
        var slice = Slice(seed, network.InputSize);

        var partition = PlanePartition.Of(network, slice);

        partition.Count.Should().Be(PatternClipping.Of(network, slice).Count);
        (partition.Slivers, partition.Unresolved).Should().Be((0, 0));
    }

    [Fact]
    public void Checks_OfAnotherNetworksRegions_Fail()
    {
        var (network, other) = (Sample([2, 5, 4, 2], Activation.ReLU, 1, 0.5), Sample([2, 5, 4, 2], Activation.ReLU, 2, 0.5));
        var slice = Slice(1, 2);
        var partition = PlanePartition.Of(network, slice, new PartitionOptions { KeepPatterns = true });
        var patterns = Enumerable.Range(0, partition.Count).Select(k => Text(partition.Pattern(k)));

        patterns.Should().NotBeEquivalentTo(PatternClipping.Of(other, slice).Keys);
        var others = (PlanePoint point) => other.Forward(slice.Input(point).ToColumnMatrix()).Outputs.Column(0);
        partition.Regions.Should().Contain(region =>
            (region.Evaluate(region.Middle) - others(region.Middle)).AbsoluteMaximum() > 1e6 * MapError);
        partition.Areas.Skip(1).Sum().Should().NotBeApproximately(slice.Area, TilingError * slice.Area);
        new PatternProbe(network).CountAlong(slice.Origin, slice.Input(slice.Corners[2]))
            .Should().NotBe(SegmentPartition.Of(other, slice.Origin, slice.Input(slice.Corners[2])).Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Regions_OfANetwork_TileTheSliceWithItsAffineMaps(double biasVariance)
    {
        for (var seed = 1UL; seed <= 4; seed++)
        {
            var network = Sample([20, 24, 24, 24, 3], Activation.ReLU, seed, biasVariance);
            var slice = Slice(seed, 20);

            var partition = PlanePartition.Of(network, slice, new PartitionOptions { KeepPatterns = true });

            partition.Count.Should().BeGreaterThan(100);
            partition.Areas.Sum().Should().BeApproximately(slice.Area, TilingError * slice.Area);
            partition.Areas.Should().OnlyContain(area => area > 0);
            (partition.Slivers, partition.Unresolved).Should().Be((0, 0));
            partition.CountByLayer.Should().BeInAscendingOrder().And.EndWith(partition.Count);
            partition.FunctionPieces.Should().BeInRange(2, partition.Count);
            var patterns = new HashSet<string>();
            foreach (var region in partition.Regions)
            {
                region.Corners.Should().HaveCountGreaterThanOrEqualTo(3);
                patterns.Add(Text(partition.Pattern(region.Index))).Should().BeTrue();
                foreach (var at in region.Corners.Select(c => Between(c, region.Middle)).Append(region.Middle))
                {
                    var outputs = network.Forward(slice.Input(at).ToColumnMatrix()).Outputs.Column(0);
                    (region.Evaluate(at) - outputs).AbsoluteMaximum().Should().BeLessThan(MapError);
                }
            }
        }
    }

    // a line through the slice meets the regions that the segment's own partition finds
    [Fact]
    public void Partition_AlongALineInTheSlice_HasTheSegmentsRegions()
    {
        for (var seed = 1UL; seed <= 5; seed++)
        {
            var network = Sample([10, 16, 16, 2], Activation.LeakyReLU(0.1), seed, 0.2);
            var slice = Slice(seed, 10);
            var (from, to) = (new PlanePoint(slice.Points[1].U * 0.1, 1e-3), Between(slice.Points[1], slice.Points[2]));
            var segment = SegmentPartition.Of(network, slice.Input(from), slice.Input(to), new PartitionOptions { KeepPatterns = true });
            var plane = PlanePartition.Of(network, slice, new PartitionOptions { KeepPatterns = true });
            var known = Enumerable.Range(0, plane.Count).Select(k => Text(plane.Pattern(k))).ToHashSet();

            segment.Count.Should().BeGreaterThan(3);
            Enumerable.Range(0, segment.Count).Should().OnlyContain(k => known.Contains(Text(segment.Pattern(k))));
        }
    }

    [Fact]
    public void Partition_KnownByHand_IsIt()
    {
        // three lines through one corner, one of them there twice, and a fourth that is the slice's own side
        var first = new DenseLayer<double>(
            Matrix<double>.Build.DenseOfRowArrays([1, 0], [0, 1], [1, -1], [-2, 0], [1, 0]), Vector(0, 0, 0, 0, 1), Activation.Abs);
        var network = new Network<double>([first, new DenseLayer<double>(Matrix<double>.Build.Dense(1, 5, 1), null, Activation.Linear)]);
        var slice = PlaneSlice.Rectangle(Vector(-1, -1), Vector(1, -1), Vector(-1, 1), margin: 0);

        var partition = PlanePartition.Of(network, slice);

        slice.Area.Should().BeApproximately(4, 1e-15);
        partition.Count.Should().Be(6);
        partition.Areas.Order().Should().Equal([0.5, 0.5, 0.5, 0.5, 1, 1], (a, b) => Math.Abs(a - b) < 1e-14);
        partition.FunctionPieces.Should().Be(6);
        partition.Regions.Sum(r => r.Corners.Count).Should().Be(4 * 3 + 2 * 4);
    }

    [Fact]
    public void FunctionPieces_UnderADeadLayer_AreFewerThanRegions()
    {
        var first = Sample([2, 6, 6], Activation.ReLU, 3, 0.5).Layers[0];
        var dead = new DenseLayer<double>(Matrix<double>.Build.Dense(4, 6, -1), Vector(-1, -1, -1, -1), Activation.ReLU);
        var last = new DenseLayer<double>(Matrix<double>.Build.Dense(1, 4, 1), null, Activation.Linear);
        var network = new Network<double>([first, dead, last]);

        var partition = PlanePartition.Of(network, Slice(3, 2));

        partition.Count.Should().BeGreaterThan(3);
        partition.FunctionPieces.Should().Be(1);
    }

    [Fact]
    public void Slice_OfThreePoints_HoldsThemInOrthonormalCoordinates()
    {
        var (a, b, c) = (RandomNets.Point(1, 0, 30), RandomNets.Point(1, 1, 30), RandomNets.Point(1, 2, 30));
        var (triangle, rectangle) = (PlaneSlice.Triangle(a, b, c), PlaneSlice.Rectangle(a, b, c, 0.1));
        foreach (var (point, at) in ((Vector<double>[])[a, b, c]).Zip(triangle.Points))
        {
            (triangle.Input(at) - point).AbsoluteMaximum().Should().BeLessThan(1e-14);
        }

        var gram = triangle.Basis.TransposeThisAndMultiply(triangle.Basis);
        (gram - Matrix<double>.Build.DenseIdentity(2)).L2Norm().Should().BeLessThan(1e-15);
        var (p, q) = (b - a, c - a);
        triangle.Area.Should().BeApproximately(Math.Sqrt((p * p * (q * q)) - (p * q * (p * q))) / 2, 1e-12);
        rectangle.Area.Should().BeGreaterThan(2 * triangle.Area);
        rectangle.Corners.Should().HaveCount(4);
    }

    [Fact]
    public void Of_InadmissibleArguments_NamesThem()
    {
        var network = Sample([3, 4, 2], Activation.ReLU, 1, 0.1);
        var (a, b) = (Vector(0, 0, 1), Vector(1, 1, 1));
        Refusal(() => PlaneSlice.Triangle(a, b, Vector(2, 2, 1))).Should().Contain("lie on a line");
        Refusal(() => PlaneSlice.Triangle(a, a, b)).Should().Contain("lie on a line");
        Refusal(() => PlaneSlice.Triangle(a, b, Vector(2, 2))).Should().Contain("2 entries; expected 3");
        Refusal(() => PlaneSlice.Rectangle(a, b, Vector(0, 2, 1), double.NaN)).Should().Contain("at least 0");
        Refusal(() => PlanePartition.Of(network, Slice(1, 4))).Should().Contain("4 dimensions; the network takes 3");
        var wide = Sample([3, 60, 2], Activation.ReLU, 1, 0.1);
        FluentActions.Invoking(() => PlanePartition.Of(wide, Slice(1, 3), new PartitionOptions { MaximumRegions = 9 }))
            .Should().Throw<InvalidOperationException>().WithMessage("*more than 9 regions*MaximumRegions = 9*");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        FluentActions.Invoking(() => PlanePartition.Of(network, Slice(1, 3), cancellationToken: cancelled.Token))
            .Should().Throw<OperationCanceledException>();
    }

    private static string Refusal<TResult>(Func<TResult> act) =>
        FluentActions.Invoking(act).Should().Throw<ArgumentException>().Which.Message;

    private static PlaneSlice Slice(ulong seed, int size) =>
        PlaneSlice.Rectangle(RandomNets.Point(seed, 0, size), RandomNets.Point(seed, 1, size), RandomNets.Point(seed, 2, size));

    private static Network<double> Sample(int[] widths, Activation activation, ulong seed, double biasVariance) =>
        Model.Dense(widths, activation, (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n), biasVariance, linearOutput: true)
            .Sample<double>(seed);

    private static PlanePoint Between(PlanePoint a, PlanePoint b) => new((a.U + b.U) / 2, (a.V + b.V) / 2);

    private static string Text(bool[] pattern) => string.Concat(pattern.Select(on => on ? '1' : '0'));

    private static Vector<double> Vector(params double[] entries) => Vector<double>.Build.DenseOfArray(entries);
}
