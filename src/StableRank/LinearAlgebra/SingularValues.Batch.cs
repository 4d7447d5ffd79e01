using System.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.LinearAlgebra;

/// <content>Many matrices at once.</content>
public static unsafe partial class SingularValues
{
    /// <summary>
    /// The singular values of many matrices, of any shapes, over the threads of <see cref="Backend.Threads"/>: a thread a matrix where
    /// that keeps the threads busy or the whole is done in a millisecond, all threads inside one decomposition after the other where the
    /// matrices are few, of very different sizes or too large to hold a copy of one for every thread.
    /// </summary>
    /// <param name="matrices">The matrices; not changed.</param>
    /// <param name="cancellationToken">Ends the work between two matrices.</param>
    /// <returns>For each matrix its min(m, n) values, non-increasing, in the order of the matrices.</returns>
    /// <remarks>
    /// Which of the two ways is taken depends on the shapes and on the number of threads alone. A thread a matrix gives the bits that one
    /// matrix gives inside <see cref="Backend.SingleThreaded"/>. A native library sums in another order on several threads: the other
    /// way's values may differ from those by the few eps s_1 that every value is uncertain by. In managed code all are the same bits.
    /// </remarks>
    /// <exception cref="ArgumentNullException">The list, or a matrix in it, is null.</exception>
    /// <exception cref="ArgumentException">An element is not finite: the message names the matrix by its index and the element.</exception>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<T[]> OfBatch<T>(IReadOnlyList<Matrix<T>> matrices, CancellationToken cancellationToken = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(matrices);
        var work = new double[matrices.Count];
        var largest = 0L;
        for (var i = 0; i < work.Length; i++)
        {
            var a = matrices[i] ?? throw new ArgumentNullException($"{nameof(matrices)}[{i}]");
            double longer = Math.Max(a.RowCount, a.ColumnCount), shorter = Math.Min(a.RowCount, a.ColumnCount);

            // the bidiagonal form, at two fifths of the rate of a product in one stage or two
            work[i] = 2.5 * 8 / 3 * longer * shorter * shorter;
            largest = Math.Max(largest, (long)a.RowCount * a.ColumnCount * sizeof(T));
        }

        var result = new T[work.Length][];
        var split = new BatchSplit(work, largest);
        PieceLoop.Run(
            work.Length, split, cancellationToken, () => i => result[i] = Of(matrices[(int)i], $"{nameof(matrices)}[{i}]"));
        return result;
    }
}
