using System.Numerics;
using System.Numerics.Tensors;
using StableRank.Randomness;

namespace StableRank.Ensembles;

/// <summary>
/// Stewart's factored Haar matrices (SIAM J. Numer. Anal. 17, 1980): Q = H_1 ... H_q D, where H_i reflects a Gaussian vector of length
/// m - i + 1 onto an axis and D is a diagonal of independent random signs, has the law of the first q columns of a Haar matrix of O(m).
/// That is the QR factorisation of a Gaussian matrix without the factorisation. D is needed: without it Q_11 &lt; 0 always.
/// </summary>
internal static class HaarReflectors
{
    /// <summary>Draws H_1 ... H_q in the storage of LAPACK's dgeqrf, with the ones of the diagonal stored and zeros above them.</summary>
    /// <param name="m">Order of Q.</param>
    /// <param name="q">Reflectors, at most m.</param>
    /// <param name="a">m x q, column-major, packed.</param>
    /// <param name="tau">The q scales 2/(v'v).</param>
    /// <param name="stream">Consumes m + (m - 1) + ... + (m - q + 1) Gaussians.</param>
    internal static void Draw<T>(int m, int q, Span<T> a, Span<T> tau, RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < q; i++)
        {
            Span<T> column = a.Slice(i * m, m);
            column[..i].Clear();
            Span<T> x = column[i..];
            stream.FillGaussian(x);
            tau[i] = MakeReflector(x);
        }
    }

    /// <summary>x becomes v = (x + sign(x_1) ||x|| e_1) scaled to v_1 = 1; returns tau, of v as rounded, so that H is orthogonal.</summary>
    private static T MakeReflector<T>(Span<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T norm = T.Sqrt(TensorPrimitives.SumOfSquares<T>(x));

        // In one dimension there is no direction to turn: Haar measure of O(1) is the sign alone, and that is D's part.
        if (x.Length == 1 || norm == T.Zero)
        {
            x.Clear();
            x[0] = T.One;
            return T.Zero;
        }

        T pivot = x[0] + T.CopySign(norm, x[0]);
        TensorPrimitives.Divide(x, pivot, x);
        x[0] = T.One;
        return (T.One + T.One) / TensorPrimitives.SumOfSquares<T>(x);
    }
}
