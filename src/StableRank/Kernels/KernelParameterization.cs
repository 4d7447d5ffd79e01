namespace StableRank.Kernels;

/// <summary>What a neural tangent kernel differentiates by: the multipliers eta_l of theory (5.2).</summary>
public enum KernelParameterization
{
    /// <summary>
    /// eta_l = g_l/n_(l-1) for weights and s_b^2 for biases: the kernel of the network written as W = sqrt(g/n) omega, b = s_b beta, by
    /// omega and beta. Finite as widths grow.
    /// </summary>
    Ntk,

    /// <summary>eta_l = 1 for weights and biases: the kernel by the weights and biases themselves. Grows with the widths.</summary>
    Standard,
}
