using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <summary>
/// Holds the stable rank of one weight matrix through training, theory (8.1) to (8.4), with its greatest singular triples kept warm from
/// step to step. Allocates nothing after its first use under a native backend.
/// </summary>
/// <remarks>
/// <para>How: a block of p >= 4 right vectors V follows the top of the spectrum by subspace iteration, at least one step a hold. W V = U S
/// holds to rounding and Y = W'U = V S + E. For the q values to be cut, W' = c W + U_q (t I - c S_q) V_q', theory (8.2) where q = 1; tau, c
/// and t come from S_q and the rest ||W||_F^2 - ||S_q||^2, so ||W'||_F^2 = r t^2 to rounding, however good the block is.</para>
/// <para>How exactly: in bases that begin with U_q and V_q, W' = [t I, c E_q'; 0, c M], so ||W'||_2 >= t: the stable rank is never above r,
/// and how far it is below is a matter of E_q and ||M||_2. Subspace iteration tells E_q, but of M only what is in the block: a value
/// outside grows in it by (s_j/s_p)^2 an iteration, which in a cluster is 1, and from rounding if its vector is new.</para>
/// <para>What is guaranteed: after every exact hold the stable rank is r within the factor 1 +- <see cref="Accuracy"/>, whatever was done
/// to W since the last. Before W is moved, a Cholesky factorisation in double proves ||W'||_2^2 &lt;= t^2 (1 + accuracy/4), for half a
/// product of W and W' and a third of one, unless the last proof implies it: where one leaves s_{q+1} at most b &lt; t, it holds until the
/// steps have moved W, in the Frobenius norm, by more than the gap, t - b. Where it fails for W' of too great an E_q (twelve iterations
/// are tried), E_q is taken out too, W' = c (W - U_q Y_q') + t U_q V_q', and that is tried: then t is exact, and the distance greater by
/// about ||E_q|| at most (decoupled). Where that fails as well, W is decomposed, and so are 0, 1, 2, 4, ... 64 holds after it without a
/// trial, until one succeeds. The rest of the accuracy is left to rounding.</para>
/// <para>That the q triples are the greatest follows where s_q > tau; where the one triple of q = 1 is raised instead, a weaker one might
/// be, at r still exact but at a distance more than the least. Therefore every <see cref="StableRankRule.CheckInterval"/> exact holds it
/// is proved as well that s_1^2 &lt;= s^2 (1 + accuracy) before and, of the rounded W', ||W'||_2^2 &lt;= t^2 (1 + accuracy) after.</para>
/// <para>At most r needs no proof: s &lt;= s_1 errs to the safe side.</para>
/// <para>The first hold decomposes W, and so does one that has to cut more values than the block holds, which then grows to k/4 columns:
/// flat spectra of r near k are decomposed at every step. An instance is not safe for concurrent use.</para>
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed partial class StableRankHolder<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int MinBlock = 4, MaxIterations = 12, MaxRepeats = 3;
    private const double PenaltyResidual = 1e-6;        // the error of the gradient's second term, over the gap

    // the counters
    private const int SizeOfBlock = 0, SinceProof = 1, Repairs = 2, HoldsToDecompose = 3, BackOff = 4, CounterCount = 5;

    private readonly int _m, _n, _k, _capacity;
    private readonly SingularBlock<T> _block;
    private readonly T[] _update, _counters;
    private readonly double _epsilon;

    /// <summary>A holder for matrices of m x n.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <param name="rule">What the stable rank is held to.</param>
    /// <exception cref="ArgumentNullException"><paramref name="rule"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or r exceeds min(m, n).</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public StableRankHolder(int rows, int columns, StableRankRule rule)
    {
        Networks.Precision.Require<T>();
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        _k = Math.Min(rows, columns);
        ProjectionGuard.RequireStableRank(rule.StableRank, _k);
        _m = rows;
        _n = columns;
        Rule = rule;
        _capacity = Math.Min(_k, Math.Max(2 * MinBlock, _k / 4));
        _block = new SingularBlock<T>(rows, columns, _capacity);
        _update = new T[columns * _capacity];
        _counters = new T[CounterCount];
        _epsilon = MachineEpsilon.Of<T>();

        // rounding errors of sums of max(m, n) terms add like a random walk (Higham and Mary 2019)
        Accuracy = Math.Max(rule.Accuracy, 8 * Math.Sqrt(Math.Max(rows, columns)) * _epsilon);
    }

    /// <summary>What the stable rank is held to.</summary>
    public StableRankRule Rule { get; }

    /// <summary>
    /// The relative error allowed to an exactly held stable rank: the rule's, or 8 sqrt(max(m, n)) eps of T where that is more.
    /// </summary>
    public double Accuracy { get; }

    /// <summary>How many proofs failed, so that W was decomposed.</summary>
    public int RepairCount => int.CreateChecked(_counters[Repairs]);

    /// <summary>
    /// What the holder remembers, as live arrays of fixed lengths: the right vectors of the block, its size, the holds since the last
    /// periodic proof, the number of proofs that failed, and the holds to be decomposed for it, now and next time. Copied into another
    /// holder of the same rule and shape, they continue a run to the last bit.
    /// </summary>
    public (T[] Vectors, T[] Counters) State => (_block.Right, _counters);

    private int BlockSize
    {
        get => int.CreateChecked(_counters[SizeOfBlock]);
        set => _counters[SizeOfBlock] = T.CreateChecked(value);
    }

    /// <summary>Brings W to the stable rank of the rule; under a penalty, an error.</summary>
    /// <param name="w">W, m x n, column-major, packed; overwritten by W'.</param>
    /// <exception cref="ArgumentException">
    /// The span has not m n elements, an element is not finite, W is zero, or r exceeds its numerical rank.
    /// </exception>
    /// <exception cref="InvalidOperationException">The rule is a penalty.</exception>
    public HoldReport Hold(Span<T> w)
    {
        if (Rule.Kind == StableRankRuleKind.Penalty)
        {
            throw new InvalidOperationException("The rule is a penalty: it acts on the gradient, by AddPenalty, not on the weights.");
        }

        return Hold(w, RequireNormOf(w));
    }

    /// <summary>The same, but leaves alone what is not finite or whose squares overflow; false then.</summary>
    internal bool TryHold(Span<T> w, out HoldReport report)
    {
        double squares = RankOneUpdate.SumOfSquares<T>(w, _m, _n);
        report = double.IsFinite(squares) ? Hold(w, RequireNormOf(w, squares)) : default;
        return double.IsFinite(squares);
    }

    private HoldReport Hold(Span<T> w, double squares)
    {
        if (BlockSize == 0)
        {
            return Decompose(w, squares, 0, false);
        }

        bool isDue = false;
        if (Rule.Kind == StableRankRuleKind.Exact)
        {
            if (_counters[HoldsToDecompose] > T.Zero)
            {
                _counters[HoldsToDecompose] -= T.One;
                return Decompose(w, squares, 0, false);
            }

            _counters[SinceProof] += T.One;
            isDue = _counters[SinceProof] >= T.CreateChecked(Rule.CheckInterval);
            _move = _isRemembered ? double.CreateChecked(TensorPrimitives.Distance<T>(w, _last)) : 0;
        }

        var report = HoldWarm(w, squares, isDue);

        // where s_1 was far above tau, rounding of the size s_1 eps was left in a matrix of norm t: a second pass takes it out
        for (int repeat = 1; repeat < MaxRepeats && report.SpectralNorm < 0.25 * report.Scale * _block.Values[0]; repeat++)
        {
            _move = 0;
            var again = HoldWarm(w, RequireNormOf(w), false);
            report = report with
            {
                SpectralNorm = again.SpectralNorm, Iterations = report.Iterations + again.Iterations,
                IsRepaired = report.IsRepaired || again.IsRepaired,
            };
        }

        return isDue && report.Route != ProjectionRoute.Decomposition ? ProveHeld(w, report) : report;
    }

    /// <summary>Adds the gradient of L (sr(W) - r)^2, 2 L (sr - r) grad sr with theory (8.3), to the gradient of a loss.</summary>
    /// <param name="w">W, m x n, column-major, packed.</param>
    /// <param name="gradient">m x n, as W; added to.</param>
    /// <param name="report">What was found: the stable rank and the residual.</param>
    /// <returns>L (sr(W) - r)^2.</returns>
    /// <exception cref="ArgumentException">A span has not m n elements, an element of W is not finite, or W is zero.</exception>
    /// <exception cref="InvalidOperationException">The rule is not a penalty.</exception>
    public double AddPenalty(ReadOnlySpan<T> w, Span<T> gradient, out HoldReport report)
    {
        if (Rule.Kind != StableRankRuleKind.Penalty)
        {
            throw new InvalidOperationException($"The rule is {Rule.Kind}: it acts on the weights, by Hold, not on the gradient.");
        }

        return AddPenalty(w, gradient, RequireNormOf(w), out report);
    }

    /// <summary>The same, but leaves the gradient alone where W is not finite or its squares overflow; false then.</summary>
    internal bool TryAddPenalty(ReadOnlySpan<T> w, Span<T> gradient, out double penalty, out HoldReport report)
    {
        double squares = RankOneUpdate.SumOfSquares(w, _m, _n);
        (penalty, report) = (0, default);
        if (double.IsFinite(squares))
        {
            penalty = AddPenalty(w, gradient, RequireNormOf(w, squares), out report);
        }

        return double.IsFinite(squares);
    }

    private double AddPenalty(ReadOnlySpan<T> w, Span<T> gradient, double squares, out HoldReport report)
    {
        SpanGuard.RequireVector(gradient.Length, _m * _n, nameof(gradient));
        if (BlockSize == 0)
        {
            Seed(w);
        }

        int iterations = 0;
        StartIteration();
        do
        {
            Iterate(w, iterations++);
        }
        while (iterations < MaxIterations && !(_block.Residual(0) <= PenaltyResidual * _block.Values[0]));

        double s = _block.Values[0], rank = squares / s / s, excess = rank - Rule.StableRank;
        double residual = _block.Residual(0) / s;
        double factor = 4 * Rule.Weight * excess;
        TensorPrimitives.MultiplyAdd(w, T.CreateChecked(factor / s / s), gradient, gradient);
        RankOneUpdate.Add(gradient, _m, _n, T.CreateChecked(-factor * rank / s), _block.Left, _block.Right);
        _block.Advance();
        report = new HoldReport(rank, s, 1, 0, ProjectionRoute.Unchanged, 0, iterations, residual, 0, false, false);
        return Rule.Weight * excess * excess;
    }

    private HoldReport HoldWarm(Span<T> w, double squares, bool isDue)
    {
        int iterations = 0, q;
        SpectralCut cut = default;
        double tail, error;
        bool isExact = Rule.Kind == StableRankRuleKind.Exact;
        StartIteration();
        do
        {
            Iterate(w, iterations++);
            double top = _block.Values[0];
            if (Rule.Kind == StableRankRuleKind.AtMost && squares / top / top <= Rule.StableRank)
            {
                // s is a lower bound on s_1: the true stable rank is no greater
                _block.Advance();
                return new HoldReport(
                    squares / top / top, top, 1, 0, ProjectionRoute.Unchanged, 0, iterations, _block.Residual(0) / top, 0, false, false);
            }

            q = FindCut(squares, false, out cut, out tail);
            error = q == 0 ? 0 : ErrorEstimate(q, cut.Tau);
        }
        while (error > ProvedAccuracy && iterations < MaxIterations);

        double s = _block.Values[0];
        bool isDecoupled = error > ProvedAccuracy, isProved = !isExact;
        if (isExact && q > 0 && !isDecoupled)
        {
            // what couples too much to be proved may be proved without the coupling
            isProved = IsProved(w, q, cut, false, isDue);
            isDecoupled = !isProved;
        }

        if (isDecoupled)
        {
            q = FindCut(squares, true, out cut, out tail);
            error = 0;
            isProved = isExact ? q > 0 && IsProved(w, q, cut, true, isDue) : IsSettled(cut.Tau);
        }

        if (q == 0 || !isProved)
        {
            return Decompose(w, squares, iterations, q > 0 && NoteFailure());
        }

        if (isDue && !NormIsBelow(w, s * Math.Sqrt(1 + Accuracy)))
        {
            return Decompose(w, squares, iterations, NoteFailure());
        }

        double residual = _block.Residual(0) / s;
        double distance = Math.Sqrt(Update(w, q, cut, isDecoupled) + (1 - cut.Scale) * (1 - cut.Scale) * tail);
        _block.Advance();
        if (isExact)
        {
            _counters[BackOff] = T.Zero;
            Remember(w, cut.Scale * _outside, q, Math.Max(cut.Top, cut.Scale * s));
        }

        var route = q == 1 ? ProjectionRoute.RankOne : ProjectionRoute.Block;
        return new HoldReport(
            squares / s / s, cut.Top, cut.Scale, distance, route, q, iterations, residual, error, isDecoupled, false);
    }

    /// <summary>W becomes W'; returns the square of the move within the rows of U_q.</summary>
    private double Update(Span<T> w, int q, SpectralCut cut, bool isDecoupled)
    {
        double change = 0;
        for (int i = 0; i < q; i++)
        {
            var x = _update.AsSpan(i * _n, _n);
            ReadOnlySpan<T> v = _block.Right.AsSpan(i * _n, _n), y = _block.Transposed.AsSpan(i * _n, _n);
            if (isDecoupled)
            {
                // t v_i' against y_i'
                TensorPrimitives.Multiply(v, T.CreateChecked(cut.Top), x);
                double distance = double.CreateChecked(TensorPrimitives.Distance<T>(x, y));
                change += distance * distance;
                TensorPrimitives.MultiplyAdd(y, T.CreateChecked(-cut.Scale), x, x);
            }
            else
            {
                double value = _block.Values[i];
                TensorPrimitives.Multiply(v, T.CreateChecked(cut.Top - cut.Scale * value), x);
                change += (cut.Top - value) * (cut.Top - value);
            }
        }

        Blas.Gemm(
            Transpose.No, Transpose.Yes, _m, _n, q, T.One, _block.Left, _m, _update, _n, T.CreateChecked(cut.Scale), w, _m);
        return change;
    }

    private void StartIteration() => _block.Size = BlockSize;

    private void Iterate(ReadOnlySpan<T> w, int iterations)
    {
        if (iterations > 0)
        {
            _block.Advance();
        }

        _block.Refine(w);
    }

    /// <summary>eta of the remarks; 0 where the block is all there is.</summary>
    private double ErrorEstimate(int q, double tau)
    {
        double outside = _block.Size < _k ? _block.Values[_block.Size - 1] : 0, squares = 0;
        for (int i = 0; i < q; i++)
        {
            double residual = _block.Residual(i);
            squares += residual * residual;
        }

        // tau = infinity for r = 1: nothing but the cut triple is left, and E goes with the rest
        return double.IsPositiveInfinity(tau) || squares == 0 ? 0
            : tau > outside ? squares / (tau - outside) / (tau + outside) : double.PositiveInfinity;
    }

    /// <summary>The least q for which s_{q+1} &lt;= tau, or 0 where the block is too small to tell.</summary>
    private int FindCut(double squares, bool isDecoupled, out SpectralCut cut, out double tail)
    {
        tail = squares;
        double sum = 0;
        int last = _block.Size == _k ? _k : _block.Size - 1;
        for (int q = 1; q <= last; q++)
        {
            double value = _block.Values[q - 1], next = q < _k ? _block.Values[q] : 0;
            sum += value;
            tail -= isDecoupled
                ? double.CreateChecked(TensorPrimitives.SumOfSquares<T>(_block.Transposed.AsSpan((q - 1) * _n, _n)))
                : value * value;

            // below this the difference is rounding, and so would be the cut
            if (tail <= 64 * _epsilon * squares && Rule.StableRank > 1)
            {
                break;
            }

            if (SpectralCut.TryTau(Math.Max(tail, 0), next, q, Rule.StableRank, out double tau))
            {
                tail = Math.Max(tail, 0);
                cut = SpectralCut.Scaled(tau, q, tail, sum, _block.Values[0], squares, Rule.StableRank, Rule.Keep);
                return q;
            }
        }

        cut = default;
        return 0;
    }

    private double RequireNormOf(ReadOnlySpan<T> w)
    {
        if (w.Length != _m * _n)
        {
            throw new ArgumentException($"The matrix has {w.Length} elements; expected {_m} x {_n} = {_m * _n}.", nameof(w));
        }

        return RequireNormOf(w, RankOneUpdate.SumOfSquares(w, _m, _n));
    }

    private double RequireNormOf(ReadOnlySpan<T> w, double squares)
    {
        if (!double.IsFinite(squares) || squares == 0)
        {
            MatrixGuard.RequireFinite(w, _m, _m, nameof(w));
            throw new ArgumentException(
                $"The {_m} x {_n} matrix has squares that sum to {squares}; expected a finite sum above 0.", nameof(w));
        }

        return squares;
    }
}
