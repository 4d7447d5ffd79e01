using StableRank.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>Dense layers: a tile of the Gram matrix goes through all layers in strips that stay in the first-level cache.</summary>
internal sealed class DenseTileWorker(KernelChain chain, SampleVariances rows, SampleVariances columns) : PairTileWorker
{
    private const int Tile = TileSweep.Tile;

    // 16 columns of 128 doubles, of each kernel, are 32 KiB
    private const int Strip = 16;
    private readonly double[] _gram = new double[Tile * Tile];
    private readonly double[] _tangents = new double[Tile * Strip];

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
            var k = _gram.AsSpan(start * Tile, count * Tile);
            var t = _tangents.AsSpan(0, count * Tile);
            t.Clear();
            for (var l = 0; l < chain.Layers.Length; l++)
            {
                chain.Layers[l].Affine(k, t);
                if (chain.Layers[l].Dual is not { } dual)
                {
                    continue;
                }

                var roots = rows.Roots[l][0].AsSpan(a);
                var inverses = rows.Inverses[l][0].AsSpan(a);
                for (var j = 0; j < count; j++)
                {
                    var column = b + start + j;
                    var greatest = dual.Apply(
                        k.Slice(j * Tile, Tile), t.Slice(j * Tile, Tile), roots, inverses, columns.Roots[l][0][column],
                        columns.Inverses[l][0][column], region.Height);
                    error = Math.Max(error, greatest);
                }
            }

            region.Store(k, Tile, 0, region.Height, start, count, nngp);
            region.Store(t, Tile, 0, region.Height, start, count, ntk);
        }

        return error;
    }
}
