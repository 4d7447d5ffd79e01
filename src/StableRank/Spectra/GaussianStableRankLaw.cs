using System.Collections.Concurrent;
using StableRank.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// The law of the stable rank of a Gaussian m x n matrix, which is the probability of the condition in
/// <see cref="GaussianConditionedLaw"/>: by Monte Carlo near its mean, by the energy of the log-gas far from it.
/// </summary>
/// <remarks>
/// <para>Draws come from the bidiagonal model of Dumitriu and Edelman (2002): a Gaussian matrix has the singular values of the k x k lower
/// bidiagonal matrix of independent chi variables, chi_M, ..., chi_(M-k+1) on the diagonal and chi_(k-1), ..., chi_1 below it, M = max(m,
/// n). So a draw costs O(k): the Frobenius norm is a sum, the spectral norm a bisection on Sturm's count. Exact at every size.</para>
/// <para>Integrating the joint density of the eigenvalues over their scale leaves the density of the stable rank as r^(-mn/2) Z(r), Z(r)
/// the integral of (3.1) over its slice. In the limit d log Z/dr is the force that holds the sum of the charges, so that -d/dr log density
/// = mn/(2r) - force above the typical value: for squares and f = r/k, k^2 times (1 - 4f)^2/(2f) df up to f = 3/4 and 1/(2f(1 - f)) df
/// beyond. Below it that vanishes, and one value is pulled out of the bulk at a cost of order k instead: (M/2) times the integral of
/// sqrt((x - x_-)(x - x_+))/x from the edge x_+ to the outlier, x_-, x_+ = (1 -+ sqrt(k/M))^2.</para>
/// </remarks>
public sealed class GaussianStableRankLaw
{
    private const int MostDraws = 4000;
    private const int FewestDraws = 400;
    private const double WorkBudget = 4e6;      // draws times k: about a second on one thread
    private const int Intervals = 32;

    private static readonly ConcurrentDictionary<(int Small, int Large), GaussianStableRankLaw> Known = new();

    private GaussianStableRankLaw(int rows, int columns, int draws, ulong seed)
    {
        Rows = rows;
        Columns = columns;
        Draws = draws;
        double[] values = Sample(draws, seed);
        Mean = values.Average();
        double squares = values.Sum(x => (x - Mean) * (x - Mean));
        StandardDeviation = Math.Sqrt(squares / (draws - 1));
        MeanStandardError = StandardDeviation / Math.Sqrt(draws);
        double fourth = values.Sum(x => Math.Pow(x - Mean, 4)) / draws;
        double variance = squares / draws;
        StandardDeviationStandardError = variance > 0
            ? Math.Sqrt(Math.Max(fourth - (variance * variance), 0) / draws) / (2 * Math.Sqrt(variance))
            : 0;
    }

    /// <summary>m.</summary>
    public int Rows { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    /// <summary>Draws behind the moments.</summary>
    public int Draws { get; }

    /// <summary>E sr(W), by Monte Carlo.</summary>
    public double Mean { get; }

    /// <summary>Standard error of <see cref="Mean"/>.</summary>
    public double MeanStandardError { get; }

    /// <summary>The standard deviation of sr(W), by Monte Carlo; 0 where k = 1, whose stable rank is always 1.</summary>
    public double StandardDeviation { get; }

    /// <summary>Standard error of <see cref="StandardDeviation"/>, from the fourth moment.</summary>
    public double StandardDeviationStandardError { get; }

    private int Small => Math.Min(Rows, Columns);

    private int Large => Math.Max(Rows, Columns);

    /// <summary>
    /// The law of a shape, computed once for each shape from a fixed seed with 400 to 4000 draws, fewer for larger shapes; m and n may be
    /// exchanged.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static GaussianStableRankLaw Of(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        return Known.GetOrAdd((Math.Min(rows, columns), Math.Max(rows, columns)), shape => new GaussianStableRankLaw(
            shape.Large, shape.Small, (int)Math.Clamp(WorkBudget / shape.Small, FewestDraws, MostDraws), seed: 0));
    }

    /// <summary>The law of a shape with as many draws and the seed as given.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <param name="draws">At least 2.</param>
    /// <param name="seed">Draw i is from the stream (seed, replicate i).</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or there are fewer than 2 draws.</exception>
    public static GaussianStableRankLaw Of(int rows, int columns, int draws, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 2);
        return new GaussianStableRankLaw(rows, columns, draws, seed);
    }

    /// <summary>Stable ranks of independent Gaussian matrices of the shape, in parallel; draw i depends on (seed, i) alone.</summary>
    /// <param name="draws">At least 0.</param>
    /// <param name="seed">Draw i is from the stream (seed, replicate i).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="draws"/> is negative.</exception>
    public double[] Sample(int draws, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(draws);
        double[] values = new double[draws];
        PieceLoop.Run(
            draws, Backend.Threads, singleThreaded: true, CancellationToken.None,
            () => i => values[i] = BidiagonalModel.StableRank(Small, Large, new RandomStream(seed, replicate: (ulong)i)));
        return values;
    }

    /// <summary>(r - mean)/(standard deviation): how unusual that stable rank would be in a Gaussian matrix.</summary>
    /// <returns>NaN where the standard deviation is 0.</returns>
    public double ZScore(double stableRank) => StandardDeviation > 0 ? (stableRank - Mean) / StandardDeviation : double.NaN;

    /// <summary>The phase of (3.3) that a matrix of that stable rank would be in, were it Gaussian but for that.</summary>
    /// <returns>Null at the ends, r = 1 and r = k, which have one spectrum only.</returns>
    /// <exception cref="ArgumentOutOfRangeException">r is outside [1, k].</exception>
    public ConditionedPhase? Phase(double stableRank)
    {
        RequireStableRank(stableRank);
        if (stableRank == 1 || stableRank == Small)
        {
            return null;
        }

        if (Rows != Columns)
        {
            return stableRank < GaussianStableRank.Typical(Rows, Columns) ? ConditionedPhase.Pulled : ConditionedPhase.Gapped;
        }

        double f = (stableRank - 1) / (Small - 1);
        return f < 0.25 ? ConditionedPhase.Pulled : f <= 0.75 ? ConditionedPhase.Squeezed : ConditionedPhase.Gapped;
    }

    /// <summary>
    /// d/dr of the log of the probability density of the stable rank, exact at every size and as far from the mean as one likes:
    /// -mn/(2r) + d log Z/dr, the second by chains of the conditioned law.
    /// </summary>
    /// <param name="stableRank">r in (1, k), k at least 3.</param>
    /// <param name="draws">Draws of each of four chains, at least 4.</param>
    /// <param name="seed">The chains' seed.</param>
    /// <returns>The slope with its standard error and diagnostics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">r is not inside (1, k), or k is below 3.</exception>
    public ChainDiagnostic LogDensitySlope(double stableRank, int draws, ulong seed)
    {
        var law = new GaussianConditionedLaw(Rows, Columns, stableRank);
        if (law.IsDeterministic)
        {
            throw new ArgumentOutOfRangeException(
                nameof(stableRank), stableRank, $"The slope needs k of at least 3 and a stable rank strictly between 1 and {Small}.");
        }

        ChainDiagnostic force = law.Sample(draws, seed).Diagnostics.Single(d => d.Statistic == GaussianConditionedSample.Force);
        return force with { Statistic = "d log density/dr", Mean = force.Mean - (0.5 * Rows * Columns / stableRank) };
    }

    /// <summary>
    /// -log of the probability density of the stable rank at r, less its value at the typical stable rank, to leading order in the size: of
    /// order k^2 above the typical value, of order k below it, natural logarithm. Corrections are of the next order, of relative size 1/k
    /// above and 1/r below; <see cref="LogDensitySlope"/> has none.
    /// </summary>
    /// <param name="stableRank">r in (1, k).</param>
    /// <exception cref="ArgumentOutOfRangeException">r is outside (1, k).</exception>
    public double LargeDeviationRate(double stableRank)
    {
        RequireStableRank(stableRank);
        if (stableRank == 1 || stableRank == Small)
        {
            throw new ArgumentOutOfRangeException(
                nameof(stableRank), stableRank,
                $"The rate is infinite at the ends; expected a stable rank strictly between 1 and {Small}.");
        }

        double root = 1 + Math.Sqrt((double)Small / Large);
        double typical = Small / (root * root);
        return stableRank < typical ? PullingCost(stableRank) : PressingCost(typical, stableRank);
    }

    /// <summary>The cost of one value above the bulk's edge.</summary>
    private double PullingCost(double stableRank)
    {
        double root = Math.Sqrt((double)Small / Large);
        double lower = (1 - root) * (1 - root);
        double upper = (1 + root) * (1 + root);
        double outlier = Small / stableRank;        // the trace k over the greatest value is r, in units of M

        // x = upper + t^2 takes the root singularity away; Simpson's rule
        double length = Math.Sqrt(Math.Max(outlier - upper, 0));
        double sum = Simpson(0, length, t =>
        {
            double x = upper + (t * t);
            return 2 * t * Math.Sqrt((x - lower) * t * t) / x;
        });
        return 0.5 * Large * sum;
    }

    /// <summary>The integral of mn/(2u) - force from the typical value to r.</summary>
    private double PressingCost(double typical, double stableRank)
    {
        if (Rows == Columns)
        {
            double f = stableRank / Small;
            double bend = Math.Min(f, 0.75);
            double cost = (0.5 * Math.Log(4 * bend)) - (4 * bend) + (4 * bend * bend) + 0.75;
            if (f > 0.75)
            {
                cost += 0.5 * (Math.Log(f / (1 - f)) - Math.Log(3));
            }

            return cost * Small * Small;
        }

        return Simpson(
            typical, stableRank, u => (0.5 * Rows * Columns / u) - new GaussianConditionedLimit(Rows, Columns, u).Force);
    }

    private static double Simpson(double from, double to, Func<double, double> f)
    {
        double step = (to - from) / Intervals;
        double sum = f(from) + f(to);
        for (int i = 1; i < Intervals; i++)
        {
            sum += (i % 2 == 1 ? 4 : 2) * f(from + (i * step));
        }

        return sum * step / 3;
    }

    private void RequireStableRank(double stableRank)
    {
        if (!(stableRank >= 1 && stableRank <= Small))
        {
            throw new ArgumentOutOfRangeException(
                nameof(stableRank),
                stableRank,
                $"A {Rows} x {Columns} matrix has stable ranks in [1, {Small}], but {stableRank:R} was given.");
        }
    }
}
