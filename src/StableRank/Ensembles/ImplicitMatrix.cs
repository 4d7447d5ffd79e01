using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Ensembles;

/// <summary>
/// A sampled m x n matrix W = U diag(s) V^T held as its Householder reflectors and singular values: (m + n) q numbers, q being the singular
/// values above zero, products in 4 (m + n) q flops a vector, W itself never formed. Safe for concurrent use.
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class ImplicitMatrix<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Factor _left;
    private readonly Factor _right;
    private readonly T[] _signed;

    internal ImplicitMatrix(int rows, int columns, T[] u, T[] tauU, T[] signed, T[] v, T[] tauV)
    {
        _left = new Factor(rows, u, tauU);
        _right = new Factor(columns, v, tauV);
        _signed = signed;
    }

    /// <summary>Rows m: the fan-out.</summary>
    public int Rows => _left.Order;

    /// <summary>Columns n: the fan-in.</summary>
    public int Columns => _right.Order;

    /// <summary>Singular values above zero, q.</summary>
    public int Rank => _signed.Length;

    /// <summary>y = W x.</summary>
    /// <param name="x">n elements.</param>
    /// <param name="y">m elements, overwritten; may overlap x.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Multiply(ReadOnlySpan<T> x, Span<T> y) => Multiply(_left, _right, x, y);

    /// <summary>y = W^T x.</summary>
    /// <param name="x">m elements.</param>
    /// <param name="y">n elements, overwritten; may overlap x.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void TransposeMultiply(ReadOnlySpan<T> x, Span<T> y) => Multiply(_right, _left, x, y);

    /// <summary>W X for a block X of n x b, one vector a column; m x b.</summary>
    /// <exception cref="ArgumentException">X has another number of rows.</exception>
    public Matrix<T> Multiply(Matrix<T> x) => Multiply(_left, _right, x);

    /// <summary>W^T X for a block X of m x b, one vector a column; n x b.</summary>
    /// <exception cref="ArgumentException">X has another number of rows.</exception>
    public Matrix<T> TransposeMultiply(Matrix<T> x) => Multiply(_right, _left, x);

    /// <summary>W itself, dense, m x n.</summary>
    public Matrix<T> ToMatrix()
    {
        int m = Rows;
        int n = Columns;
        int q = Rank;
        T[] w = new T[checked(m * n)];
        bool both = SingularFactors.FormsBoth(m, n, q);
        using Rented<T> left = new(both ? m * q : 0);
        using Rented<T> right = new(n * q);
        Span<T> u = both ? left.Span : w.AsSpan(0, m * q);
        _left.Reflectors.CopyTo(u);
        _right.Reflectors.CopyTo(right.Span);
        SingularFactors.Compose<T>(m, n, q, u, _left.Tau, _signed, right.Span, _right.Tau, w, both);
        return MatrixStorage.Dense(m, n, w);
    }

    private static void RequireLength(int length, int expected, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"{name} has {length} elements; expected {expected}.", name);
        }
    }

    private void Multiply(Factor left, Factor right, ReadOnlySpan<T> x, Span<T> y)
    {
        RequireLength(x.Length, right.Order, nameof(x));
        RequireLength(y.Length, left.Order, nameof(y));
        int q = Rank;
        using Rented<T> work = new(x.Length);
        Span<T> z = work.Span;
        x.CopyTo(z);
        right.ApplyTransposed(z);
        TensorPrimitives.Multiply(z[..q], _signed, y[..q]);
        y[q..].Clear();
        left.Apply(y);
    }

    private Matrix<T> Multiply(Factor left, Factor right, Matrix<T> x)
    {
        ArgumentNullException.ThrowIfNull(x);
        RequireLength(x.RowCount, right.Order, nameof(x));
        int q = Rank;
        int columns = x.ColumnCount;
        T[] z = x.ToColumnMajorArray();
        right.ApplyTransposed(z, columns);
        T[] y = new T[checked(left.Order * columns)];
        for (int j = 0; j < columns; j++)
        {
            TensorPrimitives.Multiply(z.AsSpan(j * right.Order, q), _signed, y.AsSpan(j * left.Order, q));
        }

        left.Apply(y, columns);
        return MatrixStorage.Dense(left.Order, columns, y);
    }

    /// <summary>H_1 ... H_q of one side.</summary>
    private sealed class Factor(int order, T[] reflectors, T[] tau)
    {
        public int Order => order;

        public ReadOnlySpan<T> Tau => tau;

        public ReadOnlySpan<T> Reflectors => reflectors;

        /// <summary>x becomes H_1 ... H_q x.</summary>
        public void Apply(Span<T> x)
        {
            for (int i = tau.Length - 1; i >= 0; i--)
            {
                Reflect(i, x);
            }
        }

        /// <summary>x becomes H_q ... H_1 x.</summary>
        public void ApplyTransposed(Span<T> x)
        {
            for (int i = 0; i < tau.Length; i++)
            {
                Reflect(i, x);
            }
        }

        public void Apply(Span<T> block, int columns) => Apply(Transpose.No, block, columns);

        public void ApplyTransposed(Span<T> block, int columns) => Apply(Transpose.Yes, block, columns);

        private void Apply(Transpose transpose, Span<T> block, int columns) =>
            Householder.ApplyQ<T>(Side.Left, transpose, order, columns, tau.Length, reflectors, order, tau, block, order);

        private void Reflect(int i, Span<T> x)
        {
            ReadOnlySpan<T> v = reflectors.AsSpan((i * order) + i, order - i);
            Span<T> tail = x[i..];
            T projection = -tau[i] * TensorPrimitives.Dot<T>(v, tail);
            TensorPrimitives.MultiplyAdd(v, projection, tail, tail);
        }
    }
}
