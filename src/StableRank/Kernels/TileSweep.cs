using StableRank.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>
/// Computes a rectangle of both kernels in tiles, shared among the threads. A tile of the Gram matrix goes through all layers and is
/// written once: nothing as large as the kernels is kept beside them. Results do not depend on the number of threads.
/// </summary>
internal sealed class TileSweep(KernelChain chain, SampleVariances rows, SampleVariances columns)
{
    /// <summary>Rows and columns of a tile.</summary>
    public const int Tile = 128;

    private readonly Lock _gate = new();

    /// <summary>The greatest estimated error of an expectation so far.</summary>
    public double Error { get; private set; } = Math.Max(rows.Error, columns.Error);

    /// <summary>Fills <paramref name="nngp"/> and <paramref name="ntk"/>, column-major, height x width.</summary>
    /// <param name="firstRow">The first sample of the rows' set.</param>
    /// <param name="height">Its samples.</param>
    /// <param name="firstColumn">The first sample of the columns' set.</param>
    /// <param name="width">Its samples.</param>
    /// <param name="symmetric">Whether rows and columns are the same samples: half of the tiles are then computed and mirrored.</param>
    /// <param name="nngp">The first kernel.</param>
    /// <param name="ntk">The second kernel.</param>
    /// <param name="cancellationToken">Ends the work between two tiles.</param>
    public void Fill(
        int firstRow, int height, int firstColumn, int width, bool symmetric, double[] nngp, double[] ntk,
        CancellationToken cancellationToken)
    {
        var (down, across) = ((height + Tile - 1) / Tile, (width + Tile - 1) / Tile);
        var tiles = symmetric ? (long)down * (down + 1) / 2 : (long)down * across;
        PieceLoop.Run(tiles, (int)Math.Min(Backend.Threads, tiles), true, cancellationToken, () =>
        {
            PairTileWorker worker = chain.IsDense
                ? new DenseTileWorker(chain, rows, columns)
                : new PositionTileWorker(chain, rows, columns);
            return tile =>
            {
                var (i, j) = symmetric ? Lower(tile) : ((int)(tile % down), (int)(tile / down));
                var region = new TileRegion(
                    i * Tile, Math.Min(Tile, height - i * Tile), j * Tile, Math.Min(Tile, width - j * Tile), symmetric, height);
                var error = worker.Compute(firstRow + region.Row, firstColumn + region.Column, region, nngp, ntk);
                if (region.OnDiagonal)
                {
                    StoreDiagonal(firstRow + region.Row, region, nngp, ntk);
                }

                lock (_gate)
                {
                    Error = Math.Max(Error, error);
                }
            };
        });
    }

    /// <summary>The tile-th pair i &gt;= j: (0,0), (1,0), (1,1), (2,0), ...</summary>
    private static (int I, int J) Lower(long tile)
    {
        var i = (long)((Math.Sqrt(8.0 * tile + 1) - 1) / 2);
        // the root may be off by one where the number is next to a triangular one
        i += i * (i + 1) / 2 > tile ? -1 : (i + 1) * (i + 2) / 2 <= tile ? 1 : 0;
        return ((int)i, (int)(tile - i * (i + 1) / 2));
    }

    /// <summary>On the diagonal, where the correlation is 1, from the samples' own recursion.</summary>
    private void StoreDiagonal(int first, TileRegion region, double[] nngp, double[] ntk)
    {
        for (var j = 0; j < region.Width; j++)
        {
            nngp[region.At(j, j)] = rows.Nngp[first + j];
            ntk[region.At(j, j)] = rows.Ntk[first + j];
        }
    }
}
