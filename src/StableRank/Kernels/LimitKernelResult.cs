using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>The limit kernels of N samples against M, with what there is to know about their validity.</summary>
/// <param name="Nngp">N x M: the covariance of one output, theory (5.1).</param>
/// <param name="Ntk">N x M: the neural tangent kernel of one output, theory (5.3); different outputs are independent.</param>
/// <param name="Warnings">Why a network of the model's widths may be far from the limit; empty where nothing is known.</param>
/// <param name="RelativeSpread">See <see cref="LimitKernel.RelativeSpread"/>.</param>
/// <param name="Error">
/// The greatest absolute error, bounded or estimated by <see cref="Networks.GaussianDual"/>, of an expectation E phi(u) phi(v) or
/// E phi'(u) phi'(v) that entered; not carried through the layers. Of the order of rounding where the dual has a closed form.
/// </param>
public sealed record LimitKernelResult(
    Matrix<double> Nngp, Matrix<double> Ntk, IReadOnlyList<string> Warnings, double RelativeSpread, double Error);
