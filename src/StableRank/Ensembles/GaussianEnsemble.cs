using System.Numerics;
using System.Numerics.Tensors;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Ensembles;

/// <summary>Independent centred Gaussian entries of one variance: the classical initialisation, for comparison.</summary>
public sealed class GaussianEnsemble : Ensemble
{
    internal GaussianEnsemble(int rows, int columns, double variance)
        : base(rows, columns)
    {
        if (!double.IsFinite(variance) || variance <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(variance), variance, "The variance of an entry must be positive and finite.");
        }

        Variance = variance;
    }

    /// <summary>The variance of an entry.</summary>
    public double Variance { get; }

    /// <inheritdoc/>
    public override string Name => "gaussian";

    /// <summary>Exact: ||W x||^2 is the variance times ||x||^2 times chi-square of m degrees of freedom, whatever x.</summary>
    public override EnsembleMoments Moments
    {
        get
        {
            double m = Rows;
            double n = Columns;
            return new EnsembleMoments(
                Variance * m,
                Variance * Variance * m * (m + 2),
                Math.Log(Variance) + EnsembleMoments.ExpectedLogOfChiSquare(Rows),
                Variance * n,
                ((m * n) + 2) / (m + n + 1));
        }
    }

    /// <summary>
    /// This law given that the stable rank is r: Haar singular vectors, the spectrum's shape by theory (3.1), and the Frobenius norm as it
    /// was, since it is independent of the shape.
    /// </summary>
    /// <param name="stableRank">r, in [1, k].</param>
    /// <exception cref="ArgumentOutOfRangeException">r is outside [1, k].</exception>
    public StableRankEnsemble ConditionedOnStableRank(double stableRank) =>
        StableRank(Rows, Columns, stableRank, SpectralFamily.GaussianConditioned, ScaleConvention.GaussianNorm(Variance));

    /// <inheritdoc/>
    protected override void Fill<T>(Span<T> columnMajor, RandomStream stream)
    {
        T deviation = T.CreateTruncating(Math.Sqrt(Variance));
        if (!T.IsFinite(deviation))
        {
            throw new OverflowException($"The standard deviation {Math.Sqrt(Variance)} exceeds the range of {typeof(T)}.");
        }

        stream.FillGaussian(columnMajor);
        TensorPrimitives.Multiply(columnMajor, deviation, columnMajor);
    }
}
