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
/// Two routes lead from reflectors to W. Forming the thin U (2 m q^2 - 2 q^3/3 flops), scaling its columns and applying V's reflectors to
/// them from the right (4 m n q - 2 m q^2) is best for q near min(m, n): 10/3 n^3 flops when all are n. Forming V as well
/// (2 n q^2 - 2 q^3/3) and multiplying (2 m n q) needs fewer when q is below 0.55 n for squares, never when q = min(m, n).
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

    /// <summary>Whether forming both factors and multiplying takes fewer flops than applying V's reflectors.</summary>
    internal static bool FormsBoth(int m, int n, int q) =>
        (2.0 * n * q * q) - (2.0 / 3 * q * q * q) + (2.0 * m * n * q) < (4.0 * m * n * q) - (2.0 * m * q * q);

    /// <summary>W from the reflectors. u becomes the thin factor; it is the first q columns of w itself unless both are formed.</summary>
    internal static void Compose<T>(
        int m, int n, int q, Span<T> u, ReadOnlySpan<T> tauU, ReadOnlySpan<T> signed, Span<T> v, ReadOnlySpan<T> tauV, Span<T> w, bool both)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Householder.FormQ(m, q, q, u, m, tauU);
        for (int i = 0; i < q; i++)
        {
            Span<T> column = u.Slice(i * m, m);
            TensorPrimitives.Multiply(column, signed[i], column);
        }

        if (both)
        {
            Householder.FormQ(n, q, q, v, n, tauV);
            Blas.Gemm<T>(Transpose.No, Transpose.Yes, m, n, q, T.One, u, m, v, n, T.Zero, w, m);
        }
        else
        {
            w[(m * q)..].Clear();
            Householder.ApplyQ<T>(Side.Right, Transpose.Yes, m, n, q, v, n, tauV, w, m);
        }
    }
}
