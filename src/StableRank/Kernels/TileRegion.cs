using StableRank.Data;

namespace StableRank.Kernels;

/// <summary>A tile's place in a rectangle of a kernel, whose columns are <c>Stride</c> apart.</summary>
/// <param name="Row">The first row.</param>
/// <param name="Height">The rows.</param>
/// <param name="Column">The first column.</param>
/// <param name="Width">The columns.</param>
/// <param name="Symmetric">Whether the mirror image of the tile is to be written as well.</param>
/// <param name="Stride">The rows of the rectangle.</param>
internal readonly record struct TileRegion(int Row, int Height, int Column, int Width, bool Symmetric, int Stride)
{
    /// <summary>Whether the tile is its own mirror image.</summary>
    public bool OnDiagonal => Symmetric && Row == Column;

    /// <summary>The index of the tile's entry (i, j).</summary>
    public int At(int i, int j) => checked((int)(Row + i + (long)(Column + j) * Stride));

    /// <summary>Writes the tile and its mirror image; a tile on the diagonal has only what is below it.</summary>
    /// <param name="tile">The columns, <paramref name="ld"/> apart.</param>
    /// <param name="ld">Their distance.</param>
    /// <param name="target">The rectangle.</param>
    public void Store(ReadOnlySpan<double> tile, int ld, double[] target)
    {
        if (OnDiagonal)
        {
            Store(tile, ld, 0, Height, 0, Width, target);
            return;
        }

        for (var j = 0; j < Width; j++)
        {
            tile.Slice(j * ld, Height).CopyTo(target.AsSpan(At(0, j)));
        }

        if (Symmetric)
        {
            // columns of the tile become rows: to a copier of row-major matrices its columns are rows
            BlockedTranspose.Copy(tile, Width, Height, ld, target.AsSpan(checked((int)(Column + (long)Row * Stride))), Stride);
        }
    }

    /// <summary>Writes some columns of the tile, and their mirror images.</summary>
    /// <param name="strip">The columns, <paramref name="ld"/> apart.</param>
    /// <param name="ld">Their distance.</param>
    /// <param name="top">The tile's row that they begin at.</param>
    /// <param name="height">Their rows.</param>
    /// <param name="start">The tile's column that comes first.</param>
    /// <param name="count">Their number.</param>
    /// <param name="target">The rectangle.</param>
    public void Store(ReadOnlySpan<double> strip, int ld, int top, int height, int start, int count, double[] target)
    {
        for (var j = 0; j < count; j++)
        {
            // on the diagonal only what is below it: above stands the mirror image
            var skip = OnDiagonal ? Math.Clamp(start + j - top, 0, height) : 0;
            if (skip < height)
            {
                strip.Slice(j * ld + skip, height - skip).CopyTo(target.AsSpan(At(top + skip, start + j)));
            }
        }

        if (!Symmetric)
        {
            return;
        }

        for (var i = 0; i < height; i++)
        {
            var within = OnDiagonal ? Math.Clamp(top + i - start + 1, 0, count) : count;
            var first = checked((int)(Column + start + (long)(Row + top + i) * Stride));
            var mirror = target.AsSpan(first, count);
            for (var j = 0; j < within; j++)
            {
                mirror[j] = strip[j * ld + i];
            }
        }
    }
}
