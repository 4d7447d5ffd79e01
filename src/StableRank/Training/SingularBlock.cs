using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <summary>
/// Estimates of the p greatest singular triples of a matrix that changes little from one step to the next: subspace iteration, kept warm.
/// After <see cref="Refine"/>, V is orthonormal, W V = U S holds to rounding with orthonormal U and S non-increasing, and Y = W'U.
/// </summary>
/// <remarks>
/// W V = U S by a one-sided Jacobi iteration on the columns of W V (Hestenes 1958), whose rotations go into V too: no workspace, and one
/// sweep where the columns are nearly orthogonal already, as they are when warm. Its p^2/2 rotations a sweep lose to LAPACK's
/// decomposition from a dozen columns on.
/// </remarks>
internal sealed unsafe class SingularBlock<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int MaxSweeps = 30, MaxJacobi = 12;

    private readonly int _m, _n;
    private readonly T[] _tau, _column;
    private T[] _product = [], _small = [], _rotated = [], _valuesOfT = [];

    internal SingularBlock(int rows, int columns, int capacity)
    {
        _m = rows;
        _n = columns;
        Size = capacity;
        Right = new T[checked(columns * capacity)];
        Left = new T[checked(rows * capacity)];
        Transposed = new T[columns * capacity];
        Values = new double[capacity];
        _tau = new T[capacity];
        _column = new T[Math.Max(rows, columns)];
    }

    /// <summary>p, from 1 to what it was made for: the leading columns of the arrays in use.</summary>
    internal int Size { get; set; }

    /// <summary>V, n x p.</summary>
    internal T[] Right { get; }

    /// <summary>U, m x p; a column is zero where its value is.</summary>
    internal T[] Left { get; }

    /// <summary>Y = W'U, n x p.</summary>
    internal T[] Transposed { get; }

    /// <summary>S, p lower bounds on s_1, ..., s_p to rounding, non-increasing.</summary>
    internal double[] Values { get; }

    /// <summary>Turns V, any orthonormal columns, to singular vectors of W within their span.</summary>
    internal void Refine(ReadOnlySpan<T> w)
    {
        Blas.Gemm(Transpose.No, Transpose.No, _m, Size, _n, T.One, w, _m, Right, _n, T.Zero, Left, _m);
        if (Size <= MaxJacobi)
        {
            Diagonalise();
        }
        else
        {
            Decompose();
        }

        Blas.Gemm(Transpose.Yes, Transpose.No, _n, Size, _m, T.One, w, _m, Left, _m, T.Zero, Transposed, _n);
    }

    /// <summary>One step of the iteration: V becomes an orthonormal basis of the columns of Y = W'W V.</summary>
    internal void Advance()
    {
        Transposed.CopyTo(Right, 0);
        Householder.Factor(_n, Size, Right, _n, _tau);
        Householder.FormQ(_n, Size, Size, Right, _n, _tau);
    }

    /// <summary>||W'u_i - s_i v_i||.</summary>
    internal double Residual(int i)
    {
        var rest = _column.AsSpan(0, _n);
        TensorPrimitives.MultiplyAdd(Right.AsSpan(i * _n, _n), T.CreateChecked(-Values[i]), Transposed.AsSpan(i * _n, _n), rest);
        return double.CreateChecked(TensorPrimitives.Norm<T>(rest));
    }

    /// <summary>W V = U S Q' by LAPACK; V becomes V Q.</summary>
    private void Decompose()
    {
        if (_product.Length == 0)
        {
            int capacity = _tau.Length;
            _product = new T[_m * capacity];
            _small = new T[capacity * capacity];
            _rotated = new T[_n * capacity];
            _valuesOfT = new T[capacity];
        }

        Left.AsSpan(0, _m * Size).CopyTo(_product);
        fixed (T* a = _product, s = _valuesOfT, u = Left, vt = _small)
        {
            SingularValues.RequireConvergence(Kernels<T>.Current.Svd(false, _m, Size, a, _m, s, u, vt), _m, Size);
        }

        TensorPrimitives.ConvertChecked<T, double>(_valuesOfT.AsSpan(0, Size), Values);
        Blas.Gemm(Transpose.No, Transpose.Yes, _n, Size, Size, T.One, Right, _n, _small, Size, T.Zero, _rotated, _n);
        _rotated.AsSpan(0, _n * Size).CopyTo(Right);
    }

    private void Diagonalise()
    {
        T epsilon = T.BitIncrement(T.One) - T.One;
        T small = epsilon * T.CreateChecked(4 + Math.Sqrt(_m));
        bool rotated = true;
        for (int sweep = 0; sweep < MaxSweeps && rotated; sweep++)
        {
            rotated = false;
            for (int j = 1; j < Size; j++)
            {
                for (int i = 0; i < j; i++)
                {
                    rotated |= Orthogonalise(i, j, small);
                }
            }
        }

        Sort();
        for (int i = 0; i < Size; i++)
        {
            var u = Left.AsSpan(i * _m, _m);
            T norm = TensorPrimitives.Norm<T>(u);
            Values[i] = double.CreateChecked(norm);
            if (norm > T.Zero)
            {
                TensorPrimitives.Divide(u, norm, u);
            }
        }
    }

    /// <summary>Rotates columns i and j of W V and of V so that the former are orthogonal.</summary>
    private bool Orthogonalise(int i, int j, T small)
    {
        Span<T> x = Left.AsSpan(i * _m, _m), y = Left.AsSpan(j * _m, _m);
        T a = TensorPrimitives.SumOfSquares<T>(x), b = TensorPrimitives.SumOfSquares<T>(y), c = TensorPrimitives.Dot<T>(x, y);
        if (!(T.Abs(c) > small * T.Sqrt(a) * T.Sqrt(b)))
        {
            return false;
        }

        // the smaller root of t^2 + 2 zeta t - 1 = 0
        T zeta = (b - a) / (c + c);
        T tangent = T.CopySign(T.One, zeta) / (T.Abs(zeta) + T.Sqrt(T.One + zeta * zeta));
        T cosine = T.One / T.Sqrt(T.One + tangent * tangent), sine = cosine * tangent;
        Rotate(x, y, cosine, sine, _column.AsSpan(0, _m));
        Rotate(Right.AsSpan(i * _n, _n), Right.AsSpan(j * _n, _n), cosine, sine, _column.AsSpan(0, _n));
        return true;
    }

    /// <summary>(x, y) becomes (c x - s y, s x + c y).</summary>
    private static void Rotate(Span<T> x, Span<T> y, T cosine, T sine, Span<T> old)
    {
        x.CopyTo(old);
        TensorPrimitives.Multiply(x, cosine, x);
        TensorPrimitives.MultiplyAdd(y, -sine, x, x);
        TensorPrimitives.Multiply(y, cosine, y);
        TensorPrimitives.MultiplyAdd(old, sine, y, y);
    }

    /// <summary>The columns by decreasing length: by selection, since they are few and mostly in order.</summary>
    private void Sort()
    {
        for (int i = 0; i < Size; i++)
        {
            Values[i] = double.CreateChecked(TensorPrimitives.SumOfSquares<T>(Left.AsSpan(i * _m, _m)));
        }

        for (int i = 0; i < Size - 1; i++)
        {
            int best = i;
            for (int j = i + 1; j < Size; j++)
            {
                best = Values[j] > Values[best] ? j : best;
            }

            if (best != i)
            {
                (Values[i], Values[best]) = (Values[best], Values[i]);
                Swap(Left.AsSpan(i * _m, _m), Left.AsSpan(best * _m, _m), _column.AsSpan(0, _m));
                Swap(Right.AsSpan(i * _n, _n), Right.AsSpan(best * _n, _n), _column.AsSpan(0, _n));
            }
        }
    }

    private static void Swap(Span<T> x, Span<T> y, Span<T> work)
    {
        x.CopyTo(work);
        y.CopyTo(x);
        work.CopyTo(y);
    }
}
