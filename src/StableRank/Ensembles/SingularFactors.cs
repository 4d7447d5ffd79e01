using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Ensembles;

/// <summary>
/// W = U diag(s) V^T from Haar factors that are held as reflectors. Only the q singular values above zero count: q reflectors a side.
/// </summary>
/// <remarks>
/// Two routes lead from reflectors to W. Applying those of both sides to the diagonal, the last first, takes
/// 8 (m n q - (m + n) q^2/2 + q^3/3) flops: 8/3 n^3 when all are n. Forming the thin factors (2 m q^2 - 2 q^3/3 and 2 n q^2 - 2 q^3/3) and
/// multiplying (2 m n q) needs fewer when q is below 0.63 n for squares, never when q = min(m, n).
/// </remarks>
internal static class SingularFactors
{
    /// <summary>Singular values above zero; they come first.</summary>
    internal static int Rank(Spectrum spectrum)
    {
        ReadOnlySpan<double> values = spectrum.AsSpan();
        int q = values.Length;
        while (q > 0 && values[q - 1] == 0)
        {
            q--;
        }

        return q;
    }

    /// <summary>
    /// s_i times an independent random sign: the product of the sign diagonals of U and of V, independent of all else, so that one diagonal
    /// serves both.
    /// </summary>
    internal static void DrawSigned<T>(Spectrum spectrum, Span<T> signed, RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!T.IsFinite(T.CreateTruncating(spectrum.SpectralNorm)))
        {
            throw new OverflowException($"The spectral norm {spectrum.SpectralNorm} exceeds the range of {typeof(T)}.");
        }

        stream.FillSigns(signed);
        ReadOnlySpan<double> values = spectrum.AsSpan();
        for (int i = 0; i < signed.Length; i++)
        {
            signed[i] *= T.CreateTruncating(values[i]);
        }
    }

    /// <summary>Draws W (m x n, packed). The spectrum is given; consumes q signs, then U's Gaussians, then V's.</summary>
    internal static void Sample<T>(int m, int n, Spectrum spectrum, Span<T> w, RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int q = Rank(spectrum);
        bool both = FormsBoth(m, n, q);
        using Rented<T> small = new(3 * q);
        using Rented<T> right = new(n * q);
        using Rented<T> left = new(both ? m * q : 0);
        Span<T> signed = small.Span[..q];
        Span<T> tauU = small.Span.Slice(q, q);
        Span<T> tauV = small.Span.Slice(2 * q, q);
        Span<T> u = both ? left.Span : w[..(m * q)];
        DrawSigned(spectrum, signed, stream);
        HaarReflectors.Draw(m, q, u, tauU, stream);
        HaarReflectors.Draw(n, q, right.Span, tauV, stream);
        Compose(m, n, q, u, tauU, signed, right.Span, tauV, w, both);
    }

    /// <summary>Whether forming both factors and multiplying them takes fewer flops.</summary>
    internal static bool FormsBoth(int m, int n, int q)
    {
        double product = 2.0 * m * n * q;
        double squares = 2.0 * q * q * (m + n);
        double cube = 4.0 / 3 * q * q * q;
        return product + squares - cube < (4 * product) - (2 * squares) + (2 * cube);
    }

    /// <summary>W from the reflectors. u is the first q columns of w itself unless both factors are formed.</summary>
    internal static void Compose<T>(
        int m, int n, int q, Span<T> u, ReadOnlySpan<T> tauU, ReadOnlySpan<T> signed, Span<T> v, ReadOnlySpan<T> tauV, Span<T> w, bool both)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (both)
        {
            Householder.FormScaledQ(m, q, u, tauU, signed);
            Householder.FormQ(n, q, q, v, n, tauV);
            Blas.Gemm<T>(Transpose.No, Transpose.Yes, m, n, q, T.One, u, m, v, n, T.Zero, w, m);
        }
        else
        {
            Householder.FormProduct(m, n, q, w, tauU, signed, v, tauV);
        }
    }
}
