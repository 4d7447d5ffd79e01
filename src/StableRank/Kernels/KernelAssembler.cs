using System.Collections.Concurrent;
using System.Numerics;
using StableRank.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>
/// Makes a kernel of the factors of blocks of inputs, tile by tile. On one set of inputs only the lower triangle of tiles is computed; the
/// rest is its mirror image.
/// </summary>
/// <param name="output">What is computed.</param>
/// <param name="rows">N.</param>
/// <param name="columns">M.</param>
/// <param name="outputs">O.</param>
/// <param name="symmetric">Whether the two sets are one.</param>
/// <param name="side">The rows that a tile has at most, unless one sample has more.</param>
/// <param name="workers">How many tiles are computed at a time, each by one thread, where there are enough of them.</param>
internal sealed class KernelAssembler<T>(
    KernelOutput output, int rows, int columns, int outputs, bool symmetric, int side, int workers)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Rows of a tile: two tiles in double fit a second-level cache of 2 MB, and a product this large reaches the full rate.
    /// </summary>
    public const int DefaultSide = 320;

    // fewer tiles than this to a worker leave one waiting for the other: then the threads work inside the products
    private const int TilesPerWorker = 3;

    // rows and columns of the kernel to one sample
    private readonly int _unit = output == KernelOutput.Blocks ? outputs : 1;
    private readonly int _samples = Math.Max(1, output == KernelOutput.Blocks ? side / outputs : side);

    /// <summary>The matrices: one, or O of them for <see cref="KernelOutput.Diagonal"/>.</summary>
    public T[][] Results { get; } = Make(output, rows, columns, outputs);

    /// <summary>Computes the part of the kernel that two blocks of inputs meet in.</summary>
    public void Add(
        JacobianFactors<T> left, int firstRow, JacobianFactors<T> right, int firstColumn, CancellationToken cancellationToken)
    {
        var tiles = Tiles(left.Count, firstRow, right.Count, firstColumn);
        var parallel = tiles.Count >= workers * TilesPerWorker ? workers : 1;
        var made = new ConcurrentBag<FactorTileWorker<T>>();
        try
        {
            PieceLoop.Run(tiles.Count, parallel, parallel > 1, cancellationToken, () =>
            {
                var worker = new FactorTileWorker<T>(output, outputs, Results, rows * _unit);
                made.Add(worker);
                return i =>
                {
                    var tile = tiles[(int)i];
                    worker.Compute(left, right, tile);
                    if (symmetric && !tile.IsDiagonal)
                    {
                        worker.Mirror(tile);
                    }
                };
            });
        }
        finally
        {
            foreach (var worker in made)
            {
                worker.Dispose();
            }
        }
    }

    private static T[][] Make(KernelOutput output, int rows, int columns, int outputs)
    {
        var unit = output == KernelOutput.Blocks ? outputs : 1;
        var length = checked(rows * unit * (columns * unit));
        var planes = output == KernelOutput.Diagonal ? outputs : 1;
        return [.. Enumerable.Range(0, planes).Select(_ => GC.AllocateUninitializedArray<T>(length))];
    }

    private List<FactorTile> Tiles(int leftCount, int firstRow, int rightCount, int firstColumn)
    {
        var tiles = new List<FactorTile>();
        var same = symmetric && firstRow == firstColumn;
        for (var c = 0; c < rightCount; c += _samples)
        {
            for (var r = same ? c : 0; r < leftCount; r += _samples)
            {
                tiles.Add(new(
                    r, Math.Min(_samples, leftCount - r), c, Math.Min(_samples, rightCount - c), firstRow, firstColumn, same && r == c));
            }
        }

        return tiles;
    }
}
