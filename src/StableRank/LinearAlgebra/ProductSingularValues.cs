using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.LinearAlgebra;

/// <summary>
/// Singular values of a product A B' from its factors, A of m x k and B of n x k, without forming it where k is small: with A = Q_A R_A and
/// B = Q_B R_B they are those of the core R_A R_B', of min(m, k) x min(n, k). A factor of no more rows than columns stays as it is.
/// T is double or float.
/// </summary>
/// <remarks>
/// <para>
/// Accuracy. Householder's QR of A is the exact one of A + dA with ||da_j|| &lt;= c eps ||a_j|| column by column (Higham, Accuracy and
/// Stability of Numerical Algorithms, theorem 19.4), and the core's product adds k eps/2 |R_A| |R_B|'. By Weyl no value is off by more than
/// <c>eps ((sqrt(m k) + sqrt(n k) + k)/2 sum_j ||a_j|| ||b_j|| + max(m, n, k) s_1)</c>: the bound returned. Its c is by the rule of thumb
/// for Higham's constants, the root of the worst case's m k. It scales as the columns do, in whichever factor.
/// </para>
/// <para>
/// Where columns cancel in the sum, sum_j ||a_j|| ||b_j|| exceeds s_1, and small values are noise well above eps s_1. Forming the product
/// first does not help: fl(A B') is off by k eps/2 sum_j ||a_j|| ||b_j|| itself. The values behind the first min(m, n, k) are zero and
/// returned as exact zeros, where those of the formed product are noise.
/// </para>
/// </remarks>
public static class ProductSingularValues
{
    /// <summary>The min(m, n) singular values of A B', non-increasing, and a bound on the error of each.</summary>
    /// <param name="a">A, m x k; not changed.</param>
    /// <param name="b">B, n x k; not changed.</param>
    /// <exception cref="ArgumentNullException">A factor is null.</exception>
    /// <exception cref="ArgumentException">
    /// The factors have different numbers of columns, an element is not finite, or a singular value is beyond the greatest T.
    /// </exception>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static (T[] Values, double Accuracy) Of<T>(Matrix<T> a, Matrix<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.ColumnCount != b.ColumnCount)
        {
            throw new ArgumentException(
                $"The factors are {a.RowCount} x {a.ColumnCount} and {b.RowCount} x {b.ColumnCount}; expected as many columns in both.",
                nameof(b));
        }

        int m = a.RowCount, n = b.RowCount, k = a.ColumnCount;
        using Rented<T> copyA = new(checked(m * k)), copyB = new(checked(n * k));
        MatrixStorage.CopyTo(a, copyA.Span);
        MatrixStorage.CopyTo(b, copyB.Span);
        var values = new T[Math.Min(m, n)];
        var accuracy = Compute(m, n, k, copyA.Span, m, copyB.Span, n, values);
        return (values, accuracy);
    }

    /// <summary>The same for column-major spans, which are destroyed.</summary>
    /// <param name="m">Rows of A.</param>
    /// <param name="n">Rows of B.</param>
    /// <param name="k">Columns of both; 0 gives the zero matrix.</param>
    /// <param name="a">A; arbitrary afterwards.</param>
    /// <param name="lda">Leading dimension of A, at least m and 1.</param>
    /// <param name="b">B; arbitrary afterwards.</param>
    /// <param name="ldb">Leading dimension of B, at least n and 1.</param>
    /// <param name="values">Receives min(m, n) values, non-increasing.</param>
    /// <returns>The bound on the error of each value.</returns>
    /// <exception cref="ArgumentException">
    /// A size is negative, a leading dimension too small, a span too short, an element not finite, or a value beyond the greatest T.
    /// </exception>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static double Compute<T>(int m, int n, int k, Span<T> a, int lda, Span<T> b, int ldb, Span<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SpanGuard.RequireSize(m);
        SpanGuard.RequireSize(n);
        SpanGuard.RequireSize(k);
        SpanGuard.RequireMatrix(a.Length, m, k, lda, nameof(a));
        SpanGuard.RequireMatrix(b.Length, n, k, ldb, nameof(b));
        SpanGuard.RequireVector(values.Length, Math.Min(m, n), nameof(values));
        values = values[..Math.Min(m, n)];
        values.Clear();
        if (m == 0 || n == 0 || k == 0)
        {
            return 0;
        }

        a = a[..(lda * (k - 1) + m)];
        b = b[..(ldb * (k - 1) + n)];
        MatrixGuard.RequireFinite<T>(a, m, lda, nameof(a));
        MatrixGuard.RequireFinite<T>(b, n, ldb, nameof(b));
        var exponent = ScaleToSafeRange(m, k, a, lda) + ScaleToSafeRange(n, k, b, ldb);
        var norms = 0.0;
        for (var j = 0; j < k; j++)
        {
            norms += Norm<T>(a.Slice(j * lda, m)) * Norm<T>(b.Slice(j * ldb, n));
        }

        int p = Math.Min(m, k), q = Math.Min(n, k);
        using Rented<T> triangleA = new(k < m ? k * k : 0), triangleB = new(k < n ? k * k : 0), core = new(checked(p * q));
        var left = k < m ? Triangle(m, k, a, lda, triangleA.Span) : a;
        var right = k < n ? Triangle(n, k, b, ldb, triangleB.Span) : b;
        var (leftLead, rightLead) = (k < m ? k : lda, k < n ? k : ldb);
        if (p >= q)
        {
            Blas.Gemm<T>(Transpose.No, Transpose.Yes, p, q, k, T.One, left, leftLead, right, rightLead, T.Zero, core.Span, p);
        }
        else
        {
            // the core's transpose: LAPACK decomposes a tall matrix in less time than a wide one
            Blas.Gemm<T>(Transpose.No, Transpose.Yes, q, p, k, T.One, right, rightLead, left, leftLead, T.Zero, core.Span, q);
        }

        SingularValues.Compute(Math.Max(p, q), Math.Min(p, q), core.Span, Math.Max(p, q), values);
        var epsilon = MachineEpsilon.Of<T>();
        var factor = (Math.Sqrt((double)m * k) + Math.Sqrt((double)n * k) + k) / 2;
        var accuracy = epsilon * ((factor * norms) + (Math.Max(Math.Max(m, n), k) * double.CreateChecked(values[0])));
        if (exponent != 0)
        {
            Rescale(values, exponent);
        }

        return Math.ScaleB(accuracy, exponent);
    }

    /// <summary>R of the QR factorisation, k x k, packed, zeros below its diagonal.</summary>
    private static Span<T> Triangle<T>(int m, int k, Span<T> a, int lda, Span<T> triangle)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var tau = new Rented<T>(k);
        Householder.Factor(m, k, a, lda, tau.Span);
        triangle.Clear();
        for (var j = 0; j < k; j++)
        {
            a.Slice(j * lda, j + 1).CopyTo(triangle[(j * k)..]);
        }

        return triangle;
    }

    /// <summary>
    /// Divides by a power of two where products or squares of elements could leave the range of T; returns its exponent, mostly 0.
    /// </summary>
    private static int ScaleToSafeRange<T>(int rows, int columns, Span<T> a, int ld)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var largest = T.Zero;
        for (var j = 0; j < columns; j++)
        {
            largest = T.Max(largest, T.Abs(TensorPrimitives.MaxMagnitude<T>(a.Slice(j * ld, rows))));
        }

        var exponent = largest == T.Zero ? 0 : T.ILogB(largest);
        if (Math.Abs(exponent) <= (typeof(T) == typeof(float) ? 24 : 200))
        {
            return 0;
        }

        for (var j = 0; j < columns; j++)
        {
            Rescale(a.Slice(j * ld, rows), -exponent);
        }

        return exponent;
    }

    private static void Rescale<T>(Span<T> elements, int exponent)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = T.ScaleB(elements[i], exponent);
            if (!T.IsFinite(elements[i]))
            {
                throw new ArgumentException($"A singular value of the product is beyond the greatest {typeof(T).Name}.");
            }
        }
    }

    /// <summary>The norm of a column whose elements are of moderate size, if not all of them tiny beside others': then scaled.</summary>
    private static double Norm<T>(ReadOnlySpan<T> column)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var largest = double.CreateChecked(T.Abs(TensorPrimitives.MaxMagnitude(column)));
        if (largest > (typeof(T) == typeof(float) ? 1e-12 : 1e-140))
        {
            return double.CreateChecked(TensorPrimitives.Norm(column));
        }

        var sum = 0.0;
        foreach (var element in column)
        {
            var ratio = largest == 0 ? 0 : double.CreateChecked(element) / largest;
            sum += ratio * ratio;
        }

        return largest * Math.Sqrt(sum);
    }
}
