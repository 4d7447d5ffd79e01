using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Training;

/// <summary>
/// The greatest singular triple by Lanczos bidiagonalisation with full reorthogonalisation: W V = U B, W'U = V B' + beta v_{j+1} e_j',
/// B upper bidiagonal. The greatest singular triple (theta, p, q) of B gives v = V q and u = U p with W v = theta u and
/// ||W'u - theta v|| = beta |p_j|. Restarted from v where the basis is full. Keeps its arrays from one run to the next.
/// </summary>
internal sealed class LanczosBidiagonalisation
{
    private const int MaxBasis = 64, CheckEvery = 4, MaxRestarts = 60;
    private const ulong StartSeed = 0x6c616e637a6f73;      // "lanczos"

    private readonly int _m, _n, _limit;
    private readonly double[] _u, _v, _next, _coefficients, _alpha, _beta;

    internal LanczosBidiagonalisation(int rows, int columns)
    {
        _m = rows;
        _n = columns;
        _limit = Math.Min(MaxBasis, columns);     // not min(m, n): for m < n the last right vector has no left one, alpha = 0
        _u = new double[checked(rows * _limit)];
        _v = new double[checked(columns * _limit)];
        _next = new double[columns];
        _coefficients = new double[_limit];
        _alpha = new double[_limit];
        _beta = new double[_limit];
        Left = new double[rows];
        Right = new double[columns];
        Transposed = new double[columns];
    }

    /// <summary>s = ||W v||.</summary>
    internal double Value { get; private set; }

    /// <summary>The second Ritz value of the last basis, a lower bound on s_2 to rounding; 0 where the basis had one vector.</summary>
    internal double Second { get; private set; }

    /// <summary>||W'u - s v||.</summary>
    internal double Residual { get; private set; }

    internal int Iterations { get; private set; }

    /// <summary>u.</summary>
    internal double[] Left { get; }

    /// <summary>v; also the warm start of a later run that is given it.</summary>
    internal double[] Right { get; }

    /// <summary>W'u.</summary>
    internal double[] Transposed { get; }

    /// <summary>Runs until the residual is at most tolerance s, or the restarts are used up.</summary>
    /// <param name="w">m x n, column-major, packed, not zero.</param>
    /// <param name="start">An estimate of v, or empty; may be <see cref="Right"/>.</param>
    /// <param name="tolerance">Above 0.</param>
    internal void Run(ReadOnlySpan<double> w, ReadOnlySpan<double> start, double tolerance)
    {
        Iterations = 0;
        Second = 0;
        if (start.IsEmpty)
        {
            new RandomStream(StartSeed).FillGaussian<double>(Right);
        }
        else
        {
            start.CopyTo(Right);
        }

        for (int restart = 0; restart <= MaxRestarts; restart++)
        {
            Normalise(Right);
            if ((restart > 0 || !start.IsEmpty) && Finish(w) && Residual <= tolerance * Value)
            {
                return;
            }

            Expand(w, tolerance);
        }

        Finish(w);
    }

    /// <summary>The triple of <see cref="Right"/>; false where W v = 0.</summary>
    private bool Finish(ReadOnlySpan<double> w)
    {
        Blas.Gemv<double>(Transpose.No, _m, _n, 1, w, _m, Right, 0, Left);
        Value = TensorPrimitives.Norm<double>(Left);
        if (Value == 0)
        {
            Residual = 0;
            return false;
        }

        TensorPrimitives.Divide(Left, Value, Left);
        Blas.Gemv<double>(Transpose.Yes, _m, _n, 1, w, _m, Left, 0, Transposed);
        TensorPrimitives.MultiplyAdd<double>(Right, -Value, Transposed, _next);
        Residual = TensorPrimitives.Norm<double>(_next);
        return true;
    }

    /// <summary>One basis from <see cref="Right"/>, which becomes its best right vector.</summary>
    private void Expand(ReadOnlySpan<double> w, double tolerance)
    {
        Right.CopyTo(_v.AsSpan(0, _n));
        double floor = Math.Max(_m, _n) * 2.3e-16;      // a direction below eps max(m, n) of the norm is rounding
        double norm = 0;
        int j = 0;
        while (true)
        {
            var v = _v.AsSpan(j * _n, _n);
            var u = _u.AsSpan(j * _m, _m);
            Iterations++;
            Blas.Gemv<double>(Transpose.No, _m, _n, 1, w, _m, v, 0, u);
            _alpha[j] = Orthonormalise(_u, _m, j, u, floor * norm);
            Blas.Gemv<double>(Transpose.Yes, _m, _n, 1, w, _m, u, 0, _next);
            norm = Math.Max(norm, Math.Max(_alpha[j], j > 0 ? _beta[j - 1] : 0));
            _beta[j] = Orthonormalise(_v, _n, j + 1, _next, floor * norm);
            j++;
            bool last = j == _limit || _beta[j - 1] == 0;
            if (last || j % CheckEvery == 0)
            {
                var (values, left, right) = SingularValues.Thin(Matrix<double>.Build.Dense(j, j, Entry));
                double estimate = _beta[j - 1] * Math.Abs(left[j - 1, 0]);
                if (last || estimate <= 0.25 * tolerance * values[0])
                {
                    Second = Math.Max(Second, j > 1 ? values[1] : 0);
                    double[] q = right.Row(0).ToArray();
                    Blas.Gemv<double>(Transpose.No, _n, j, 1, _v, _n, q, 0, Right);
                    return;
                }
            }

            _next.CopyTo(_v.AsSpan(j * _n, _n));
        }

        double Entry(int row, int column) => row == column ? _alpha[row] : column == row + 1 ? _beta[row] : 0;
    }

    /// <summary>Makes x orthogonal to the basis (twice is enough) and of length 1; returns what its length was, 0 for noise.</summary>
    private double Orthonormalise(double[] basis, int size, int count, Span<double> x, double noise)
    {
        if (count > 0)
        {
            var c = _coefficients.AsSpan(0, Math.Min(count, _limit));
            for (int pass = 0; pass < 2; pass++)
            {
                Blas.Gemv<double>(Transpose.Yes, size, count, 1, basis, size, x, 0, c);
                Blas.Gemv<double>(Transpose.No, size, count, -1, basis, size, c, 1, x);
            }
        }

        double length = TensorPrimitives.Norm<double>(x);
        if (length <= noise)
        {
            x.Clear();
            return 0;
        }

        TensorPrimitives.Divide(x, length, x);
        return length;
    }

    private static void Normalise(Span<double> x) => TensorPrimitives.Divide(x, TensorPrimitives.Norm<double>(x), x);
}
