using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Expressivity;

/// <summary>
/// The linear regions of a network on a two-dimensional slice of its input space, exactly: theory (7.2), after Hanin and Rolnick
/// (arXiv:1906.00904). The slice is cut along every neuron's zero line, layer after layer, into convex polygons that share their corners
/// and tile it; time and memory are linear in their number.
/// </summary>
/// <remarks>
/// <para>
/// A region is a maximal open set on which every neuron is either positive or not positive throughout (its activation pattern, which no two
/// regions share). Neurons of a layer whose activation has the slope 1 on both sides divide nothing. A neuron that touches zero without
/// changing its sign, or vanishes on a region, divides nothing there.
/// </para>
/// <para>
/// Lines that meet in a corner, or coincide, do so in the arithmetic too: what counts as zero at a corner is said at
/// <see cref="SegmentPartition"/>. An edge is cut once, for both of its sides, and a corner has one value for all its polygons.
/// </para>
/// <para>The partition is computed in double precision, from the weights as they are, whatever the network's own precision.</para>
/// </remarks>
public sealed class PlanePartition
{
    /// <summary>
    /// The width, in parts of the square root of the slice's area, below which a region counts among <see cref="Slivers"/>: twice its area
    /// over its longest side. Corners are accurate to about 1e-14.
    /// </summary>
    public const double SliverWidth = 1e-12;

    private readonly PartitionSweep _sweep;
    private readonly int _outputs;

    private PlanePartition(PlaneSlice slice, PartitionSweep sweep, int outputs)
    {
        Slice = slice;
        _sweep = sweep;
        _outputs = outputs;
        var areas = new double[sweep.Cells.Count];
        var width = SliverWidth * Math.Sqrt(slice.Area);
        for (var k = 0; k < areas.Length; k++)
        {
            var corners = CornersOf(k);
            areas[k] = PlanePoint.Area(corners);
            Slivers += 2 * areas[k] < width * PlanePoint.LongestSide(corners) ? 1 : 0;
        }

        Areas = areas;
        FunctionPieces = PolygonMerge.Count(sweep);
    }

    /// <summary>The slice.</summary>
    public PlaneSlice Slice { get; }

    /// <summary>The number of regions.</summary>
    public int Count => _sweep.Cells.Count;

    /// <summary>
    /// The number of pieces of the outputs as functions on the slice, where regions with a common edge and the same affine map are one: at
    /// most <see cref="Count"/>. Maps are the same where they differ by no more than their rounding error.
    /// </summary>
    public int FunctionPieces { get; }

    /// <summary>
    /// The number of regions of the first layer, of the first two, ..., of all; L numbers, the last of them <see cref="Count"/>.
    /// </summary>
    public IReadOnlyList<int> CountByLayer => _sweep.Counts;

    /// <summary>The areas of the regions, in units of the input space; their sum is the slice's.</summary>
    public IReadOnlyList<double> Areas { get; }

    /// <summary>The number of regions thinner than <see cref="SliverWidth"/>: counted, but no more than rounding may make.</summary>
    public int Slivers { get; }

    /// <summary>
    /// The number of polygons left uncut by a neuron whose sign changes more than twice around them, which only rounding can do: 0 but for
    /// slivers at the limit of the arithmetic.
    /// </summary>
    public int Unresolved => _sweep.Cells.Unresolved;

    /// <summary>All regions, each made as it is asked for.</summary>
    public IEnumerable<PlaneRegion> Regions => Enumerable.Range(0, Count).Select(Region);

    /// <summary>Divides a slice.</summary>
    /// <typeparam name="T">double or float: the network's precision; the partition's is double.</typeparam>
    /// <param name="network">Dense layers with piecewise linear activations: linear, relu, abs, leaky-relu:A.</param>
    /// <param name="slice">The polygon to divide, in the network's input space.</param>
    /// <param name="options">What is kept and how far it goes.</param>
    /// <param name="progress">Is told of every layer.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">
    /// A layer is not dense or its activation not piecewise linear, or the slice is of another input size.
    /// </exception>
    /// <exception cref="InvalidOperationException">There are more regions than <see cref="PartitionOptions.MaximumRegions"/>.</exception>
    /// <exception cref="ArithmeticException">A pre-activation overflows.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static PlanePartition Of<T>(
        Network<T> network, PlaneSlice slice, PartitionOptions? options = null, IProgress<PartitionProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var layers = PartitionLayer.Of(network);
        ArgumentNullException.ThrowIfNull(slice);
        if (slice.InputSize != network.InputSize)
        {
            throw new ArgumentException(
                $"The slice is of a space of {slice.InputSize} dimensions; the network takes {network.InputSize}.", nameof(slice));
        }

        var n = slice.InputSize;
        var inputs = new double[n * slice.Corners.Count];
        var reach = slice.Origin.L2Norm();
        for (var i = 0; i < slice.Corners.Count; i++)
        {
            var corner = slice.Corners[i];
            slice.FillInput(corner, inputs.AsSpan(i * n, n));
            reach = Math.Max(reach, slice.Origin.L2Norm() + double.Hypot(corner.U, corner.V));
        }

        double[] coordinates = [.. slice.Corners.SelectMany(p => (double[])[p.U, p.V])];
        var vertices = new PartitionVertices(2, coordinates, inputs, MachineEpsilon.Double * reach);
        var sweep = new PartitionSweep(
            layers, vertices, slice.BasisArray, 2, options ?? new PartitionOptions(), progress, cancellationToken);
        return new PlanePartition(slice, sweep, network.OutputSize);
    }

    /// <summary>A region with its affine map.</summary>
    /// <param name="region">From 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such region.</exception>
    public PlaneRegion Region(int region)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(region);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(region, Count);
        var corners = CornersOf(region);
        var jacobian = MatrixStorage.Dense(_outputs, 2, _sweep.Slopes.AsSpan(region * 2 * _outputs, 2 * _outputs).ToArray());
        var offset = new double[_outputs];
        var ids = _sweep.Cells[region];
        for (var i = 0; i < ids.Length; i++)
        {
            var values = _sweep.Vertices.Values(ids[i]);
            for (var o = 0; o < _outputs; o++)
            {
                offset[o] += (values[o] - (jacobian[o, 0] * corners[i].U) - (jacobian[o, 1] * corners[i].V)) / ids.Length;
            }
        }

        return new PlaneRegion(region, corners, Areas[region], jacobian, Vector<double>.Build.Dense(offset));
    }

    /// <summary>
    /// The activation pattern of a region: for every neuron of the layers that divide (slope other than 1), first layer first, whether its
    /// pre-activation is positive inside.
    /// </summary>
    /// <param name="region">From 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such region.</exception>
    /// <exception cref="InvalidOperationException">Patterns were not kept.</exception>
    public bool[] Pattern(int region) => PartitionPatterns.Of(_sweep.Patterns, region, Count);

    private PlanePoint[] CornersOf(int region)
    {
        var ids = _sweep.Cells[region];
        var corners = new PlanePoint[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            var at = _sweep.Vertices.Coordinates(ids[i]);
            corners[i] = new PlanePoint(at[0], at[1]);
        }

        return corners;
    }
}
