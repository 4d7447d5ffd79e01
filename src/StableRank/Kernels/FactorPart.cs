using System.Numerics;

namespace StableRank.Kernels;

/// <summary>
/// One summand of the tangent kernel of two inputs: (Weight a.a' + Bias) F^T F', where F has a column an output; without activations
/// F^T F' alone.
/// </summary>
/// <param name="Factor">
/// F of all samples, column i O + o at (i O + o) Height: signals Delta of a dense layer, or gradients. On the top layer it holds the slopes
/// phi'(z), O a sample, of which F is the diagonal matrix, or nothing where they are 1.
/// </param>
/// <param name="Height">The rows of F.</param>
/// <param name="Activations">a of all samples, or null.</param>
/// <param name="Width">The entries of a.</param>
/// <param name="Stride">From one sample's a to the next.</param>
/// <param name="Weight">eta of the weights.</param>
/// <param name="Bias">eta of the biases, 0 without biases.</param>
/// <param name="IsTop">Whether F is diagonal.</param>
internal sealed record FactorPart<T>(
    T[] Factor,
    int Height,
    T[]? Activations = null,
    int Width = 0,
    int Stride = 0,
    T Weight = default,
    T Bias = default,
    bool IsTop = false)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;
