namespace StableRank.Benchmarks;

/// <summary>The names of what a peer computes on.</summary>
internal static class PeerNames
{
    /// <summary>The MKL that ours computes on, put before the peer's own library.</summary>
    public const string OurMkl = "our MKL";

    /// <summary>The library that the peer's packages came with.</summary>
    public const string ItsOwn = "its own BLAS";
}
