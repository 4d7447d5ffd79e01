using StableRank.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>Dense layers: a tile of the Gram matrix goes through all layers in strips that stay in the first-level cache.</summary>
internal sealed class DenseTileWorker(KernelChain chain, SampleVariances rows, SampleVariances columns) : PairTileWorker
{
    private const int Tile = TileSweep.Tile;

    // 16 columns of 128 doubles, of each kernel, are 32 KiB; the tile is written as a whole, in longer runs than a strip's rows are
    private const int Strip = 16;
    private readonly double[] _gram = GC.AllocateUninitializedArray<double>(Tile * Tile);
    private readonly double[] _tangents = GC.AllocateUninitializedArray<double>(Tile * Tile);

    public override double Compute(int a, int b, TileRegion region, double[] nngp, double[] ntk)
    {
        var n0 = rows.Features;
        Blas.Gemm(
            Transpose.Yes, Transpose.No, region.Height, region.Width, n0, 1.0 / n0, rows.Inputs.AsSpan(a * n0), n0,
            columns.Inputs.AsSpan(b * n0), n0, 0.0, _gram.AsSpan(), Tile);
        var error = 0.0;
        for (var start = 0; start < region.Width; start += Strip)
        {
            var count = Math.Min(Strip, region.Width - start);
            // on the diagonal, what lies above it is a mirror image
            var top = region.OnDiagonal ? start : 0;
            var k = _gram.AsSpan(start * Tile, count * Tile);
            var t = _tangents.AsSpan(start * Tile, count * Tile);
            t.Clear();
            for (var l = 0; l < chain.Layers.Length; l++)
            {
                var layer = chain.Layers[l];
                if (layer.Dual is not { } dual)
                {
                    layer.Step.Apply(k, t);
                    continue;
                }

                var roots = rows.Roots[l][0].AsSpan(a + top);
                var inverses = rows.Inverses[l][0].AsSpan(a + top);
                for (var j = 0; j < count; j++)
                {
                    var column = b + start + j;
                    var greatest = dual.Apply(
                        layer.Step, k.Slice(j * Tile + top, Tile - top), t.Slice(j * Tile + top, Tile - top), roots, inverses,
                        columns.Roots[l][0][column], columns.Inverses[l][0][column], region.Height - top);
                    error = Math.Max(error, greatest);
                }
            }
        }

        region.Store(_gram, Tile, nngp);
        region.Store(_tangents, Tile, ntk);
        return error;
    }
}
