using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Ensembles;

/// <summary>
/// A probability law on m x n weight matrices, rows = fan-out m, columns = fan-in n, h = W x. Immutable and safe for concurrent use.
/// </summary>
public abstract class Ensemble
{
    /// <summary>Sets the shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    protected Ensemble(int rows, int columns)
    {
        Rows = RequireSize(rows, nameof(rows));
        Columns = RequireSize(columns, nameof(columns));
    }

    /// <summary>Rows m: the fan-out.</summary>
    public int Rows { get; }

    /// <summary>Columns n: the fan-in.</summary>
    public int Columns { get; }

    /// <summary>The law's name: "stable-rank", "gaussian", "orthogonal".</summary>
    public abstract string Name { get; }

    /// <summary>What a matrix of this law does to a vector on average.</summary>
    public abstract EnsembleMoments Moments { get; }

    /// <summary>The gain alone of <see cref="Moments"/>: it needs no draws where the spectrum is random.</summary>
    internal virtual double Gain => Moments.Gain;

    /// <summary>Matrices U diag(s) V^T with Haar factors whose stable rank is the given one exactly, theory (2.1).</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <param name="stableRank">r, in the range that the family admits.</param>
    /// <param name="family">The shape of the spectrum; flat where none is given.</param>
    /// <param name="scale">The scale; spectral norm 1 where none is given.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the family does not admit the stable rank.</exception>
    public static StableRankEnsemble StableRank(
        int rows, int columns, double stableRank, SpectralFamily? family = null, ScaleConvention? scale = null) =>
        new(rows, columns, stableRank, family ?? SpectralFamily.Flat, scale ?? ScaleConvention.Spectral(1));

    /// <summary>Matrices U diag(s) V^T with Haar factors and these very singular values.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <param name="spectrum">At most min(m, n) values, the missing ones zero; not all zero.</param>
    /// <exception cref="ArgumentException">There are more values than min(m, n), or all are zero.</exception>
    public static StableRankEnsemble FromSpectrum(int rows, int columns, Spectrum spectrum) => new(rows, columns, spectrum);

    /// <summary>Independent centred Gaussian entries.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <param name="variance">The variance of an entry.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the variance is not positive and finite.</exception>
    public static GaussianEnsemble Gaussian(int rows, int columns, double variance = 1) => new(rows, columns, variance);

    /// <summary>Independent centred Gaussian entries of the convention's mean square: c/n for a variance-preserving one.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <param name="scale">Any convention but spectral: a Gaussian matrix's spectral norm is random.</param>
    /// <exception cref="ArgumentException">The convention fixes the spectral norm.</exception>
    public static GaussianEnsemble Gaussian(int rows, int columns, ScaleConvention scale)
    {
        ArgumentNullException.ThrowIfNull(scale);
        return new(rows, columns, scale.EntryVariance(RequireSize(rows, nameof(rows)), RequireSize(columns, nameof(columns)))
            ?? throw new ArgumentException(
                $"The scale '{scale}' fixes the spectral norm, which is random for a Gaussian matrix; "
                + "expected a Frobenius or a variance-preserving convention.",
                nameof(scale)));
    }

    /// <summary>He's Gaussian initialisation (arXiv 1502.01852): variance 2/((1 + a^2) n), for ReLU and leaky ReLU of slope a.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1: of a convolution in k k.</param>
    /// <param name="negativeSlope">a; 0 for ReLU.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the slope is not finite.</exception>
    public static GaussianEnsemble He(int rows, int columns, double negativeSlope = 0) =>
        Gaussian(rows, columns, ScaleConvention.LeakyReLU(negativeSlope));

    /// <summary>Xavier's Gaussian initialisation (Glorot and Bengio 2010): variance 2/(fan-in + fan-out).</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1: the fan-in, of a convolution in k k.</param>
    /// <param name="fanOut">The fan-out; m where it is left out. PyTorch counts out k k for a convolution.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static GaussianEnsemble Xavier(int rows, int columns, int? fanOut = null) =>
        new(rows, columns, 2.0 / (RequireSize(columns, nameof(columns)) + (double)RequireSize(fanOut ?? rows, nameof(fanOut))));

    /// <summary>LeCun's Gaussian initialisation (Efficient BackProp, 1998): variance 1/n.</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1: of a convolution in k k.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static GaussianEnsemble LeCun(int rows, int columns) => Gaussian(rows, columns, ScaleConvention.Linear);

    /// <summary>
    /// Orthonormal columns (m at least n) or rows (m below n), Haar distributed, times the spectral norm: min(m, n) equal singular values.
    /// </summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <param name="spectralNorm">The singular values.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the norm is not positive and finite.</exception>
    public static OrthogonalEnsemble Orthogonal(int rows, int columns, double spectralNorm = 1) => new(rows, columns, spectralNorm);

    /// <summary>
    /// Draws a matrix. It consumes the stream, so that a second call with it draws another; a fresh stream of the same name draws the same
    /// (to the last bit for a given backend, kind of processor and number of threads of the backend, to rounding errors otherwise).
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="stream">Where the random numbers come from.</param>
    /// <returns>A dense m x n matrix.</returns>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither, or an array cannot hold m n entries.</exception>
    /// <exception cref="OverflowException">The scale exceeds the range of <typeparamref name="T"/>.</exception>
    public Matrix<T> Sample<T>(RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RequirePrecision<T>();
        T[] elements = GC.AllocateUninitializedArray<T>(CountEntries());
        Sample<T>(elements, stream);
        return MatrixStorage.Dense(Rows, Columns, elements);
    }

    /// <summary>Draws a matrix into the first m n elements of a span, column after column; workspace comes from the shared pool.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="columnMajor">At least m n elements, overwritten; entry (i, j) at i + j m.</param>
    /// <param name="stream">As for the other overload, which gives the same matrix.</param>
    /// <exception cref="ArgumentException">The span is too short.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither, or an array cannot hold m n entries.</exception>
    /// <exception cref="OverflowException">The scale exceeds the range of <typeparamref name="T"/>.</exception>
    public void Sample<T>(Span<T> columnMajor, RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(stream);
        RequirePrecision<T>();
        int count = CountEntries();
        if (columnMajor.Length < count)
        {
            throw new ArgumentException(
                $"The span holds {columnMajor.Length} elements; expected at least {Rows} x {Columns} = {count}.", nameof(columnMajor));
        }

        Fill(columnMajor[..count], stream);
    }

    /// <inheritdoc cref="Name"/>
    public override string ToString() => FormattableString.Invariant($"{Name} {Rows} x {Columns}");

    /// <summary>Draws a matrix into a span of exactly m n elements, column after column.</summary>
    protected abstract void Fill<T>(Span<T> columnMajor, RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    private protected static void RequirePrecision<T>()
    {
        if (typeof(T) != typeof(double) && typeof(T) != typeof(float))
        {
            throw new NotSupportedException($"Ensembles are sampled in double and in float (single precision), not in {typeof(T)}.");
        }
    }

    private static int RequireSize(int size, string name) =>
        size >= 1 ? size : throw new ArgumentOutOfRangeException(name, size, $"The number of {name} must be at least 1.");

    private int CountEntries()
    {
        long count = (long)Rows * Columns;
        return count <= Array.MaxLength
            ? (int)count
            : throw new NotSupportedException($"A {Rows} x {Columns} matrix has {count} entries; an array holds {Array.MaxLength}.");
    }
}
