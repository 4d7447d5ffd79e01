using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Expressivity;

/// <summary>
/// The linear regions of a network along a segment x(t) = from + t (to - from), t in [0, 1], exactly: theory (7.2), after Hanin and Rolnick
/// (arXiv:1901.09021). The segment is divided at every sign change of every neuron, layer after layer; nothing is sampled.
/// </summary>
/// <remarks>
/// <para>
/// A region is a maximal interval of positive length on which every neuron is either positive or not positive throughout (its activation
/// pattern, which no two regions share). Neurons of a layer whose activation has the slope 1 on both sides divide nothing: such a network
/// has one region. A neuron that touches zero without changing its sign, or vanishes on an interval, divides nothing there.
/// </para>
/// <para>
/// Breakpoints that coincide are one: a pre-activation that at a breakpoint is within 8 (|w_i| e + eps |b_i|) of zero counts as zero there,
/// where e = E / sqrt(n) + sqrt(n) eps |x| is the expected rounding error of the sum in relation to |w_i|, n the fan-in, x what comes into
/// the layer, and E the expected error of x, carried from layer to layer by |W|_F e + eps |b| (errors taken as independent). To this comes
/// what the pre-activation changes over the breakpoint's own uncertainty: that of the value whose zero it is, over its slope.
/// </para>
/// <para>The partition is computed in double precision, from the weights as they are, whatever the network's own precision.</para>
/// </remarks>
public sealed class SegmentPartition
{
    /// <summary>The part of the segment below which a region counts among <see cref="Slivers"/>.</summary>
    public const double SliverLength = 1e-12;

    private readonly PartitionPatterns? _patterns;
    private readonly double[] _breakpoints;

    private SegmentPartition(PartitionSweep sweep, int outputs)
    {
        var cells = sweep.Cells;
        _patterns = sweep.Patterns;
        CountByLayer = sweep.Counts;
        _breakpoints = new double[cells.Count + 1];
        var values = new double[checked(outputs * _breakpoints.Length)];
        FunctionPieces = 1;
        Narrowest = double.PositiveInfinity;
        for (var k = 0; k <= cells.Count; k++)
        {
            var v = k < cells.Count ? cells[k][0] : cells[k - 1][1];
            _breakpoints[k] = sweep.Vertices.Coordinates(v)[0];
            sweep.Vertices.Values(v).CopyTo(values.AsSpan(k * outputs));
            if (k > 0)
            {
                var length = _breakpoints[k] - _breakpoints[k - 1];
                Narrowest = Math.Min(Narrowest, length);
                Slivers += length < SliverLength ? 1 : 0;
                FunctionPieces += k < cells.Count && !sweep.HaveSameSlopes(k - 1, k) ? 1 : 0;
            }
        }

        Values = MatrixStorage.Dense(outputs, _breakpoints.Length, values);
        Slopes = MatrixStorage.Dense(outputs, cells.Count, sweep.Slopes);
    }

    /// <summary>The number of regions.</summary>
    public int Count => _breakpoints.Length - 1;

    /// <summary>
    /// The number of linear pieces of the outputs as functions of t: at most <see cref="Count"/>, and less where neurons change their sign
    /// unnoticed by every output (all neurons above them off). Slopes are the same where they differ by no more than their rounding error.
    /// </summary>
    public int FunctionPieces { get; }

    /// <summary>
    /// The number of regions of the first layer, of the first two, ..., of all; L numbers, the last of them <see cref="Count"/>.
    /// </summary>
    public IReadOnlyList<int> CountByLayer { get; }

    /// <summary>t_0 = 0 &lt; t_1 &lt; ... &lt; t_K = 1: region k, from 0, is [t_k, t_(k+1)].</summary>
    public IReadOnlyList<double> Breakpoints => _breakpoints;

    /// <summary>f(x(t_k)), n_L x (K + 1), one breakpoint a column. The network is continuous: these determine it on the segment.</summary>
    public Matrix<double> Values { get; }

    /// <summary>df/dt, n_L x K, one region a column: products of the layers, not differences of values.</summary>
    public Matrix<double> Slopes { get; }

    /// <summary>The length of the narrowest region, in t.</summary>
    public double Narrowest { get; }

    /// <summary>
    /// The number of regions narrower than <see cref="SliverLength"/>: counted, but as good as breakpoints that coincide.
    /// </summary>
    public int Slivers { get; }

    /// <summary>Divides a segment.</summary>
    /// <typeparam name="T">double or float: the network's precision; the partition's is double.</typeparam>
    /// <param name="network">Dense layers with piecewise linear activations: linear, relu, abs, leaky-relu:A.</param>
    /// <param name="from">x(0), n_0 entries.</param>
    /// <param name="to">x(1), n_0 entries.</param>
    /// <param name="options">What is kept and how far it goes.</param>
    /// <param name="progress">Is told of every layer.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">
    /// A layer is not dense or its activation not piecewise linear; an end has not n_0 entries, or one that is not finite; the ends are
    /// equal.
    /// </exception>
    /// <exception cref="InvalidOperationException">There are more regions than <see cref="PartitionOptions.MaximumRegions"/>.</exception>
    /// <exception cref="ArithmeticException">A pre-activation overflows.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static SegmentPartition Of<T>(
        Network<T> network, Vector<T> from, Vector<T> to, PartitionOptions? options = null,
        IProgress<PartitionProgress>? progress = null, CancellationToken cancellationToken = default)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var layers = PartitionLayer.Of(network);
        var start = PartitionInput.Of(from, network.InputSize, nameof(from));
        var end = PartitionInput.Of(to, network.InputSize, nameof(to));
        var direction = new double[start.Length];
        TensorPrimitives.Subtract<double>(end, start, direction);
        var length = TensorPrimitives.Norm<double>(direction);
        if (!(length > 0))
        {
            throw new ArgumentException("The two ends are the same point; expected a segment of positive length.", nameof(to));
        }

        var error = MachineEpsilon.Double * (TensorPrimitives.Norm<double>(start) + length);
        var vertices = new PartitionVertices(1, [0, 1], [.. start, .. end], error);
        var sweep = new PartitionSweep(layers, vertices, direction, 1, options ?? new PartitionOptions(), progress, cancellationToken);
        return new SegmentPartition(sweep, network.OutputSize);
    }

    /// <summary>f(x(t)) by the affine map of the region of t: n_L entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">t is not in [0, 1].</exception>
    public Vector<double> Evaluate(double t)
    {
        var k = RegionAt(t);
        return Values.Column(k) + (Slopes.Column(k) * (t - _breakpoints[k]));
    }

    /// <summary>The region of t, from 0; of a breakpoint the region on its right, of t = 1 the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">t is not in [0, 1].</exception>
    public int RegionAt(double t)
    {
        if (!(t >= 0 && t <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(t), t, "Expected a number from 0 to 1.");
        }

        var found = Array.BinarySearch(_breakpoints, t);
        return Math.Min(found >= 0 ? found : ~found - 1, Count - 1);
    }

    /// <summary>
    /// The activation pattern of a region: for every neuron of the layers that divide (slope other than 1), first layer first, whether its
    /// pre-activation is positive inside.
    /// </summary>
    /// <param name="region">From 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such region.</exception>
    /// <exception cref="InvalidOperationException">Patterns were not kept.</exception>
    public bool[] Pattern(int region) => PartitionPatterns.Of(_patterns, region, Count);
}
