using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <content>The decomposition by the Gram matrix of the smaller side, where its precision suffices.</content>
/// <remarks>
/// In double, the eigenvalues of W'W are off by some eps s_1^2, whatever the precision of W. Above the cut, of singular vectors nothing
/// is needed but that W v_i / s_i be orthonormal and coupled to the rest by little: both by eps (s_1/tau)^2. Below it, nothing but the
/// sum of the squares. So where s_1 is within a few tau, W' = c W + (W V_q) (t S_q^{-1} - c I) V_q' is as exact as by singular vectors:
/// in double for less time; in float for about the same, but the stable rank off by one rounding of W' where singular vectors in float
/// use up most of the accuracy. All eigenvectors by divide and conquer (syevd) are had in less time than half of them by syevr.
/// </remarks>
public sealed unsafe partial class StableRankHolder<T>
{
    private const double MaxSpread = 4;     // s_1/tau: beyond, c W and what is added to it cancel in digits of T

    /// <summary>
    /// W becomes W', and the block is started; false where that is not to be had so, W then as it was. A cut of none: nothing to do.
    /// </summary>
    private bool TryDecomposeGram(Span<T> w, double squares, out SpectralCut cut)
    {
        cut = default;
        Reserve();
        double norm = Math.Sqrt(squares);
        TensorPrimitives.ConvertChecked<T, double>(w, _wide);
        TensorPrimitives.Divide(_wide, norm, _wide);
        SpectralCertificate.Gram(_wide, _m, _n, _gram);
        fixed (double* a = _gram, values = _values)
        {
            if (Kernels<double>.Current.SymmetricEigen(true, _k, a, _k, values) != 0)
            {
                return false;
            }
        }

        Array.Reverse(_values);
        for (int i = 0; i < _k; i++)
        {
            _values[i] = norm * Math.Sqrt(Math.Max(_values[i], 0));
        }

        // sums of max(m, n) terms, as in Accuracy; the numerical rank of T must be told from it
        double s = _values[0], error = 8 * Math.Sqrt(Math.Max(_m, _n)) / (1L << 52) * s * s;
        double noise = Math.Max(Math.Max(_m, _n) * _epsilon * s, 2 * Math.Sqrt(error));
        int above = 0;
        while (above < _k && _values[above] > noise)
        {
            above++;
        }

        if (Rule.Kind == StableRankRuleKind.AtMost && squares / s / s <= Rule.StableRank)
        {
            cut = new SpectralCut(s, 1, s, 0);
            TakeGramBlock(w, 1);
            return true;
        }

        if (above < Math.Ceiling(Rule.StableRank))
        {
            return false;
        }

        var found = SpectralCut.Solve(_values, Rule.StableRank, Rule.Keep);
        double tail = TensorPrimitives.SumOfSquares<double>(_values.AsSpan(found.Count));
        if (!(s <= MaxSpread * found.Tau) || double.IsPositiveInfinity(found.Tau)
            || !(error / found.Tau / found.Tau + error * (_k - found.Count) / tail <= Accuracy / 4))
        {
            return false;
        }

        cut = found;
        TakeGramBlock(w, cut.Count);
        UpdateByGram(w, cut);
        RememberCut(w, cut, error);
        return true;
    }

    private void UpdateByGram(Span<T> w, SpectralCut cut)
    {
        // tall: X = W V_q beside V_q; wide: U_q beside Y = W'U_q
        int q = cut.Count;
        bool isTall = _m >= _n;
        T[] vectors = isTall ? _right : _left, images = isTall ? _left : _right;
        int rows = isTall ? _m : _n;
        TakeVectors(vectors, q);
        Blas.Gemm(
            isTall ? Transpose.No : Transpose.Yes, Transpose.No, rows, q, _k, T.One, w, _m, vectors, _k, T.Zero, images, rows);
        for (int i = 0; i < q; i++)
        {
            var image = images.AsSpan(i * rows, rows);
            TensorPrimitives.Multiply(image, T.CreateChecked(cut.Top / _values[i] - cut.Scale), image);
        }

        Blas.Gemm(Transpose.No, Transpose.Yes, _m, _n, q, T.One, _left, _m, _right, _n, T.CreateChecked(cut.Scale), w, _m);
    }

    private void TakeGramBlock(ReadOnlySpan<T> w, int cutCount)
    {
        ChooseSize(cutCount);
        if (_m >= _n)
        {
            TakeVectors(_block.Right, BlockSize);
        }
        else if (BlockSize > 0)
        {
            TakeVectors(_block.Left, BlockSize);
            Blas.Gemm(
                Transpose.Yes, Transpose.No, _n, BlockSize, _m, T.One, w, _m, _block.Left, _m, T.Zero, _block.Transposed, _n);
            _block.Advance();
        }
    }

    /// <summary>The first eigenvectors, which LAPACK puts last.</summary>
    private void TakeVectors(Span<T> target, int count)
    {
        for (int i = 0; i < count; i++)
        {
            TensorPrimitives.ConvertChecked(_gram.AsSpan((_k - 1 - i) * _k, _k), target.Slice(i * _k, _k));
        }
    }
}
