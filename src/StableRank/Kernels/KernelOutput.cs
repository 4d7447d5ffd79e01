namespace StableRank.Kernels;

/// <summary>Which part of the O x O blocks Theta(x, x') of an empirical tangent kernel is computed; O is the number of outputs.</summary>
public enum KernelOutput
{
    /// <summary>All of them: (N O) x (M O), entry (i O + o, j O + o') being Theta(x_i, x'_j)_(o o').</summary>
    Blocks,

    /// <summary>N x M, the mean over the outputs: sum_o Theta(x_i, x'_j)_(o o) / O.</summary>
    Trace,

    /// <summary>O matrices of N x M, one an output: Theta(x_i, x'_j)_(o o).</summary>
    Diagonal,
}
