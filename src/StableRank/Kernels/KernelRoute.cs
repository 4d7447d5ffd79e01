namespace StableRank.Kernels;

/// <summary>How an empirical tangent kernel is computed; all routes give the same numbers to rounding.</summary>
public enum KernelRoute
{
    /// <summary>The one of fewer operations, by <see cref="KernelCost"/>.</summary>
    Automatic,

    /// <summary>
    /// Dense layers by theory (5.2), Grams of activations times Grams of signals; layers of other kinds by their Jacobians.
    /// </summary>
    Structured,

    /// <summary>Every layer by its Jacobian, one row of gradients a sample and output, contracted by matrix products.</summary>
    Contraction,
}
