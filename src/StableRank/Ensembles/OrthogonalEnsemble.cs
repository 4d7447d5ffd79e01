using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Ensembles;

/// <summary>
/// Haar-distributed orthonormal columns (m at least n) or rows (m below n) times a scale. The law of (2.1) with a flat spectrum of stable
/// rank min(m, n), where one of the two Haar factors absorbs the other, at half the work.
/// </summary>
public sealed class OrthogonalEnsemble : Ensemble
{
    private const int Tile = 32;

    internal OrthogonalEnsemble(int rows, int columns, double spectralNorm)
        : base(rows, columns)
    {
        if (!double.IsFinite(spectralNorm) || spectralNorm <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(spectralNorm), spectralNorm, "The spectral norm must be positive and finite.");
        }

        SpectralNorm = spectralNorm;
    }

    /// <summary>The common value of the min(m, n) singular values.</summary>
    public double SpectralNorm { get; }

    /// <inheritdoc/>
    public override string Name => "orthogonal";

    /// <summary>Exact: theory (4.1) to (4.3) with y = 1; for m at least n the length of every vector is multiplied by the norm.</summary>
    public override EnsembleMoments Moments
    {
        get
        {
            double k = Math.Min(Rows, Columns);
            double n = Columns;
            double s2 = SpectralNorm * SpectralNorm;
            double log = Rows >= Columns
                ? 0
                : EnsembleMoments.ExpectedLogOfChiSquare(Rows) - EnsembleMoments.ExpectedLogOfChiSquare(Columns);
            return new EnsembleMoments(
                s2 * k / n, s2 * s2 * k * (k + 2) / (n * (n + 2)), (2 * Math.Log(SpectralNorm)) + log, s2 * k / Rows, k);
        }
    }

    /// <inheritdoc/>
    protected override void Fill<T>(Span<T> columnMajor, RandomStream stream)
    {
        if (!T.IsFinite(T.CreateTruncating(SpectralNorm)))
        {
            throw new OverflowException($"The spectral norm {SpectralNorm} exceeds the range of {typeof(T)}.");
        }

        if (Rows >= Columns)
        {
            FillTall(Rows, Columns, columnMajor, stream);
            return;
        }

        using Rented<T> tall = new(columnMajor.Length);
        FillTall(Columns, Rows, tall.Span, stream);
        Transposed(Columns, Rows, tall.Span, columnMajor);
    }

    private void FillTall<T>(int m, int n, Span<T> a, RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Rented<T> small = new(2 * n);
        Span<T> signs = small.Span[..n];
        Span<T> tau = small.Span.Slice(n, n);
        stream.FillSigns(signs);
        HaarReflectors.Draw(m, n, a, tau, stream);
        TensorPrimitives.Multiply(signs, T.CreateTruncating(SpectralNorm), signs);
        Householder.FormScaledQ<T>(m, n, a, tau, signs);
    }

    /// <summary>b = a^T, a being m x n, tile by tile so that both stay in cache.</summary>
    private static void Transposed<T>(int m, int n, ReadOnlySpan<T> a, Span<T> b)
        where T : unmanaged
    {
        for (int j0 = 0; j0 < n; j0 += Tile)
        {
            for (int i0 = 0; i0 < m; i0 += Tile)
            {
                for (int j = j0; j < Math.Min(n, j0 + Tile); j++)
                {
                    for (int i = i0; i < Math.Min(m, i0 + Tile); i++)
                    {
                        b[j + (i * n)] = a[i + (j * m)];
                    }
                }
            }
        }
    }
}
