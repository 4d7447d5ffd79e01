using System.Globalization;
using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// A family of spectra, theory section 2: for a shape and a stable rank, singular values of spectral norm 1 whose squares y_i = s_i^2 sum
/// to that stable rank. A family is immutable and safe for concurrent use.
/// </summary>
/// <remarks>
/// Families differ in the shape of the spectrum alone: at one stable rank, flat has the fewest singular values above zero and spike the
/// greatest entropy of y. What every family here holds to: min(m, n) values in non-increasing order, s_1 = 1 exactly, and a sum of
/// squares, taken over the stored values without rounding, within 4 ulps of the stable rank that was asked for, edges included.
/// </remarks>
public abstract class SpectralFamily
{
    /// <summary>For a family of one's own: override the abstract members.</summary>
    protected SpectralFamily()
    {
    }

    /// <summary>floor(r) ones, then sqrt(r - floor(r)), then zeros: the least algebraic rank. Any r in [1, k].</summary>
    public static SpectralFamily Flat { get; } = new FlatFamily();

    /// <summary>y_i = (r - 1)/(k - 1) for i &gt;= 2: the greatest entropy. Any r in [1, k].</summary>
    public static SpectralFamily Spike { get; } = new SpikeFamily();

    /// <summary>s_i = i^-a. Any r in [1, k].</summary>
    public static SpectralFamily PowerLaw { get; } = new PowerLawFamily();

    /// <summary>s_i = q^(i-1). Any r in [1, k].</summary>
    public static SpectralFamily Exponential { get; } = new ExponentialFamily();

    /// <summary>s_i = max(0, 1 - d (i - 1)). Any r in [1, k].</summary>
    public static SpectralFamily Linear { get; } = new LinearFamily();

    /// <summary>The quantiles of the Marchenko-Pastur law of the shape, tempered. Any r in [1, k].</summary>
    public static SpectralFamily MarchenkoPastur { get; } = new MarchenkoPasturFamily();

    /// <summary>Uniform on the slice of the squares: a draw for each matrix. Any r in [1, k].</summary>
    public static SpectralFamily Uniform { get; } = new UniformFamily();

    /// <summary>Uniform in the singular values: a draw for each matrix. Any r in [1, k].</summary>
    public static SpectralFamily UniformSingularValues { get; } = new UniformSingularValuesFamily();

    /// <summary>The spectrum of a Gaussian matrix given its stable rank: a draw for each matrix. Any r in [1, k].</summary>
    public static SpectralFamily GaussianConditioned { get; } = new GaussianConditionedFamily();

    /// <summary>The families that <see cref="Parse"/> knows.</summary>
    private static SpectralFamily[] Named =>
        [Flat, Spike, PowerLaw, Exponential, Linear, MarchenkoPastur, Uniform, UniformSingularValues, GaussianConditioned];

    /// <summary>The family's name, as <see cref="Parse"/> reads it where it can: "flat", "spike", "power-law", "exponential", ...</summary>
    public abstract string Name { get; }

    /// <summary>Whether every draw is random, and so needs a stream.</summary>
    public virtual bool IsRandom => false;

    /// <summary>s_i = (b_i / b_1)^t for a base spectrum b. See <see cref="TemperedFamily"/> for what r it admits.</summary>
    /// <param name="baseSpectrum">b, as many values as the matrices to come have, not all zero.</param>
    /// <exception cref="ArgumentNullException"><paramref name="baseSpectrum"/> is null.</exception>
    /// <exception cref="ArgumentException">All values of the base are zero.</exception>
    public static SpectralFamily Tempered(Spectrum baseSpectrum) => new TemperedFamily(baseSpectrum);

    /// <summary>These very values over the greatest of them: one stable rank, their own.</summary>
    /// <param name="values">As many values as the matrices to come have, not all zero.</param>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> is null.</exception>
    /// <exception cref="ArgumentException">All values are zero.</exception>
    public static SpectralFamily Given(Spectrum values) => new GivenFamily(values);

    /// <summary>
    /// The family of that name, upper or lower case: flat, spike, power-law, exponential, linear, tempered, uniform,
    /// uniform-singular-values, gaussian-conditioned. "tempered", having no base of its own in a name, is <see cref="MarchenkoPastur"/>.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ArgumentException">No family has that name: the message lists those there are.</exception>
    public static SpectralFamily Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Array.Find(Named, family => string.Equals(family.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"There is no spectral family '{name}'. Known: {string.Join(", ", Named.Select(family => family.Name))}.", nameof(name));
    }

    /// <summary>The stable ranks that the family can have for m x n matrices, both ends included.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="ArgumentException">The family has values of its own, and not min(m, n) of them.</exception>
    public abstract StableRankRange AdmittedRange(int rows, int columns);

    /// <summary>The spectrum of that stable rank: min(m, n) values, spectral norm 1.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <param name="stableRank">r, in <see cref="AdmittedRange"/>.</param>
    /// <param name="stream">Where random numbers come from; required when <see cref="IsRandom"/>, not read otherwise.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or r is not admitted: the message names the range.</exception>
    /// <exception cref="ArgumentNullException">The family is random and there is no stream.</exception>
    /// <exception cref="ArgumentException">The family has values of its own, and not min(m, n) of them.</exception>
    public Spectrum Draw(int rows, int columns, double stableRank, RandomStream? stream = null)
    {
        RequireAdmitted(rows, columns, stableRank);
        if (IsRandom && stream is null)
        {
            throw new ArgumentNullException(
                nameof(stream), $"The family '{Name}' draws its spectrum at random, so it needs a random stream, but none was given.");
        }

        return DrawAdmitted(rows, columns, stableRank, stream);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>
    /// Draws to average over, from streams of their own: not those that <see cref="Draw"/> makes of any stream. They need not be
    /// independent where that costs much, but follow the family's law.
    /// </summary>
    internal virtual IReadOnlyList<Spectrum> DrawSample(int rows, int columns, double stableRank, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Draw(rows, columns, stableRank, new RandomStream(0, replicate: (ulong)i)))];

    /// <summary>
    /// One spectrum of spectral norm 1 that stands for the draws of a random family: root mean squares of the order statistics over some
    /// draws, whose stable rank is the prescribed one.
    /// </summary>
    internal virtual Spectrum Typical(int rows, int columns, double stableRank)
    {
        const int Draws = 64;
        double[] squares = new double[Math.Min(rows, columns)];
        foreach (Spectrum drawn in DrawSample(rows, columns, stableRank, Draws))
        {
            for (int i = 0; i < squares.Length; i++)
            {
                squares[i] += drawn[i] / drawn.SpectralNorm * (drawn[i] / drawn.SpectralNorm) / Draws;
            }
        }

        return Spectrum.FromSingularValues(squares.Select(Math.Sqrt));
    }

    /// <summary>The guard of <see cref="Draw"/>.</summary>
    internal void RequireAdmitted(int rows, int columns, double stableRank)
    {
        RequireShape(rows, columns);
        StableRankRange range = AdmittedRange(rows, columns);
        if (!Admits(range, stableRank))
        {
            string value = stableRank.ToString("R", CultureInfo.InvariantCulture);
            throw new ArgumentOutOfRangeException(
                nameof(stableRank),
                stableRank,
                $"The family '{Name}' admits stable ranks in {range} for a {rows} x {columns} matrix, but {value} was asked for.");
        }
    }

    /// <summary>The spectrum itself. Called only with a shape of positive sizes, an admitted r, and a stream where one is needed.</summary>
    /// <param name="rows">m.</param>
    /// <param name="columns">n.</param>
    /// <param name="stableRank">r.</param>
    /// <param name="stream">Not null when <see cref="IsRandom"/>.</param>
    /// <returns>min(m, n) values, the greatest of them 1.</returns>
    protected abstract Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream);

    /// <summary>Whether r is close enough to be drawn: in the range, unless a family of a single stable rank allows for rounding.</summary>
    private protected virtual bool Admits(StableRankRange range, double stableRank) => range.Contains(stableRank);

    /// <summary>[1, k], which most families admit.</summary>
    private protected static StableRankRange WholeRange(int rows, int columns)
    {
        RequireShape(rows, columns);
        return new StableRankRange(1, Math.Min(rows, columns));
    }

    private protected static void RequireShape(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
    }

    /// <summary>For a family with values of its own.</summary>
    private protected static void RequireCount(Spectrum values, int rows, int columns)
    {
        RequireShape(rows, columns);
        if (values.Count != Math.Min(rows, columns))
        {
            throw new ArgumentException(
                $"A {rows} x {columns} matrix has {Math.Min(rows, columns)} singular values, but the spectrum given to the family has "
                + $"{values.Count}.", nameof(rows));
        }
    }
}
