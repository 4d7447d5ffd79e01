namespace StableRank.Kernels;

/// <summary>Computes tiles of both kernels, one after the other, with buffers of its own.</summary>
internal abstract class PairTileWorker
{
    /// <summary>Computes a tile.</summary>
    /// <param name="a">The sample of the rows' set that the tile begins with.</param>
    /// <param name="b">The sample of the columns' set.</param>
    /// <param name="region">Where it goes.</param>
    /// <param name="nngp">The first kernel.</param>
    /// <param name="ntk">The second.</param>
    /// <returns>The greatest estimated error of an expectation.</returns>
    public abstract double Compute(int a, int b, TileRegion region, double[] nngp, double[] ntk);
}
