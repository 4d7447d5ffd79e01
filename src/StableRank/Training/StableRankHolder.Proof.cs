using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <content>The proof that an exact hold makes, before it moves anything, or finds implied by the last one.</content>
/// <remarks>
/// <para>Let j >= q triples of the block be taken, D = diag(tau, ..., tau, s_{q+1}, ..., s_j), R the columns r_i = W'u_i - s_i v_i
/// (zero for i &lt;= q where they are taken out) and N = W - U_j Y_j'. In bases that begin with U_j and V_j, W'/c = [D, R'; 0, N]. By a
/// Schur complement ||W'/c||^2 &lt;= L if ||N||^2 &lt;= L (1 - sum_i ||r_i||^2 / (L - d_i^2)), for any L above tau^2. This is asked for
/// L = tau^2 (1 + accuracy/4), the rest being left to rounding, and Cholesky decides it. Which j only decides how sharp the
/// sufficient condition is: the sharpest by the block's own values is taken.</para>
/// <para>Implied: s_{q+1} of what the last hold left is at most b; so s_{q+1}(W) &lt;= b + ||W - W'_last||_F by Weyl. If N for j = q had a
/// value x above that by ||R_q||, U_q and its vector would span q + 1 dimensions on which ||W'y|| >= min(s_q, x) - ||R_q||, against
/// Courant and Fischer. So b + ||W - W'_last||_F + ||R_q||, if below s_q, bounds N for j = q, and with it all the others.</para>
/// <para>W' is thus the same whether its proof was made or implied: nothing but the time of the proofs depends on what a checkpoint
/// does not hold, which is W'_last.</para>
/// </remarks>
public sealed unsafe partial class StableRankHolder<T>
{
    private const int LongestBackOff = 64;

    private T[] _last = [];                 // W' of the last hold
    private bool _isRemembered;
    private int _boundCount;
    private double _bound, _move, _outside;     // s_{count+1}(W'_last) <= bound; ||W - W'_last||_F; a bound on N for j = q

    /// <summary>
    /// What is proved of W' in exact arithmetic. The rest is left to rounding, most of it that of U, whose columns are orthogonal to
    /// (4 + sqrt m) eps by pairs.
    /// </summary>
    private double ProvedAccuracy => Accuracy / 4;

    private bool IsProved(ReadOnlySpan<T> w, int q, SpectralCut cut, bool isDecoupled, bool isDue)
    {
        double tau = cut.Tau, limit = tau * tau * (1 + ProvedAccuracy);
        _outside = double.PositiveInfinity;
        if (double.IsPositiveInfinity(tau))
        {
            // r = 1: W' is one triple, and N is not in it
            return true;
        }

        // the number of triples with the most room between what is allowed and what the block knows to be there
        double sum = 0, coupling = 0, room = double.NegativeInfinity, allowed = 0;
        int p = _block.Size, depth = q;
        for (int j = 1; j <= p; j++)
        {
            double residual = _block.Residual(j - 1), value = _block.Values[j - 1];
            double squared = residual * residual;
            coupling += j <= q ? squared : 0;
            sum += j > q ? squared / (limit - value * value) : isDecoupled ? 0 : squared / (limit - tau * tau);
            double next = j < p ? _block.Values[j] : p < _k ? value : 0;
            if (j >= q && limit * (1 - sum) - next * next > room)
            {
                (depth, allowed) = (j, limit * (1 - sum));
                room = allowed - next * next;
            }
        }

        if (!(room > 0))
        {
            return false;
        }

        double reach = _bound + _move * (1 + Math.Sqrt(Math.Max(_m, _n)) * _epsilon) + Math.Sqrt(coupling);
        if (!isDue && _isRemembered && q >= _boundCount && reach < _block.Values[q - 1] && reach * reach <= allowed)
        {
            _outside = reach;
            return true;
        }

        Outside(w, depth, tau);
        return HasMargin(q, depth, cut, allowed) || IsBelow(allowed, tau, Math.Sqrt(limit));
    }

    /// <summary>
    /// Where the block shows a gap below tau, a proof of half of it, which will imply those of the next steps; not where one or two of
    /// their size would use it up.
    /// </summary>
    private bool HasMargin(int q, int depth, SpectralCut cut, double allowed)
    {
        double tau = cut.Tau, next = q < _block.Size ? _block.Values[q] : 0, limit = (next * next + tau * tau) / 2, sum = 0;
        for (int i = q; i < depth; i++)
        {
            double residual = _block.Residual(i), value = _block.Values[i];
            sum += residual * residual / (limit - value * value);
        }

        double bound = limit * (1 - sum);
        return cut.Scale * (tau - Math.Sqrt(limit)) > 2 * _move && bound > 0 && bound <= allowed
            && IsBelow(bound, tau, Math.Sqrt(limit));
    }

    private bool IsBelow(double boundSquared, double unit, double implied)
    {
        if (SpectralCertificate.NormIsBelow(_gram, _k, boundSquared / unit / unit, _factor))
        {
            _outside = implied;
            return true;
        }

        return false;
    }

    /// <summary>The Gram matrix of (W - U_j Y_j') / unit.</summary>
    private void Outside(ReadOnlySpan<T> w, int j, double unit)
    {
        Reserve();
        w.CopyTo(_copy);
        Blas.Gemm(
            Transpose.No, Transpose.Yes, _m, _n, j, -T.One, _block.Left, _m, _block.Transposed, _n, T.One, _copy, _m);
        TensorPrimitives.ConvertChecked<T, double>(_copy, _wide);
        TensorPrimitives.Divide(_wide, unit, _wide);
        SpectralCertificate.Gram(_wide, _m, _n, _gram);
    }

    /// <summary>What is outside the block must be below the cut, and only a last value that has settled says so.</summary>
    private bool IsSettled(double tau)
    {
        int last = _block.Size - 1;
        return _block.Size == _k || _block.Values[last] + _block.Residual(last) <= tau;
    }

    /// <summary>Counts a proof that failed and doubles the number of holds that are decomposed without trying; true.</summary>
    private bool NoteFailure()
    {
        _counters[Repairs] += T.One;
        _counters[HoldsToDecompose] = _counters[BackOff];
        _counters[BackOff] = T.Min(T.Max(_counters[BackOff] + _counters[BackOff], T.One), T.CreateChecked(LongestBackOff));
        return true;
    }

    private void Remember(ReadOnlySpan<T> w, double bound, int count, double norm)
    {
        _isRemembered = double.IsFinite(bound);
        if (_isRemembered)
        {
            // the rounding of W' to T is a matrix of random entries, below this by far
            Reserve();
            w.CopyTo(_last);
            (_bound, _boundCount) = (bound + Math.Sqrt(Math.Max(_m, _n)) * _epsilon * norm, count);
        }
    }

    /// <summary>After a decomposition s_{q+1}^2 is known to an error.</summary>
    private void RememberCut(ReadOnlySpan<T> w, SpectralCut cut, double error)
    {
        if (Rule.Kind == StableRankRuleKind.Exact)
        {
            double next = cut.Count < _k ? _values[cut.Count] : 0;
            Remember(w, cut.Scale * Math.Sqrt(next * next + error), cut.Count, cut.Top);
        }
    }
}
