using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace StableRank.LinearAlgebra.Provider;

/// <summary>QR, singular values and eigenvalues, and the solves that use them.</summary>
internal sealed unsafe partial class ProviderOperations<T>
{
    /// <summary>r (m x n) becomes R, q the full m x m factor.</summary>
    public void QRFactor(T[] r, int rows, int columns, T[] q, T[] tau)
    {
        var k = Math.Min(rows, columns);
        RequireLength(r, rows, columns, nameof(r));
        RequireLength(q, rows, rows, nameof(q));
        RequireTau(tau, k);
        fixed (T* pr = r, pq = q, pt = tau)
        {
            kernels.Geqrf(rows, columns, pr, rows, pt);
            r.AsSpan(0, rows * k).CopyTo(q);
            ReflectorProduct<T>.FormLeft(kernels, rows, rows, k, pq, rows, pt, null);
        }

        for (var j = 0; j < k; j++)
        {
            r.AsSpan(j * rows + j + 1, rows - j - 1).Clear();
        }
    }

    /// <summary>q (m x n) becomes the thin factor, r the n x n triangle.</summary>
    public void ThinQRFactor(T[] q, int rows, int columns, T[] r, T[] tau)
    {
        RequireTall(rows, columns);
        RequireLength(q, rows, columns, nameof(q));
        RequireLength(r, columns, columns, nameof(r));
        RequireTau(tau, columns);
        fixed (T* pq = q, pt = tau)
        {
            kernels.Geqrf(rows, columns, pq, rows, pt);
            Array.Clear(r);
            for (var j = 0; j < columns; j++)
            {
                q.AsSpan(j * rows, j + 1).CopyTo(r.AsSpan(j * columns));
            }

            ReflectorProduct<T>.FormLeft(kernels, rows, columns, columns, pq, rows, pt, null);
        }
    }

    public void QRSolve(T[] a, int rows, int columns, T[] b, int columnsB, T[] x)
    {
        RequireTall(rows, columns);
        RequireLength(a, rows, columns, nameof(a));
        T[] q = (T[])a.Clone(), r = new T[checked(columns * columns)];
        ThinQRFactor(q, rows, columns, r, new T[columns]);
        QRSolveFactored(q, r, rows, columns, b, columnsB, x, QRMethod.Thin);
    }

    /// <summary>x = R^-1 Q'b from the first n columns of Q, which the full and the thin form share.</summary>
    public void QRSolveFactored(T[] q, T[] r, int rows, int columns, T[] b, int columnsB, T[] x, QRMethod method)
    {
        RequireTall(rows, columns);
        var rowsR = method == QRMethod.Full ? rows : columns;
        RequireLength(r, rowsR, columns, nameof(r));
        RequireLength(q, rows, rowsR, nameof(q));
        RequireLength(b, rows, columnsB, nameof(b));
        RequireLength(x, columns, columnsB, nameof(x));
        fixed (T* pq = q, pr = r, pb = b, px = x)
        {
            kernels.Gemm(true, false, columns, columnsB, rows, T.One, pq, rows, pb, rows, T.Zero, px, columns);
            for (var c = 0; c < columnsB; c++)
            {
                var solution = x.AsSpan(c * columns, columns);
                for (var j = columns - 1; j >= 0; j--)
                {
                    solution[j] /= r[j * rowsR + j];
                    TensorPrimitives.MultiplyAdd(r.AsSpan(j * rowsR, j), -solution[j], solution[..j], solution[..j]);
                }
            }
        }
    }

    /// <summary>u is m x m and vt n x n where vectors are wanted; otherwise neither is touched.</summary>
    public void SingularValueDecomposition(bool computeVectors, T[] a, int rows, int columns, T[] s, T[] u, T[] vt)
    {
        RequireLength(a, rows, columns, nameof(a));
        RequireLength(s, Math.Min(rows, columns), 1, nameof(s));
        RequireLength(u, rows, rows, nameof(u));
        RequireLength(vt, columns, columns, nameof(vt));
        RequireFinite(a);
        fixed (T* pa = a, ps = s, pu = u, pvt = vt)
        {
            var info = computeVectors
                ? kernels.Svd(true, rows, columns, pa, rows, ps, pu, pvt)
                : kernels.SingularValues(rows, columns, pa, rows, ps);
            SingularValues.RequireConvergence(info, rows, columns);
        }
    }

    public void SvdSolve(T[] a, int rows, int columns, T[] b, int columnsB, T[] x)
    {
        RequireLength(a, rows, columns, nameof(a));
        T[] s = new T[Math.Min(rows, columns)], u = new T[checked(rows * rows)], vt = new T[checked(columns * columns)];
        SingularValueDecomposition(true, (T[])a.Clone(), rows, columns, s, u, vt);
        SvdSolveFactored(rows, columns, s, u, vt, b, columnsB, x);
    }

    /// <summary>x = V diag(1/s) U'b; like MathNet's, it divides by zero singular values.</summary>
    public void SvdSolveFactored(int rows, int columns, T[] s, T[] u, T[] vt, T[] b, int columnsB, T[] x)
    {
        var k = Math.Min(rows, columns);
        RequireLength(s, k, 1, nameof(s));
        RequireLength(u, rows, rows, nameof(u));
        RequireLength(vt, columns, columns, nameof(vt));
        RequireLength(b, rows, columnsB, nameof(b));
        RequireLength(x, columns, columnsB, nameof(x));
        using var coefficients = new Rented<T>(checked(k * columnsB));
        fixed (T* pu = u, pvt = vt, pb = b, px = x, pc = coefficients.Array)
        {
            kernels.Gemm(true, false, k, columnsB, rows, T.One, pu, rows, pb, rows, T.Zero, pc, k);
            for (var c = 0; c < columnsB; c++)
            {
                var column = coefficients.Span.Slice(c * k, k);
                TensorPrimitives.Divide<T>(column, s, column);
            }

            kernels.Gemm(true, false, columns, columnsB, k, T.One, pvt, columns, pc, k, T.Zero, px, columns);
        }
    }

    /// <summary>A symmetric matrix, of which the lower triangle is read; the caller's array stays as it is.</summary>
    public void SymmetricEigenDecomp(int order, T[] matrix, T[] vectors, Complex[] values, T[] diagonal)
    {
        RequireLength(matrix, order, order, nameof(matrix));
        RequireLength(vectors, order, order, "matrixEv");
        RequireLength(values, order, 1, "vectorEv");
        RequireLength(diagonal, order, order, "matrixD");
        RequireFinite(matrix);
        matrix.AsSpan().CopyTo(vectors);
        using var found = new Rented<T>(order);
        fixed (T* pv = vectors, pf = found.Array)
        {
            var info = kernels.SymmetricEigen(true, order, pv, order, pf);
            if (info != 0)
            {
                throw new NonConvergenceException(
                    $"The eigenvalues of a {order} x {order} symmetric matrix did not converge (info {info}).");
            }
        }

        Array.Clear(diagonal);
        for (var i = 0; i < order; i++)
        {
            diagonal[i * order + i] = found.Array[i];
            values[i] = double.CreateChecked(found.Array[i]);
        }
    }

    /// <summary>LAPACK's iterations need not end on a NaN; MathNet's own end with this exception.</summary>
    private static void RequireFinite(T[] a)
    {
        var sum = T.Zero;
        foreach (var x in a)
        {
            sum += x * T.Zero;
        }

        if (T.IsNaN(sum))
        {
            throw new NonConvergenceException("The matrix has an element that is NaN or infinite; expected finite numbers.");
        }
    }

    private static void RequireTall(int rows, int columns)
    {
        if (rows < columns)
        {
            throw new ArgumentException($"The matrix is {rows} x {columns}; expected at least as many rows as columns.");
        }
    }

    private static void RequireTau(T[] tau, int length)
    {
        Require(tau, nameof(tau));
        if (tau.Length < length)
        {
            throw new ArgumentException($"The array tau has {tau.Length} elements; expected at least {length}.", nameof(tau));
        }
    }
}
