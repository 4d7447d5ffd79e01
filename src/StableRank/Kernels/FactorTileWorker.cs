using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using StableRank.Data;
using StableRank.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>
/// Computes tiles of a kernel, one after the other: the tile and the product that is added to it stay in cache while the layers follow one
/// another. Has workspaces of its own; several may write to one kernel.
/// </summary>
/// <param name="output">What is computed.</param>
/// <param name="outputs">O.</param>
/// <param name="results">The matrices.</param>
/// <param name="ld">Their rows.</param>
internal sealed class FactorTileWorker<T>(KernelOutput output, int outputs, T[][] results, int ld) : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int MirrorBlock = 32;

    // rows and columns of the kernel to one sample
    private readonly int _unit = output == KernelOutput.Blocks ? outputs : 1;

    // workspaces from the pool, rented at their first use: fresh memory costs a stop at each of its pages
    private T[] _products = [], _weights = [], _column = [];

    /// <summary>
    /// The part of the kernel that a tile is. On the diagonal everything is computed on and below it, and copied to the other side once.
    /// </summary>
    public void Compute(JacobianFactors<T> left, JacobianFactors<T> right, FactorTile tile)
    {
        for (var part = 0; part < left.Parts.Count; part++)
        {
            Add(left.Parts[part], right.Parts[part], tile, part == 0);
        }

        if (tile.IsDiagonal)
        {
            var order = tile.Rows * _unit;
            var first = checked((tile.FirstRow + tile.Row) * _unit * (ld + 1));
            foreach (var result in results)
            {
                MirrorTriangle(result.AsSpan(first), order);
            }
        }
    }

    /// <summary>Copies a tile to the other side of the diagonal.</summary>
    public void Mirror(FactorTile tile)
    {
        var (row, column) = ((tile.FirstRow + tile.Row) * _unit, (tile.FirstColumn + tile.Column) * _unit);
        foreach (var result in results)
        {
            // columns of the tile become rows: to a copier of row-major matrices its columns are rows
            BlockedTranspose.Copy<T>(
                result.AsSpan(checked((column * ld) + row)), tile.Columns * _unit, tile.Rows * _unit, ld,
                result.AsSpan(checked((row * ld) + column)), ld);
        }
    }

    /// <summary>Gives the workspaces back.</summary>
    public void Dispose()
    {
        Return(_products);
        Return(_weights);
        Return(_column);
        (_products, _weights, _column) = ([], [], []);
    }

    /// <summary>Copies what is below the diagonal of a square of the kernel to above it, block by block.</summary>
    private void MirrorTriangle(Span<T> square, int order)
    {
        for (var first = 0; first < order; first += MirrorBlock)
        {
            var end = Math.Min(order, first + MirrorBlock);
            for (var column = first; column < end; column++)
            {
                for (var row = column + 1; row < end; row++)
                {
                    square[(row * ld) + column] = square[(column * ld) + row];
                }
            }

            if (end < order)
            {
                BlockedTranspose.Copy<T>(
                    square[((first * ld) + end)..], end - first, order - end, ld, square[((end * ld) + first)..], ld);
            }
        }
    }

    private static void Return(T[] workspace)
    {
        if (workspace.Length > 0)
        {
            ArrayPool<T>.Shared.Return(workspace);
        }
    }

    private static Span<T> Grow(ref T[] workspace, int length)
    {
        if (workspace.Length < length)
        {
            Return(workspace);
            workspace = ArrayPool<T>.Shared.Rent(length);
        }

        return workspace.AsSpan(0, length);
    }

    /// <summary>alpha A'B, m x n; where both are the same, what is above the diagonal stays as it was.</summary>
    private static unsafe void Gram(
        bool symmetric, int m, int n, int k, T alpha, ReadOnlySpan<T> a, ReadOnlySpan<T> b, int ld, Span<T> c)
    {
        if (symmetric)
        {
            SpanGuard.RequireMatrix(a.Length, k, m, ld, nameof(a));
            SpanGuard.RequireMatrix(c.Length, m, m, m, nameof(c));
            fixed (T* pa = a, pc = c)
            {
                Kernels<T>.Current.SyrkLower(true, m, k, alpha, pa, ld, T.Zero, pc, m);
            }
        }
        else
        {
            Blas.Gemm(Transpose.Yes, Transpose.No, m, n, k, alpha, a, ld, b, ld, T.Zero, c, m);
        }
    }

    private void Add(FactorPart<T> left, FactorPart<T> right, FactorTile tile, bool first)
    {
        var weights = Span<T>.Empty;
        if (left.Activations is { } activations)
        {
            weights = Grow(ref _weights, tile.Rows * tile.Columns);
            Gram(
                tile.IsDiagonal, tile.Rows, tile.Columns, left.Width, left.Weight, activations.AsSpan(tile.Row * left.Stride),
                right.Activations.AsSpan(tile.Column * right.Stride), left.Stride, weights);
            if (left.Bias != T.Zero)
            {
                TensorPrimitives.Add(weights, left.Bias, weights);
            }
        }

        for (var plane = 0; plane < results.Length; plane++)
        {
            if (!left.IsTop)
            {
                Combine(plane, tile, weights, SignalGram(left, right, tile, plane), first);
            }
            else if (output == KernelOutput.Blocks)
            {
                AddTopBlocks(left.Factor, right.Factor, tile, weights, first);
            }
            else
            {
                Combine(plane, tile, weights, left.Factor.Length == 0 ? [] : SignalGram(left, right, tile, plane), first);
            }
        }
    }

    /// <summary>
    /// F^T F' of a tile; for the trace the sum over outputs, divided by their number, which is one product of longer columns.
    /// </summary>
    private Span<T> SignalGram(FactorPart<T> left, FactorPart<T> right, FactorTile tile, int plane)
    {
        var product = Grow(ref _products, checked(tile.Rows * _unit * (tile.Columns * _unit)));

        // the slopes of the top layer are the diagonals of its F: one number an output
        var height = left.IsTop ? 1 : left.Height;
        var sample = height * outputs;
        var a = left.Factor.AsSpan(tile.Row * sample);
        var b = right.Factor.AsSpan(tile.Column * sample);
        switch (output)
        {
            case KernelOutput.Blocks:
                Gram(tile.IsDiagonal, tile.Rows * outputs, tile.Columns * outputs, height, T.One, a, b, height, product);
                break;
            case KernelOutput.Trace:
                Gram(tile.IsDiagonal, tile.Rows, tile.Columns, sample, T.One / T.CreateTruncating(outputs), a, b, sample, product);
                break;
            default:
                a = a[(plane * height)..];
                b = b[(plane * height)..];
                Gram(tile.IsDiagonal, tile.Rows, tile.Columns, height, T.One, a, b, sample, product);
                break;
        }

        return product;
    }

    /// <summary>K = weights o products or K += weights o products; an empty factor counts as ones.</summary>
    private void Combine(int plane, FactorTile tile, ReadOnlySpan<T> weights, ReadOnlySpan<T> products, bool first)
    {
        var height = tile.Rows * _unit;
        for (var c = 0; c < tile.Columns; c++)
        {
            var factors = weights.IsEmpty ? default : Repeat(weights.Slice(c * tile.Rows, tile.Rows));
            for (var o = 0; o < _unit; o++)
            {
                // on the diagonal a column begins there
                var skip = tile.IsDiagonal ? (c * _unit) + o : 0;
                var target = Column(plane, tile, c, o)[skip..];
                var factor = factors.IsEmpty ? factors : factors[skip..];
                var product = products.IsEmpty ? factor : products.Slice(((c * _unit) + o) * height, height)[skip..];
                if (products.IsEmpty || weights.IsEmpty)
                {
                    Put(product, target, first);
                }
                else if (first)
                {
                    TensorPrimitives.Multiply(product, factor, target);
                }
                else
                {
                    TensorPrimitives.MultiplyAdd(product, factor, target, target);
                }
            }
        }
    }

    private static void Put(ReadOnlySpan<T> summand, Span<T> target, bool first)
    {
        if (first)
        {
            summand.CopyTo(target);
        }
        else
        {
            TensorPrimitives.Add(target, summand, target);
        }
    }

    /// <summary>Every entry O times, one a row of the block.</summary>
    private ReadOnlySpan<T> Repeat(ReadOnlySpan<T> entries)
    {
        if (_unit == 1)
        {
            return entries;
        }

        var repeated = Grow(ref _column, entries.Length * _unit);
        for (var i = 0; i < entries.Length; i++)
        {
            repeated.Slice(i * _unit, _unit).Fill(entries[i]);
        }

        return repeated;
    }

    /// <summary>The top layer of all blocks: its signals of two outputs have product 0, those of one output that of the slopes.</summary>
    private void AddTopBlocks(T[] left, T[] right, FactorTile tile, ReadOnlySpan<T> weights, bool first)
    {
        for (var c = 0; c < tile.Columns; c++)
        {
            for (var o = 0; o < outputs; o++)
            {
                var target = Column(0, tile, c, o);
                if (first)
                {
                    target.Clear();
                }

                for (var r = tile.IsDiagonal ? c : 0; r < tile.Rows; r++)
                {
                    var slopes = left.Length == 0
                        ? T.One
                        : left[((tile.Row + r) * outputs) + o] * right[((tile.Column + c) * outputs) + o];
                    target[(r * outputs) + o] += slopes * weights[(c * tile.Rows) + r];
                }
            }
        }
    }

    /// <summary>The rows of a tile in one column of the kernel.</summary>
    private Span<T> Column(int plane, FactorTile tile, int column, int o) => results[plane].AsSpan(
        checked(((((tile.FirstColumn + tile.Column + column) * _unit) + o) * ld) + ((tile.FirstRow + tile.Row) * _unit)),
        tile.Rows * _unit);
}
