using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <content>The rare ways: the decomposition, the start of the block, the periodic proof.</content>
public sealed unsafe partial class StableRankHolder<T>
{
    private T[] _copy = [], _left = [], _right = [], _valuesOfT = [];
    private double[] _wide = [], _gram = [], _factor = [], _values = [];

    /// <summary>All buffers of the rare ways at once, so that whichever comes first is the last to allocate.</summary>
    private void Reserve()
    {
        if (_copy.Length == 0)
        {
            _copy = new T[_m * _n];
            _left = new T[_m * _k];
            _right = new T[_k * _n];
            _valuesOfT = new T[_k];
            _values = new double[_k];
            _wide = new double[_m * _n];
            _gram = new double[_k * _k];
            _factor = new double[_k * _k];
            _last = Rule.Kind == StableRankRuleKind.Exact ? new T[_m * _n] : [];
        }
    }

    /// <summary>The thin decomposition into the buffers; W is not changed.</summary>
    private void Factor(ReadOnlySpan<T> w)
    {
        Reserve();
        w.CopyTo(_copy);
        fixed (T* a = _copy, s = _valuesOfT, u = _left, vt = _right)
        {
            SingularValues.RequireConvergence(Kernels<T>.Current.Svd(false, _m, _n, a, _m, s, u, vt), _m, _n);
        }

        TensorPrimitives.ConvertChecked<T, double>(_valuesOfT, _values);
    }

    /// <summary>
    /// Starts the block with the first right vectors of the decomposition in the buffers, with room for half as many cuts again; no block
    /// where there is no room for two: the next hold decomposes again.
    /// </summary>
    private void TakeBlock(int cutCount)
    {
        ChooseSize(cutCount);
        for (int i = 0; i < BlockSize; i++)
        {
            for (int j = 0; j < _n; j++)
            {
                _block.Right[j + i * _n] = _right[i + j * _k];
            }
        }

    }

    private void ChooseSize(int cutCount)
    {
        BlockSize = cutCount + 2 > _capacity && _capacity < _k
            ? 0
            : Math.Min(_capacity, Math.Max(MinBlock, cutCount + (cutCount / 2) + 2));
        _block.Size = BlockSize;
    }

    private void Seed(ReadOnlySpan<T> w)
    {
        Factor(w);
        TakeBlock(1);
    }

    /// <summary>The hold by a decomposition, which also starts the block.</summary>
    private HoldReport Decompose(Span<T> w, double squares, int iterations, bool repaired)
    {
        _counters[SinceProof] = T.Zero;
        if (TryDecomposeGram(w, squares, out var cut))
        {
            return ReportOf(cut, squares, iterations, repaired);
        }

        Factor(w);
        double s = _values[0], rank = squares / s / s;
        if (Rule.Kind == StableRankRuleKind.AtMost && rank <= Rule.StableRank)
        {
            TakeBlock(1);
            return new HoldReport(rank, s, 1, 0, ProjectionRoute.Unchanged, 0, iterations, 0, 0, false, repaired);
        }

        double noise = Math.Max(_m, _n) * _epsilon * s;
        int above = 0;
        while (above < _k && _values[above] > noise)
        {
            above++;
        }

        ProjectionGuard.RequireUnique(Rule.StableRank, above, noise);
        cut = SpectralCut.Solve(_values, Rule.StableRank, Rule.Keep);
        TakeBlock(cut.Count);
        for (int i = 0; i < _k; i++)
        {
            var u = _left.AsSpan(i * _m, _m);
            TensorPrimitives.Multiply(u, T.CreateChecked(Held(i, cut)), u);
        }

        Blas.Gemm(Transpose.No, Transpose.No, _m, _n, _k, T.One, _left, _m, _right, _k, T.Zero, w, _m);
        RememberCut(w, cut, 0);
        return ReportOf(cut, squares, iterations, repaired);
    }

    /// <summary>z_i of theory (8.1).</summary>
    private double Held(int i, SpectralCut cut) => i < cut.Count ? cut.Top : Math.Min(cut.Top, cut.Scale * _values[i]);

    private HoldReport ReportOf(SpectralCut cut, double squares, int iterations, bool repaired)
    {
        double change = 0;
        for (int i = 0; i < _k; i++)
        {
            double difference = Held(i, cut) - _values[i];
            change += difference * difference;
        }

        return new HoldReport(
            squares / _values[0] / _values[0], cut.Top, cut.Scale, Math.Sqrt(change),
            cut.Count == 0 ? ProjectionRoute.Unchanged : ProjectionRoute.Decomposition, cut.Count, iterations, 0, 0, false, repaired);
    }

    /// <summary>The proof that ||W'||_2 &lt;= t (1 + accuracy)^(1/2), and the repair where it fails.</summary>
    private HoldReport ProveHeld(Span<T> w, HoldReport report)
    {
        _counters[SinceProof] = T.Zero;
        if (NormIsBelow(w, report.SpectralNorm * Math.Sqrt(1 + Accuracy)))
        {
            return report;
        }

        var repair = Decompose(w, RequireNormOf(w), report.Iterations, NoteFailure());

        // the two moves need not be along one line: their sum bounds the distance
        return repair with { StableRankBefore = report.StableRankBefore, Distance = report.Distance + repair.Distance };
    }

    private bool NormIsBelow(ReadOnlySpan<T> w, double bound)
    {
        Reserve();

        // over the bound, so that no square overflows
        TensorPrimitives.ConvertChecked<T, double>(w, _wide);
        TensorPrimitives.Divide(_wide, bound, _wide);
        SpectralCertificate.Gram(_wide, _m, _n, _gram);
        return SpectralCertificate.NormIsBelow(_gram, _k, 1, _factor);
    }
}
