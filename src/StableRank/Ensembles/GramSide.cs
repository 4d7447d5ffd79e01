namespace StableRank.Ensembles;

/// <summary>Which of its two Gram matrices an m x n weight matrix W lends to a product.</summary>
public enum GramSide
{
    /// <summary>W^T W, of order n: of a product M W^T, as where W maps what comes from below.</summary>
    FanIn,

    /// <summary>W W^T, of order m: of a product M W, as where W carries signals back.</summary>
    FanOut,
}
