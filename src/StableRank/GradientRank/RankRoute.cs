namespace StableRank.GradientRank;

/// <summary>How singular values are computed; never with vectors.</summary>
public enum RankRoute
{
    /// <summary>
    /// The cheapest by <see cref="RankRouteCost"/>; a Gram matrix only where no tolerance is asked for that it does not resolve.
    /// </summary>
    Automatic,

    /// <summary>Values-only decomposition of the matrix as it is stored.</summary>
    Values,

    /// <summary>The factors of a gradient, a QR of each and the small core; <see cref="Values"/> for what has no factors.</summary>
    Factors,

    /// <summary>
    /// Roots of the eigenvalues of M^T M or M M^T. Small values are lost: a zero comes out as large as sqrt(eps) ||M||_F or so. The stable
    /// and the participation rank keep all their digits.
    /// </summary>
    Gram,
}
