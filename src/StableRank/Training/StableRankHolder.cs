using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <summary>
/// Holds the stable rank of one weight matrix through training, theory (8.1) to (8.4), with its greatest singular triples kept warm from
/// step to step. Allocates nothing after its first use under a native backend.
/// </summary>
/// <remarks>
/// <para>How: a block of p >= 4 right vectors V follows the top of the spectrum by one subspace iteration a step. W V = U S holds to
/// rounding and Y = W'U, so with the first q columns W' = c (W - U Y') + t U V' has the values t (q times) and those of c M, where
/// M = W - U Y' is what W is outside both spans; see <see cref="NearestStableRank"/>. ||M||_F^2 = ||W||_F^2 - ||Y||_F^2, so a hold is the
/// products, one pass for the norm and one for the update. q = 1 is (8.2); q grows while s_{q+1} > tau.</para>
/// <para>How exactly: ||W'||_F^2 = r t^2 to rounding whatever the block, and ||W'||_2 >= t. So the stable rank is never above r, and it is
/// r, relative 8 max(m, n) eps, unless ||M||_2 exceeds tau: a singular value outside the block that has grown past those inside it.
/// Generic directions enter the block by rounding alone and grow in it by (s_j / s_p)^2 a step, so that does not last; and every
/// <see cref="StableRankRule.CheckInterval"/> exact holds ||W'||_2^2 &lt;= t^2 (1 + <see cref="Accuracy"/>) is proved by a Cholesky
/// factorisation in double. A failed proof is repaired at once by a decomposition, and reported.</para>
/// <para>How nearly: the distance is the least one up to the square of the block's residual, at most <see cref="ResidualGoal"/> unless
/// four iterations a step did not reach it. The first hold, and one that has to cut more values than the block holds, decomposes W.
/// A block that would take more than k/4 columns is not kept: flat spectra of r near k are decomposed at every step.</para>
/// <para>An instance is not safe for concurrent use.</para>
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed partial class StableRankHolder<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The residual over s_1 below which no further iteration is made in a step: 1e-3.</summary>
    public const double ResidualGoal = 1e-3;

    private const int MinBlock = 4, MaxIterations = 4, MaxRepeats = 3;

    private readonly int _m, _n, _k, _capacity;
    private readonly SingularBlock<T> _block;
    private readonly T[] _update, _counters;
    private readonly double _rounding;

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
        _counters = new T[3];
        _rounding = 8.0 * Math.Max(rows, columns) * double.CreateChecked(T.BitIncrement(T.One) - T.One);
        Accuracy = Math.Max(_rounding, 1e-9);
    }

    /// <summary>What the stable rank is held to.</summary>
    public StableRankRule Rule { get; }

    /// <summary>
    /// The relative error of an exactly held stable rank that the periodic proof allows: 1e-9, or 8 max(m, n) eps of T where that is more.
    /// </summary>
    public double Accuracy { get; }

    /// <summary>How many periodic proofs failed and were repaired.</summary>
    public int RepairCount => int.CreateChecked(_counters[2]);

    /// <summary>
    /// What the holder remembers, as live arrays of fixed lengths: the right vectors of the block, its size, the holds since the last proof
    /// and the number of repairs. Copied into another holder of the same rule and shape, they continue a run to the last bit.
    /// </summary>
    public (T[] Vectors, T[] Counters) State => (_block.Right, _counters);

    private int BlockSize
    {
        get => int.CreateChecked(_counters[0]);
        set => _counters[0] = T.CreateChecked(value);
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

        double squares = RequireNormOf(w);
        if (BlockSize == 0)
        {
            return Decompose(w, squares, 0, false);
        }

        var report = HoldWarm(w, squares);
        if (Rule.Kind == StableRankRuleKind.Exact && report.Route != ProjectionRoute.Decomposition)
        {
            // where s_1 was far above tau, s_1 eps was added to a matrix of norm t: what is left of that goes in a second pass
            for (int repeat = 1; repeat < MaxRepeats && report.SpectralNorm < 0.25 * report.Scale * _block.Values[0]; repeat++)
            {
                var again = HoldWarm(w, RequireNormOf(w));
                report = report with { SpectralNorm = again.SpectralNorm, Iterations = report.Iterations + again.Iterations };
                if (again.Route == ProjectionRoute.Decomposition)
                {
                    return report;
                }
            }

            _counters[1] += T.One;
            if (_counters[1] >= T.CreateChecked(Rule.CheckInterval))
            {
                return Check(w, report);
            }
        }

        return report;
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

        double squares = RequireNormOf(w);
        SpanGuard.RequireVector(gradient.Length, _m * _n, nameof(gradient));
        if (BlockSize == 0)
        {
            Seed(w);
        }

        int iterations = Iterate(w);
        double s = _block.Values[0], rank = squares / s / s, excess = rank - Rule.StableRank;
        double residual = _block.Residual(0) / s;
        double factor = 4 * Rule.Weight * excess;
        TensorPrimitives.MultiplyAdd(w, T.CreateChecked(factor / s / s), gradient, gradient);
        RankOneUpdate.Add(gradient, _m, _n, T.CreateChecked(-factor * rank / s), _block.Left, _block.Right);
        _block.Advance();
        report = new HoldReport(rank, s, 1, 0, ProjectionRoute.Unchanged, 0, iterations, residual, false);
        return Rule.Weight * excess * excess;
    }

    private HoldReport HoldWarm(Span<T> w, double squares)
    {
        int iterations = Iterate(w);
        double s = _block.Values[0], rank = squares / s / s;
        double residual = _block.Residual(0) / s;
        if (Rule.Kind == StableRankRuleKind.AtMost && rank <= Rule.StableRank)
        {
            // s is a lower bound on s_1: the true stable rank is no greater
            _block.Advance();
            return new HoldReport(rank, s, 1, 0, ProjectionRoute.Unchanged, 0, iterations, residual, false);
        }

        int q = FindCut(squares, out double tau, out double tail);
        if (q == 0)
        {
            return Decompose(w, squares, iterations, false);
        }

        double sum = 0, change = 0;
        for (int i = 0; i < q; i++)
        {
            sum += _block.Values[i];
        }

        var cut = SpectralCut.Scaled(tau, q, tail, sum, s, squares, Rule.StableRank, Rule.Keep);
        for (int i = 0; i < q; i++)
        {
            var x = _update.AsSpan(i * _n, _n);
            ReadOnlySpan<T> v = _block.Right.AsSpan(i * _n, _n), y = _block.Transposed.AsSpan(i * _n, _n);

            // rows of u_i: t v_i' against y_i'
            TensorPrimitives.Multiply(v, T.CreateChecked(cut.Top), x);
            double distance = double.CreateChecked(TensorPrimitives.Distance<T>(x, y));
            change += distance * distance;
            TensorPrimitives.MultiplyAdd(y, T.CreateChecked(-cut.Scale), x, x);
        }

        change += (1 - cut.Scale) * (1 - cut.Scale) * tail;
        Blas.Gemm(
            Transpose.No, Transpose.Yes, _m, _n, q, T.One, _block.Left, _m, _update, _n, T.CreateChecked(cut.Scale), w, _m);
        _block.Advance();
        return new HoldReport(
            rank, cut.Top, cut.Scale, Math.Sqrt(change), q == 1 ? ProjectionRoute.RankOne : ProjectionRoute.Block, q, iterations, residual,
            false);
    }

    /// <summary>Iterates until the first residual is small, four times at most.</summary>
    private int Iterate(ReadOnlySpan<T> w)
    {
        _block.Size = BlockSize;
        _block.Refine(w);
        int iterations = 1;
        while (iterations < MaxIterations && !(_block.Residual(0) <= ResidualGoal * _block.Values[0]))
        {
            _block.Advance();
            _block.Refine(w);
            iterations++;
        }

        return iterations;
    }

    /// <summary>The least q for which s_{q+1} &lt;= tau, or 0 where the block is too small to tell.</summary>
    private int FindCut(double squares, out double tau, out double tail)
    {
        tail = squares;
        int last = _block.Size == _k ? _k : _block.Size - 1;
        for (int q = 1; q <= last; q++)
        {
            double next = q < _k ? _block.Values[q] : 0;
            tail -= double.CreateChecked(TensorPrimitives.SumOfSquares<T>(_block.Transposed.AsSpan((q - 1) * _n, _n)));

            // below this the difference is rounding, and so would be the shape
            tail = tail > _rounding * squares ? tail : 0;
            if (SpectralCut.TryTau(tail, next, q, Rule.StableRank, out tau))
            {
                return q;
            }
        }

        tau = 0;
        return 0;
    }

    private double RequireNormOf(ReadOnlySpan<T> w)
    {
        if (w.Length != _m * _n)
        {
            throw new ArgumentException($"The matrix has {w.Length} elements; expected {_m} x {_n} = {_m * _n}.", nameof(w));
        }

        double squares = RankOneUpdate.SumOfSquares(w, _m, _n);
        if (!double.IsFinite(squares) || squares == 0)
        {
            MatrixGuard.RequireFinite(w, _m, _m, nameof(w));
            throw new ArgumentException(
                $"The {_m} x {_n} matrix has squares that sum to {squares}; expected a finite sum above 0.", nameof(w));
        }

        return squares;
    }
}
