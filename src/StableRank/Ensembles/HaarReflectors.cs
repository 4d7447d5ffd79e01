using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Ensembles;

/// <summary>
/// Stewart's factored Haar matrices (SIAM J. Numer. Anal. 17, 1980): Q = H_1 ... H_q D, where H_i reflects a Gaussian vector of length
/// m - i + 1 onto an axis and D is a diagonal of independent random signs, has the law of the first q columns of a Haar matrix of O(m).
/// That is the QR factorisation of a Gaussian matrix without the factorisation. D is needed: without it Q_11 &lt; 0 always.
/// </summary>
internal static class HaarReflectors
{
    /// <summary>Gaussians from which threads share them: a quarter of a millisecond of one thread.</summary>
    private const long SharedGaussians = 1 << 16;

    /// <summary>Pieces that threads share; the last columns are short.</summary>
    private const int SharedPieces = 32;

    /// <summary>Draws H_1 ... H_q in the storage of LAPACK's dgeqrf, with the ones of the diagonal stored and zeros above them.</summary>
    /// <param name="m">Order of Q.</param>
    /// <param name="q">Reflectors, at most m.</param>
    /// <param name="a">m x q, column-major, packed.</param>
    /// <param name="tau">The q scales 2/(v'v).</param>
    /// <param name="stream">Consumes m + (m - 1) + ... + (m - q + 1) Gaussians.</param>
    internal static void Draw<T>(int m, int q, Span<T> a, Span<T> tau, RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Backend.ThreadsHere > 1 && Before(m, q) >= SharedGaussians)
        {
            Share(m, q, a, tau, stream);
        }
        else
        {
            DrawColumns(m, 0, q, a, tau, stream);
        }
    }

    /// <summary>Gaussians of the columns before column i.</summary>
    private static long Before(int m, int i) => ((long)m * i) - ((long)i * (i - 1) / 2);

    private static void DrawColumns<T>(int m, int first, int end, Span<T> a, Span<T> tau, RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = first; i < end; i++)
        {
            Span<T> column = a.Slice(i * m, m);
            column[..i].Clear();
            Span<T> x = column[i..];
            stream.FillGaussian(x);
            tau[i] = MakeReflector(x);
        }
    }

    /// <summary>The same numbers on several threads: each goes to the place in the stream where the columns that it draws begin.</summary>
    private static unsafe void Share<T>(int m, int q, Span<T> a, Span<T> tau, RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int aLength = a.Length;
        int tauLength = tau.Length;
        int pieces = Math.Min(q, SharedPieces);
        fixed (T* pa = a, pt = tau)
        {
            (nint addressA, nint addressTau) = ((nint)pa, (nint)pt);
            PieceLoop.Run(pieces, Math.Min(pieces, Backend.Threads), true, CancellationToken.None, () =>
            {
                // a worker's pieces come in order
                RandomStream fork = stream.ForkGaussians();
                long place = 0;
                return piece =>
                {
                    int first = (int)(piece * q / pieces);
                    int end = (int)((piece + 1) * q / pieces);
                    fork.SkipGaussians(Before(m, first) - place);
                    DrawColumns(
                        m, first, end, new Span<T>((void*)addressA, aLength), new Span<T>((void*)addressTau, tauLength), fork);
                    place = Before(m, end);
                };
            });
        }

        stream.SkipGaussians(Before(m, q));
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
