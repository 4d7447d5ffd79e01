namespace StableRank.GradientRank;

/// <summary>
/// Which matrix of a weight parameter is measured. With A what the weights meet and Delta the signal at what they give, a column each for
/// every place where the weights are used, the gradient is Delta A^T, so that its rank is at most that of either, theory (6.1).
/// </summary>
/// <remarks>
/// Dense: a column a sample; A is n_(l-1) x N, Delta n_l x N. Pooled: A holds the means over the positions. Recurrent: a column a sample
/// and time step; A is d x N T for the input weights, and for the recurrent ones the states before, n x N (T - 1), against the signals of
/// t = 2, ..., T. Convolution: a column a sample and position; A holds the patches, (in k k) x (N positions).
/// (arXiv 2402.06751 has samples as rows: its gradient is the transpose.)
/// </remarks>
public enum RankQuantity
{
    /// <summary>A, the activations that the weights meet.</summary>
    Activation,

    /// <summary>Delta, the gradient of the loss at the pre-activations.</summary>
    Signal,

    /// <summary>Delta A^T, the gradient of the loss at the weights.</summary>
    Gradient,

    /// <summary>The weights themselves.</summary>
    Weight,
}
