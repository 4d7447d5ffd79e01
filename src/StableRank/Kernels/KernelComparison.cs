using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>How far two kernels on the same inputs are from each other: drift in training, empirical against limit.</summary>
public static class KernelComparison
{
    /// <summary>||K - K_0||_F / ||K_0||_F: the drift of a kernel from what it was.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="kernel">K.</param>
    /// <param name="reference">K_0, of the same shape, not zero.</param>
    /// <exception cref="ArgumentException">The shapes differ, an entry is not finite, or K_0 is zero.</exception>
    public static double RelativeDistance<T>(Matrix<T> kernel, Matrix<T> reference)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (a, b) = Elements(kernel, reference);
        return TensorPrimitives.Distance<double>(a, b) / NormOf(b, nameof(reference));
    }

    /// <summary>
    /// &lt;K, K_0&gt; / (||K||_F ||K_0||_F) in [-1, 1]: the alignment of two kernels (Cristianini et al. 2001), 1 where one is a
    /// multiple of the other.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="kernel">K, not zero.</param>
    /// <param name="reference">K_0, of the same shape, not zero.</param>
    /// <exception cref="ArgumentException">The shapes differ, an entry is not finite, or one is zero.</exception>
    public static double Alignment<T>(Matrix<T> kernel, Matrix<T> reference)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (a, b) = Elements(kernel, reference);
        return Cosine(a, b);
    }

    /// <summary>
    /// The alignment of the centred kernels H K H, H = I - 11'/N (Cortes, Mohri, Rostamizadeh 2012): what it says does not change when a
    /// constant is added to a kernel.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="kernel">K, N x N.</param>
    /// <param name="reference">K_0, N x N.</param>
    /// <exception cref="ArgumentException">The shapes differ or are not square, an entry is not finite, or one is constant.</exception>
    public static double CentredAlignment<T>(Matrix<T> kernel, Matrix<T> reference)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        MatrixGuard.RequireSquare(kernel, nameof(kernel));
        var (a, b) = Elements(kernel, reference);
        Centre(a, kernel.RowCount);
        Centre(b, kernel.RowCount);
        return Cosine(a, b);
    }

    /// <summary>
    /// y'K y / (||y||^2 ||K||_F), averaged over the outputs with weights ||y||^2: how well the kernel points at the targets, in [0, 1] for
    /// a positive semidefinite K; 1 where K is a multiple of y y'.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="kernel">K, N x N, one for all outputs.</param>
    /// <param name="targets">Y, O x N, one sample a column.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, an entry is not finite, or one is zero.</exception>
    public static double TargetAlignment<T>(Matrix<T> kernel, Matrix<T> targets)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        MatrixGuard.RequireSquare(kernel, nameof(kernel));
        MatrixGuard.RequireFinite(kernel, nameof(kernel));
        MatrixGuard.RequireFinite(targets, nameof(targets));
        if (targets.ColumnCount != kernel.RowCount)
        {
            throw new ArgumentException(
                $"The targets are {targets.RowCount} x {targets.ColumnCount} and the kernel {kernel.RowCount} x {kernel.ColumnCount}; "
                + "expected one column a sample.",
                nameof(targets));
        }

        double[] k = Converted(kernel), y = Converted(targets);
        int n = kernel.RowCount, outputs = targets.RowCount;
        var product = new double[y.Length];
        Blas.Gemm<double>(Transpose.No, Transpose.No, outputs, n, n, 1, y, outputs, k, n, 0, product, outputs);
        var squares = TensorPrimitives.SumOfSquares<double>(y);
        return squares > 0
            ? TensorPrimitives.Dot<double>(y, product) / squares / NormOf(k, nameof(kernel))
            : throw new ArgumentException("The targets are all zero; expected one that is not.", nameof(targets));
    }

    private static double Cosine(double[] a, double[] b) =>
        Math.Clamp(TensorPrimitives.Dot<double>(a, b) / NormOf(a, "kernel") / NormOf(b, "reference"), -1, 1);

    private static double NormOf(double[] elements, string name)
    {
        var norm = TensorPrimitives.Norm<double>(elements);
        return norm > 0 ? norm : throw new ArgumentException($"The {name} is zero; expected one that is not.", name);
    }

    private static void Centre(double[] elements, int n)
    {
        // rows, then columns: H K H
        var means = new double[n];
        for (var j = 0; j < n; j++)
        {
            TensorPrimitives.Add(means, elements.AsSpan(j * n, n), means);
        }

        TensorPrimitives.Divide(means, n, means);
        for (var j = 0; j < n; j++)
        {
            var column = elements.AsSpan(j * n, n);
            TensorPrimitives.Subtract(column, means, column);
            TensorPrimitives.Subtract(column, TensorPrimitives.Sum<double>(column) / n, column);
        }
    }

    private static (double[] A, double[] B) Elements<T>(Matrix<T> kernel, Matrix<T> reference)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        MatrixGuard.RequireFinite(kernel, nameof(kernel));
        MatrixGuard.RequireFinite(reference, nameof(reference));
        if (kernel.RowCount != reference.RowCount || kernel.ColumnCount != reference.ColumnCount)
        {
            throw new ArgumentException(
                $"The kernel is {kernel.RowCount} x {kernel.ColumnCount} and the reference {reference.RowCount} x {reference.ColumnCount}; "
                + "expected the same shape.",
                nameof(kernel));
        }

        return (Converted(kernel), Converted(reference));
    }

    private static double[] Converted<T>(Matrix<T> matrix)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var result = new double[matrix.RowCount * matrix.ColumnCount];
        TensorPrimitives.ConvertChecked<T, double>(matrix.AsColumnMajorArray() ?? matrix.ToColumnMajorArray(), result);
        return result;
    }
}
