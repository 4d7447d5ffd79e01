using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Expressivity;

/// <summary>
/// The derivatives of pre-activations by the coordinates, one block of columns a cell of the layers below: they come from products of the
/// layers and not from differences of values, so that they are as accurate on the narrowest cell as on the widest.
/// </summary>
/// <remarks>
/// Cells that follow one another in the same cell of the layers further below differ in the activation of a few neurons only: such a cell
/// has its neighbour's derivatives and a multiple of a column of W for each of those. With n neurons and k such changes since the last
/// whole product this is a sum of n + k terms, and its error is taken as that of one.
/// </remarks>
internal sealed class PartitionSlopes
{
    /// <summary>Cells of one GEMM.</summary>
    private const int BlockCells = 512;

    /// <summary>One change for so many neurons or more: otherwise a whole product is as fast.</summary>
    private const int NeuronsPerChange = 16;

    /// <summary>With fewer rows a whole product costs hardly more than its operand: and zeros come out as such.</summary>
    private const int FewestRows = 64;

    private readonly int _dimension;
    private readonly int[] _heads = new int[BlockCells];
    private double[] _slopes;
    private double _error;
    private int _width;

    /// <param name="dimension">The number of coordinates, 1 or 2.</param>
    /// <param name="basis">The derivatives of an input: n_0 x dimension, column-major.</param>
    public PartitionSlopes(int dimension, double[] basis)
    {
        _dimension = dimension;
        _slopes = PartitionBuffers.Take(basis.Length);
        basis.CopyTo(_slopes, 0);
        _width = basis.Length / dimension;
        _error = MachineEpsilon.Double * Math.Sqrt(GreatestSquare(basis, dimension));
    }

    /// <summary>How far apart two derivatives of outputs may be and still be the same number.</summary>
    public double Tolerance => PartitionLayer.Safety * _error;

    /// <summary>Goes through a layer, given the layer below and the cells that it made; null for the inputs.</summary>
    public void Advance(PartitionLayer layer, PartitionLayer? below, PartitionCells cells, CancellationToken cancellationToken)
    {
        var (m, n) = (layer.Rows, layer.Columns);
        var next = PartitionBuffers.Take(checked(m * _dimension * cells.Count));
        var terms = n;
        double square;
        if (below is { Splits: true })
        {
            (terms, square) = AdvanceByChains(layer, below, cells, next, cancellationToken);
        }
        else
        {
            var columns = cells.Count * _dimension;
            square = GreatestSquare(_slopes, columns);
            Blas.Gemm<double>(Transpose.No, Transpose.No, m, columns, n, 1, layer.Weights, m, _slopes, n, 0, next, m);
        }

        _error = layer.Stretch * layer.Norm
            * ((_error / Math.Sqrt(n)) + (Math.Sqrt(terms) * MachineEpsilon.Double * Math.Sqrt(square)));
        PartitionBuffers.Give(_slopes);
        _slopes = next;
        _width = m;
    }

    /// <summary>The derivatives behind the activation, of all cells: width x (dimension cells). The last that is asked for.</summary>
    public double[] Behind(PartitionLayer layer, PartitionCells cells)
    {
        var result = new double[checked(_width * _dimension * cells.Count)];
        if (layer.Splits)
        {
            for (var cell = 0; cell < cells.Count; cell++)
            {
                Behind(layer, cells, cell, result.AsSpan(cell * _width * _dimension));
            }
        }
        else
        {
            _slopes.AsSpan(0, result.Length).CopyTo(result);
        }

        PartitionBuffers.Give(_slopes);
        _slopes = [];
        return result;
    }

    /// <summary>
    /// Whole products for the heads of chains of cells, from which the rest of the chains follow; returns the most terms in a sum and the
    /// greatest sum of squares of what came in.
    /// </summary>
    private (int Terms, double Square) AdvanceByChains(
        PartitionLayer layer, PartitionLayer below, PartitionCells cells, double[] next, CancellationToken cancellationToken)
    {
        var (m, size) = (layer.Rows, _width * _dimension);
        var block = PartitionBuffers.Take(checked(size * Math.Min(BlockCells, cells.Count)));
        var product = PartitionBuffers.Take(checked(m * _dimension * Math.Min(BlockCells, cells.Count)));
        var (terms, square) = (_width, 0.0);
        for (var cell = 0; cell < cells.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (first, count, changes) = (cell, 0, 0);
            for (; cell < cells.Count; cell++)
            {
                changes = cell == first ? int.MaxValue : ChangesAt(cells, cell, m, changes);
                if (changes < int.MaxValue)
                {
                    terms = Math.Max(terms, _width + changes);
                    continue;
                }

                if (count == BlockCells)
                {
                    break;
                }

                Behind(below, cells, cell, block.AsSpan(count * size, size));
                _heads[count++] = cell;
                changes = 0;
            }

            Blas.Gemm<double>(
                Transpose.No, Transpose.No, m, count * _dimension, _width, 1, layer.Weights, m, block, _width, 0, product, m);
            for (var head = 0; head < count; head++)
            {
                var (start, end) = (_heads[head], head + 1 < count ? _heads[head + 1] : cell);
                product.AsSpan(head * m * _dimension, m * _dimension).CopyTo(next.AsSpan(start * m * _dimension));
                var own = GreatestSquare(block.AsSpan(head * size, size), _dimension);
                for (var k = start + 1; k < end; k++)
                {
                    own += Follow(layer, below, cells, k, next);
                }

                square = Math.Max(square, own);
            }
        }

        PartitionBuffers.Give(block);
        PartitionBuffers.Give(product);
        return (terms, square);
    }

    /// <summary>The changes in a chain with another cell, given those without it; the greatest number where it heads one.</summary>
    private int ChangesAt(PartitionCells cells, int cell, int rows, int changes)
    {
        // where no neuron is on the whole product is exactly zero
        if (rows < FewestRows || cells.Parents[cell] != cells.Parents[cell - 1] || !cells.OnOf(cell).ContainsAnyExcept(0UL))
        {
            return int.MaxValue;
        }

        var own = PartitionLoops.Differences(cells.OnOf(cell), cells.OnOf(cell - 1));
        return own * NeuronsPerChange <= _width && changes + own <= _width ? changes + own : int.MaxValue;
    }

    /// <summary>The derivatives of a cell from those of the cell before; returns the sum of squares of what changed.</summary>
    private double Follow(PartitionLayer layer, PartitionLayer below, PartitionCells cells, int cell, double[] next)
    {
        var m = layer.Rows;
        var on = cells.OnOf(cell);
        var before = cells.OnOf(cell - 1);
        var square = 0.0;
        for (var d = 0; d < _dimension; d++)
        {
            var source = _slopes.AsSpan(((cells.Parents[cell] * _dimension) + d) * _width, _width);
            var target = next.AsSpan(((cell * _dimension) + d) * m, m);
            ReadOnlySpan<double> from = next.AsSpan((((cell - 1) * _dimension) + d) * m, m);
            var own = 0.0;
            for (var k = 0; k < on.Length; k++)
            {
                for (var changed = on[k] ^ before[k]; changed != 0; changed &= changed - 1)
                {
                    var bit = BitOperations.TrailingZeroCount(changed);
                    var neuron = (k * 64) + bit;
                    var change = (((on[k] >> bit) & 1) == 1 ? 1 - below.Slope : below.Slope - 1) * source[neuron];
                    TensorPrimitives.MultiplyAdd(layer.Weights.AsSpan(neuron * m, m), change, from, target);
                    from = target;
                    own += change * change;
                }
            }

            square = Math.Max(square, own);
        }

        return square;
    }

    /// <summary>The derivatives behind an activation, of a cell.</summary>
    private void Behind(PartitionLayer layer, PartitionCells cells, int cell, Span<double> target)
    {
        for (var d = 0; d < _dimension; d++)
        {
            var source = _slopes.AsSpan(((cells.Parents[cell] * _dimension) + d) * _width, _width);
            PartitionLoops.Select(source, cells.OnOf(cell), layer.Slope, target.Slice(d * _width, _width));
        }
    }

    private double GreatestSquare(ReadOnlySpan<double> values, int columns)
    {
        var greatest = 0.0;
        for (var column = 0; column < columns; column++)
        {
            greatest = Math.Max(greatest, TensorPrimitives.SumOfSquares(values.Slice(column * _width, _width)));
        }

        return greatest;
    }
}
