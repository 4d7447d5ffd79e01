using StableRank.LinearAlgebra;

namespace StableRank.Spectra;

/// <content>The ranks, theory (1.1) to (1.5).</content>
public sealed partial class Spectrum
{
    /// <summary>Stable rank r = ||W||_F^2 / ||W||_2^2 = sum_i (s_i / s1)^2, theory (1.1); in [1, k], correct to an ulp.</summary>
    /// <exception cref="InvalidOperationException">All values are zero: the zero matrix has no stable rank.</exception>
    public double StableRank
    {
        get
        {
            RequireNonzero("no stable rank");
            double[] scaled = ScaledToBinade();
            CompensatedSum squares = CompensatedSum.OfSquares(scaled);
            CompensatedSum top = CompensatedSum.OfSquares(scaled.AsSpan(0, 1));
            // long division in two steps: the quotient of the leading parts, then of what it leaves over
            double quotient = squares.High / top.High;
            double rest = Math.FusedMultiplyAdd(-quotient, top.High, squares.High) + (squares.Low - quotient * top.Low);
            return quotient + rest / top.High;
        }
    }

    /// <summary>Participation rank p = (sum y_i)^2 / sum y_i^2, theory (1.2); r &lt;= p &lt;= k, to a few ulps.</summary>
    /// <exception cref="InvalidOperationException">All values are zero.</exception>
    public double ParticipationRank
    {
        get
        {
            double stableRank = StableRank;
            // the clamp takes away the last ulp by which rounding may leave the interval
            return Math.Clamp(stableRank * (stableRank / SumOfSquaredNormalisedSquares), stableRank, Count);
        }
    }

    /// <summary>Effective rank exp(-sum q_i log q_i), q_i = s_i / sum s, of Roy and Vetterli 2007, theory (1.3); in [1, k].</summary>
    /// <exception cref="InvalidOperationException">All values are zero.</exception>
    public double EffectiveRank
    {
        get
        {
            RequireNonzero("no effective rank");
            // with t = s / s1 and S = sum t: -sum q log q = log S - (sum t log t) / S, and every t log t has one sign
            var sum = new CompensatedSum();
            var entropy = new CompensatedSum();
            double top = _values[0];
            foreach (double value in _values)
            {
                double ratio = value / top;
                if (ratio > 0)
                {
                    sum.Add(ratio);
                    entropy.Add(ratio * -ElementaryFunctions.LogRatio(value, top));
                }
            }

            return Math.Clamp(sum.Value * Math.Exp(entropy.Value / sum.Value), 1, Count);
        }
    }

    /// <summary>sum y_i^2 with y_i = (s_i / s1)^2: what the fourth moment, theory (4.2), takes of a spectrum beside r; in [1, r].</summary>
    /// <exception cref="InvalidOperationException">All values are zero.</exception>
    public double SumOfSquaredNormalisedSquares
    {
        get
        {
            var sum = new CompensatedSum();
            foreach (double square in NormalisedSquares())
            {
                sum.Add(square * square);
            }

            return sum.Value;
        }
    }

    /// <summary>Numerical rank: how many singular values exceed the tolerance of the rule, theory (1.4). 0 for the zero spectrum.</summary>
    /// <param name="rows">m, the rows of the matrix.</param>
    /// <param name="columns">n, its columns; min(m, n) is <see cref="Count"/>.</param>
    /// <param name="rule">max(m, n) eps s1, or eps s1.</param>
    /// <param name="precision">The format that the matrix was computed in, which gives eps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the rule or the precision is none of its enum.</exception>
    /// <exception cref="ArgumentException">min(m, n) is not the number of values.</exception>
    public int NumericalRank(
        int rows,
        int columns,
        NumericalRankRule rule = NumericalRankRule.Lapack,
        FloatingPrecision precision = FloatingPrecision.Double)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (Math.Min(rows, columns) != Count)
        {
            throw new ArgumentException(
                $"A {rows} x {columns} matrix has {Math.Min(rows, columns)} singular values, but this spectrum has {Count}.", nameof(rows));
        }

        return NumericalRank(RelativeTolerance(rows, columns, rule, precision) * _values[0]);
    }

    /// <summary>The tolerance of a rule over s1: max(m, n) eps, or eps.</summary>
    internal static double RelativeTolerance(int rows, int columns, NumericalRankRule rule, FloatingPrecision precision)
    {
        double epsilon = precision switch
        {
            FloatingPrecision.Double => MachineEpsilon.Double,
            FloatingPrecision.Single => MachineEpsilon.Single,
            _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "The precision is Double or Single."),
        };
        return rule switch
        {
            NumericalRankRule.Lapack => Math.Max(rows, columns) * epsilon,
            NumericalRankRule.MachineEpsilon => epsilon,
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "The rule is Lapack or MachineEpsilon."),
        };
    }

    /// <summary>
    /// How many singular values exceed <paramref name="tolerance"/>, an absolute number in the unit of the values, theory (1.4).
    /// </summary>
    /// <param name="tolerance">Not negative, not NaN.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or NaN.</exception>
    public int NumericalRank(double tolerance)
    {
        if (double.IsNaN(tolerance) || tolerance < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(tolerance), tolerance, $"The tolerance must not be negative, but is {Text(tolerance)}.");
        }

        int count = 0;
        while (count < Count && _values[count] > tolerance)
        {
            count++;
        }

        return count;
    }

    /// <summary>
    /// Schatten-p stable rank (||W||_Sp / ||W||_2)^p = sum_i (s_i / s1)^p, theory (1.5), of Ipsen and Saibaba, arXiv 2407.21594; in [1, k].
    /// p = 2 gives <see cref="StableRank"/>, p = 1 the intrinsic dimension of a semidefinite matrix.
    /// </summary>
    /// <param name="p">Finite and above 0; below 1 the Schatten form is a quasi-norm.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is NaN, infinite, zero or negative.</exception>
    /// <exception cref="InvalidOperationException">All values are zero.</exception>
    public double SchattenStableRank(double p)
    {
        if (!double.IsFinite(p) || p <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, $"p must be finite and above 0, but is {Text(p)}.");
        }

        if (p == 2)
        {
            return StableRank;
        }

        RequireNonzero("no Schatten stable rank");
        // exp(p log(s / s1)), since a quotient's rounding error would be multiplied by p, however large
        var sum = new CompensatedSum();
        double top = _values[0];
        foreach (double value in _values)
        {
            sum.Add(p == 1 ? value / top : Math.Exp(p * ElementaryFunctions.LogRatio(value, top)));
        }

        return sum.Value;
    }

    /// <summary>The exponent of s1, so that s1 2^-e is in [1, 2); 0 for the zero spectrum.</summary>
    private int Exponent => _values[0] > 0 ? Math.ILogB(_values[0]) : 0;

    /// <summary>The values over the power of two next below s1: exact, but for those that are too small to matter.</summary>
    private double[] ScaledToBinade()
    {
        int exponent = Exponent;
        return Array.ConvertAll(_values, value => Math.ScaleB(value, -exponent));
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = new CompensatedSum();
        foreach (double value in values)
        {
            sum.Add(value);
        }

        return sum.Value;
    }

    private void RequireNonzero(string consequence)
    {
        if (_values[0] == 0)
        {
            throw new InvalidOperationException($"All {Count} singular values are zero: the zero matrix has {consequence}.");
        }
    }
}
