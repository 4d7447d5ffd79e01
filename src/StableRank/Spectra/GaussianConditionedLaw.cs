using StableRank.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// The law of the spectrum of a Gaussian m x n matrix given its stable rank, theory (3.1): y_1 = 1 and (y_2, ..., y_k) on the slice
/// { (0, 1)^(k-1), sum = r - 1 } with density proportional to prod y_i^((|m-n|-1)/2) prod_{i &lt; j} |y_i - y_j|. The scale of the Gaussian
/// plays no part.
/// </summary>
/// <remarks>
/// Sampled by Markov chains that leave this law invariant exactly, with slice moves along pairs and along collective directions; what is
/// approximate is only how far from its start a chain has come, and <see cref="Sample"/> reports that. Immutable and safe for concurrent
/// use.
/// </remarks>
public sealed class GaussianConditionedLaw
{
    private const int Modes = 8;

    private readonly GaussianConditionedLimit? _limit;
    private readonly double[] _start = [];

    /// <summary>The law for that shape and stable rank.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <param name="stableRank">r, in [1, k]; at the ends the spectrum is not random.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or r is outside [1, k].</exception>
    public GaussianConditionedLaw(int rows, int columns, double stableRank)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        int k = Math.Min(rows, columns);
        if (!(stableRank >= 1 && stableRank <= k))
        {
            throw new ArgumentOutOfRangeException(
                nameof(stableRank),
                stableRank,
                $"A {rows} x {columns} matrix has stable ranks in [1, {k}], but {stableRank:R} was asked for.");
        }

        Rows = rows;
        Columns = columns;
        StableRank = stableRank;
        if (!IsDeterministic)
        {
            _limit = new GaussianConditionedLimit(rows, columns, stableRank);
            _start = WithSum(_limit.Quantiles(k - 1), stableRank - 1);
        }
    }

    /// <summary>m.</summary>
    public int Rows { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    /// <summary>r.</summary>
    public double StableRank { get; }

    /// <summary>Whether one spectrum only has that stable rank: r = 1, r = k or k at most 2.</summary>
    public bool IsDeterministic => Math.Min(Rows, Columns) <= 2 || StableRank == 1 || StableRank == Math.Min(Rows, Columns);

    /// <summary>The exponent of y_i: (|m - n| - 1)/2.</summary>
    public double Exponent => 0.5 * (Math.Abs(Rows - Columns) - 1);

    /// <summary>The limit of the law as the shape grows, theory (3.3).</summary>
    /// <exception cref="InvalidOperationException">The law is deterministic and has no limit density.</exception>
    public GaussianConditionedLimit Limit => _limit
        ?? throw new InvalidOperationException($"At stable rank {StableRank} a {Rows} x {Columns} matrix has one spectrum only.");

    /// <summary>
    /// Sweeps after which a chain that starts at the limit's quantiles is taken for a draw, and between two draws that are taken for
    /// independent: several times the longest integrated autocorrelation time that was measured, which grows slowly with k.
    /// </summary>
    public int IndependentSweeps => 64 + (int)(4 * Math.Sqrt(Math.Min(Rows, Columns)));

    /// <summary>One draw: a chain of <see cref="IndependentSweeps"/> sweeps from the limit's quantiles.</summary>
    /// <param name="stream">The chain's random numbers.</param>
    /// <returns>min(m, n) values, the greatest 1, of that stable rank to 4 ulps.</returns>
    public Spectrum Draw(RandomStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (IsDeterministic)
        {
            return Only();
        }

        LogGasChain chain = Chain(_start, stream);
        Run(chain, IndependentSweeps);
        return ToSpectrum(chain);
    }

    /// <summary>
    /// Draws by several chains with their diagnostics. The chains begin at draws of the uniform law on the slice, far more dispersed than
    /// the law itself, so that their agreement means something; they run in parallel, each on its own stream, and the result does not
    /// depend on how.
    /// </summary>
    /// <param name="draws">Draws kept of each chain, at least 4.</param>
    /// <param name="seed">Chain c uses the streams (seed, c).</param>
    /// <param name="chains">At least 2.</param>
    /// <param name="burnIn">Sweeps before the first draw; null: four times <see cref="IndependentSweeps"/>.</param>
    /// <param name="thinning">Sweeps from one draw to the next; null: an eighth of <see cref="IndependentSweeps"/>.</param>
    /// <param name="cancellation">Stops the chains between sweeps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is too small.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public GaussianConditionedSample Sample(
        int draws, ulong seed, int chains = 4, int? burnIn = null, int? thinning = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(chains, 2);
        int before = burnIn ?? 4 * IndependentSweeps;
        int between = thinning ?? Math.Max(1, IndependentSweeps / 8);
        ArgumentOutOfRangeException.ThrowIfNegative(before, nameof(burnIn));
        ArgumentOutOfRangeException.ThrowIfLessThan(between, 1, nameof(thinning));
        if (IsDeterministic)
        {
            return GaussianConditionedSample.Of(
                [.. Enumerable.Repeat(Enumerable.Repeat(Only(), draws).ToArray(), chains)], Exponent, before, between, 0, 0, 0);
        }

        var spectra = new Spectrum[chains][];
        long evaluations = 0;
        long moves = 0;
        long idle = 0;
        PieceLoop.Run(chains, Backend.Threads, singleThreaded: true, cancellation, () => c =>
        {
            var stream = new RandomStream(seed, replicate: (ulong)c);
            LogGasChain chain = Chain(DispersedStart(stream), stream);
            Run(chain, before, cancellation);
            spectra[c] = new Spectrum[draws];
            for (int draw = 0; draw < draws; draw++)
            {
                Run(chain, between, cancellation);
                spectra[c][draw] = ToSpectrum(chain);
            }

            Interlocked.Add(ref evaluations, chain.Evaluations);
            Interlocked.Add(ref moves, chain.Moves);
            Interlocked.Add(ref idle, chain.Idle);
        });
        return GaussianConditionedSample.Of(spectra, Exponent, before, between, moves, evaluations, idle);
    }

    /// <summary>The midpoint quantiles of <see cref="Limit"/>, moved to the prescribed sum, beside y_1 = 1.</summary>
    internal Spectrum Typical() => IsDeterministic ? Only() : RandomSquares.ToSpectrum([.. _start], StableRank);

    private static void Run(LogGasChain chain, int sweeps, CancellationToken cancellation = default)
    {
        for (int sweep = 0; sweep < sweeps; sweep++)
        {
            cancellation.ThrowIfCancellationRequested();
            chain.Sweep();
        }
    }

    private LogGasChain Chain(double[] start, RandomStream stream) => new(start, _start, Exponent, Modes, stream);

    private double[] DispersedStart(RandomStream stream)
    {
        double[] start = new double[_start.Length];
        new UniformSlice(start.Length, StableRank - 1).Draw(start, stream.With(purpose: 1));
        Array.Sort(start);
        return start;
    }

    private Spectrum ToSpectrum(LogGasChain chain) => RandomSquares.ToSpectrum(chain.State.ToArray(), StableRank);

    private Spectrum Only() => SpectralFamily.Flat.Draw(Rows, Columns, StableRank);

    /// <summary>y^p with p such that the sum is right: increasing values in (0, 1) stay so.</summary>
    private static double[] WithSum(double[] y, double sum)
    {
        double low = -20;
        double high = 20;
        double[] powers = new double[y.Length];
        for (int step = 0; step < 80; step++)
        {
            double middle = 0.5 * (low + high);
            double exponent = Math.Exp(middle);
            double total = 0;
            for (int i = 0; i < y.Length; i++)
            {
                powers[i] = Math.Pow(y[i], exponent);
                total += powers[i];
            }

            (low, high) = total > sum ? (middle, high) : (low, middle);
        }

        return powers;
    }
}
