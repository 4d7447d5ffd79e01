using System.Runtime.ExceptionServices;
using StableRank.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>
/// Computes a rectangle of both kernels in tiles, shared among the threads. A tile of the Gram matrix goes through all layers in strips
/// that stay in the first-level cache, and is written once: nothing as large as the kernels is kept beside them. Results do not
/// depend on the number of threads.
/// </summary>
internal sealed class TileSweep(KernelLayer[] layers, SampleVariances rows, SampleVariances columns)
{
    /// <summary>Rows and columns of a tile: its Gram product is a GEMM of this size.</summary>
    public const int Tile = 128;

    // 16 columns of 128 doubles, of each kernel, are 32 KiB
    private const int Strip = 16;
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
        var next = -1L;

        void Work(int worker, ParallelLoopState? state)
        {
            using var scope = Backend.SingleThreaded();
            using var gram = new Rented<double>(Tile * Tile);
            using var tangents = new Rented<double>(Tile * Strip);
            gram.Span.Clear();
            tangents.Span.Clear();
            var error = 0.0;
            long index;
            while ((index = Interlocked.Increment(ref next)) < tiles && state?.ShouldExitCurrentIteration != true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (i, j) = symmetric ? Lower(index) : ((int)(index % down), (int)(index / down));
                var region = new Region(
                    i * Tile, Math.Min(Tile, height - i * Tile), j * Tile, Math.Min(Tile, width - j * Tile), symmetric, height);
                error = Math.Max(error, One(firstRow, firstColumn, region, gram.Array, tangents.Span, nngp, ntk));
            }

            lock (_gate)
            {
                Error = Math.Max(Error, error);
            }
        }

        var workers = (int)Math.Min(Backend.Threads, tiles);
        if (workers == 1)
        {
            Work(0, null);
            return;
        }

        try
        {
            Parallel.For(
                0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken }, Work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>The index-th pair i &gt;= j, column of tiles 0 last in each row of them: (0,0), (1,0), (1,1), (2,0), ...</summary>
    private static (int I, int J) Lower(long index)
    {
        var i = (long)((Math.Sqrt(8.0 * index + 1) - 1) / 2);
        // the root may be off by one where index is next to a triangular number
        i += i * (i + 1) / 2 > index ? -1 : (i + 1) * (i + 2) / 2 <= index ? 1 : 0;
        return ((int)i, (int)(index - i * (i + 1) / 2));
    }

    private double One(int firstRow, int firstColumn, Region region, double[] gram, Span<double> tangents, double[] nngp, double[] ntk)
    {
        var n0 = rows.Features;
        var (a, b) = (firstRow + region.Row, firstColumn + region.Column);
        Blas.Gemm(
            Transpose.Yes, Transpose.No, region.Height, region.Width, n0, 1.0 / n0, rows.Inputs.AsSpan(a * n0), n0,
            columns.Inputs.AsSpan(b * n0), n0, 0.0, gram.AsSpan(), Tile);
        var error = 0.0;
        for (var start = 0; start < region.Width; start += Strip)
        {
            var count = Math.Min(Strip, region.Width - start);
            var k = gram.AsSpan(start * Tile, count * Tile);
            var t = tangents[..(count * Tile)];
            t.Clear();
            for (var l = 0; l < layers.Length; l++)
            {
                layers[l].Affine(k, t);
                if (layers[l].Dual is not { } dual)
                {
                    continue;
                }

                var roots = rows.Roots[l].AsSpan(a);
                var inverses = rows.Inverses[l].AsSpan(a);
                for (var j = 0; j < count; j++)
                {
                    var column = b + start + j;
                    var greatest = dual.Apply(
                        k.Slice(j * Tile, Tile), t.Slice(j * Tile, Tile), roots, inverses, columns.Roots[l][column],
                        columns.Inverses[l][column], region.Height);
                    error = Math.Max(error, greatest);
                }
            }

            region.Store(k, start, count, nngp);
            region.Store(t, start, count, ntk);
        }

        if (region.OnDiagonal)
        {
            for (var j = 0; j < region.Width; j++)
            {
                // exact on the diagonal, where the correlation is 1
                nngp[region.At(j, j)] = rows.Nngp[a + j];
                ntk[region.At(j, j)] = rows.Ntk[a + j];
            }
        }

        return error;
    }

    /// <summary>A tile's place in the rectangle, whose columns are <c>Stride</c> apart.</summary>
    private readonly record struct Region(int Row, int Height, int Column, int Width, bool Symmetric, int Stride)
    {
        public bool OnDiagonal => Symmetric && Row == Column;

        public long At(int i, int j) => Row + i + (long)(Column + j) * Stride;

        /// <summary>Writes columns of the tile, and their mirror images.</summary>
        public void Store(ReadOnlySpan<double> strip, int start, int count, double[] target)
        {
            for (var j = 0; j < count; j++)
            {
                // on the diagonal only what is below it: above stands the mirror image
                var skip = OnDiagonal ? start + j : 0;
                strip.Slice(j * Tile + skip, Height - skip).CopyTo(target.AsSpan((int)At(skip, start + j)));
            }

            if (!Symmetric)
            {
                return;
            }

            for (var i = 0; i < Height; i++)
            {
                var mirror = target.AsSpan(checked((int)(Column + start + (long)(Row + i) * Stride)), count);
                for (var j = 0; j < (OnDiagonal ? Math.Min(count, i - start + 1) : count); j++)
                {
                    mirror[j] = strip[j * Tile + i];
                }
            }
        }
    }
}
