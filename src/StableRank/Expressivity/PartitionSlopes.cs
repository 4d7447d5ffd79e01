using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Expressivity;

/// <summary>
/// The derivatives of pre-activations by the coordinates, one block of columns a cell of the layers below: they come from products of the
/// layers and not from differences of values, so that they are as accurate on the narrowest cell as on the widest.
/// </summary>
internal sealed class PartitionSlopes
{
    private const int BlockCells = 1024;

    private readonly int _dimension;
    private double[] _slopes;
    private double _error;
    private int _width;

    /// <param name="dimension">The number of coordinates, 1 or 2.</param>
    /// <param name="basis">The derivatives of an input: n_0 x dimension, column-major.</param>
    public PartitionSlopes(int dimension, double[] basis)
    {
        _dimension = dimension;
        _slopes = basis;
        _width = basis.Length / dimension;
        for (var column = 0; column < dimension; column++)
        {
            _error = Math.Max(_error, MachineEpsilon.Double * TensorPrimitives.Norm<double>(basis.AsSpan(column * _width, _width)));
        }
    }

    /// <summary>How far apart two derivatives of outputs may be and still be the same number.</summary>
    public double Tolerance => PartitionLayer.Safety * _error;

    /// <summary>Goes through a layer, given the layer below and the cells that it made; null for the inputs.</summary>
    public void Advance(PartitionLayer layer, PartitionLayer? below, PartitionCells cells, CancellationToken cancellationToken)
    {
        var (m, n) = (layer.Rows, layer.Columns);
        var next = new double[checked(m * _dimension * cells.Count)];
        var block = new double[checked(n * _dimension * Math.Min(BlockCells, cells.Count))];
        var greatest = 0.0;
        for (var first = 0; first < cells.Count; first += BlockCells)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(BlockCells, cells.Count - first);
            var columns = count * _dimension;
            Behind(below, cells, first, count, block);
            for (var column = 0; column < columns; column++)
            {
                greatest = Math.Max(greatest, TensorPrimitives.Norm<double>(block.AsSpan(column * n, n)));
            }

            var target = next.AsSpan(m * _dimension * first, m * columns);
            Blas.Gemm<double>(Transpose.No, Transpose.No, m, columns, n, 1, layer.Weights, m, block, n, 0, target, m);
        }

        var root = Math.Sqrt(n);
        _error = layer.Stretch * layer.Norm * ((_error / root) + (root * MachineEpsilon.Double * greatest));
        _slopes = next;
        _width = m;
    }

    /// <summary>The derivatives behind the activation, of all cells: width x (dimension cells).</summary>
    public double[] Behind(PartitionLayer layer, PartitionCells cells)
    {
        var result = new double[checked(_width * _dimension * cells.Count)];
        Behind(layer, cells, 0, cells.Count, result);
        return result;
    }

    private void Behind(PartitionLayer? below, PartitionCells cells, int first, int count, Span<double> target)
    {
        var size = _width * _dimension;
        if (below is not { Splits: true })
        {
            _slopes.AsSpan(first * size, count * size).CopyTo(target);
            return;
        }

        var parents = cells.Parents;
        var on = cells.On;
        var words = on.Length / cells.Count;
        var factors = new double[_width];
        for (var i = 0; i < count; i++)
        {
            var cell = first + i;
            for (var neuron = 0; neuron < _width; neuron++)
            {
                var bit = (on[(cell * words) + (neuron / 64)] >> (neuron % 64)) & 1;
                factors[neuron] = bit == 1 ? 1 : below.Slope;
            }

            for (var d = 0; d < _dimension; d++)
            {
                var source = _slopes.AsSpan((parents[cell] * size) + (d * _width), _width);
                TensorPrimitives.Multiply(source, factors, target.Slice((i * size) + (d * _width), _width));
            }
        }
    }
}
