using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>An empirical tangent kernel and how it was come by.</summary>
/// <typeparam name="T">double or float.</typeparam>
/// <param name="Kernels">
/// One matrix, (N O) x (M O) for <see cref="KernelOutput.Blocks"/> and N x M for <see cref="KernelOutput.Trace"/>; O matrices of N x M for
/// <see cref="KernelOutput.Diagonal"/>. On one set of inputs each is symmetric to the last bit.
/// </param>
/// <param name="Output">Which part of the kernel it is.</param>
/// <param name="Cost">The model of operations and memory by which it was planned.</param>
public sealed record EmpiricalKernelResult<T>(IReadOnlyList<Matrix<T>> Kernels, KernelOutput Output, KernelCost Cost)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The route that was taken, never <see cref="KernelRoute.Automatic"/>.</summary>
    public KernelRoute Route => Cost.Route;

    /// <summary>The only matrix.</summary>
    /// <exception cref="InvalidOperationException">There are several, one an output.</exception>
    public Matrix<T> Kernel => Kernels.Count == 1
        ? Kernels[0]
        : throw new InvalidOperationException($"The result holds {Kernels.Count} kernels, one an output; expected one: use Kernels.");
}
