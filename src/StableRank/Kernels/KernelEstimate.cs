using MathNet.Numerics.LinearAlgebra;
using StableRank.Replication;

namespace StableRank.Kernels;

/// <summary>A kernel averaged over independent networks, with the standard error of every entry.</summary>
/// <param name="Mean">N x M.</param>
/// <param name="StandardError">N x M: of the mean, over the networks.</param>
/// <param name="Count">The number of networks.</param>
public sealed record KernelEstimate(Matrix<double> Mean, Matrix<double> StandardError, int Count)
{
    /// <summary>
    /// The spread of one network's kernel over its mean, entry by entry: what <see cref="LimitKernel.RelativeSpread"/> predicts.
    /// </summary>
    public Matrix<double> RelativeSpread => StandardError.PointwiseDivide(Mean.PointwiseAbs()) * Math.Sqrt(Count);

    /// <summary>Entry (i, j) as an estimate.</summary>
    /// <param name="i">The sample, from 0.</param>
    /// <param name="j">The other sample, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    public Estimate At(int i, int j) => new(Mean[i, j], StandardError[i, j], Count);

    /// <summary>
    /// (Mean - exact) / StandardError, entry by entry: Student's t with Count - 1 degrees of freedom, about standard normal, where exact is
    /// the mean; 0 where both differences are 0.
    /// </summary>
    /// <param name="exact">N x M, a limit kernel for example.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public Matrix<double> DeviationsFrom(Matrix<double> exact)
    {
        ArgumentNullException.ThrowIfNull(exact);
        return exact.RowCount == Mean.RowCount && exact.ColumnCount == Mean.ColumnCount
            ? Matrix<double>.Build.Dense(Mean.RowCount, Mean.ColumnCount, (i, j) => At(i, j).DeviationsFrom(exact[i, j]))
            : throw new ArgumentException(
                $"The exact kernel is {exact.RowCount} x {exact.ColumnCount}; expected {Mean.RowCount} x {Mean.ColumnCount}.",
                nameof(exact));
    }
}
