using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <summary>
/// A proof that a spectral norm does not exceed a bound b, without singular values: b^2 I - A'A is positive definite exactly when
/// ||A||_2 &lt; b, and a Cholesky factorisation decides that, for half a product and a third of one.
/// </summary>
/// <remarks>
/// Rounding in the product and in the factorisation moves b^2 by <see cref="Rounding"/> of itself or so; power and Lanczos iterations give
/// lower bounds alone, so this is what makes "the greatest" of a computed triple more than a guess.
/// </remarks>
internal static unsafe class SpectralCertificate
{
    /// <summary>8 max(m, n) eps: some ten times what rounding does to s_1^2 in A'A and in the factorisation.</summary>
    internal static double Rounding(int m, int n) => 8.0 * Math.Max(m, n) / (1L << 52);

    /// <summary>The Gram matrix of the smaller side: A'A or A A', k x k.</summary>
    internal static void Gram(ReadOnlySpan<double> a, int m, int n, Span<double> gram)
    {
        int k = Math.Min(m, n);
        Blas.Syrk(m >= n ? Transpose.Yes : Transpose.No, k, Math.Max(m, n), 1, a, m, 0, gram, k);
    }

    /// <summary>Whether ||A||_2 is below the root of <paramref name="boundSquared"/>.</summary>
    /// <param name="gram">k x k.</param>
    /// <param name="k">Its order.</param>
    /// <param name="boundSquared">b^2.</param>
    /// <param name="work">k x k, overwritten.</param>
    internal static bool NormIsBelow(ReadOnlySpan<double> gram, int k, double boundSquared, Span<double> work)
    {
        System.Numerics.Tensors.TensorPrimitives.Negate(gram[..(k * k)], work);
        for (int i = 0; i < k; i++)
        {
            work[i + i * k] += boundSquared;
            if (!(work[i + i * k] > 0))
            {
                return false;
            }
        }

        fixed (double* p = work)
        {
            return Kernels<double>.Current.Potrf(k, p, k) == 0;
        }
    }
}
