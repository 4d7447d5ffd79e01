using System.Numerics;
using System.Runtime.CompilerServices;
using StableRank.LinearAlgebra.Managed;

namespace StableRank.LinearAlgebra;

/// <summary>
/// Second stage of singular values alone: an upper band matrix becomes bidiagonal. Row by row, a reflector of length b from the right
/// annihilates what lies beyond the first superdiagonal, one from the left the first column of what that fills in below the diagonal,
/// and so on, b columns further each time, to the end of the matrix (Lang 1996; Haidar, Ltaief, Luszczek and Dongarra 2012).
/// Some 8 n^2 b operations on blocks of b x b, in cache.
/// </summary>
internal static unsafe class BandBidiagonalisation
{
    /// <summary>Vectors that are worked on together: b is a multiple of so many elements.</summary>
    private const int Unroll = 4;

    /// <summary>What b must be a multiple of.</summary>
    public static int Granule<T>()
        where T : unmanaged => Unroll * Vector<T>.Count;

    /// <summary>Overwrites the band, whose diagonal and first superdiagonal go to d (n elements) and e (n - 1).</summary>
    public static void Reduce<T>(UpperBand<T> band, T* d, T* e)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var n = band.Order;
        using Rented<T> vector = new(band.Width);
        fixed (T* v = vector.Array)
        {
            for (var sweep = 0; sweep < n - 2; sweep++)
            {
                for (var step = 0; sweep + 1 + (step * band.Width) < n; step++)
                {
                    Chase(band, sweep, step, v);
                }
            }
        }

        for (var i = 0; i < n; i++)
        {
            d[i] = band[i, i];
            if (i < n - 1)
            {
                e[i] = band[i, i + 1];
            }
        }
    }

    private static void Chase<T>(UpperBand<T> band, int sweep, int step, T* v)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int b = band.Width, stride = band.Stride;
        int column = sweep + 1 + (step * b), row = step == 0 ? sweep : column - b;
        T* corner = band.At(row, column), diagonal = band.At(column, column);
        for (var j = 0; j < b; j++)
        {
            v[j] = corner[(nint)j * stride];
        }

        var tau = MakeReflector(b, v, out var beta);
        if (!T.IsZero(tau))
        {
            if (step > 0)
            {
                FromRight(b, corner, stride, v, tau);
            }

            FromRight(b, diagonal, stride, v, tau);
        }

        corner[0] = beta;
        for (var j = 1; j < b; j++)
        {
            corner[(nint)j * stride] = T.Zero;
        }

        new ReadOnlySpan<T>(diagonal, b).CopyTo(new Span<T>(v, b));
        tau = MakeReflector(b, v, out beta);
        if (!T.IsZero(tau))
        {
            FromLeft(b, 2 * b, diagonal, stride, v, tau);
        }

        diagonal[0] = beta;
        new Span<T>(diagonal + 1, b - 1).Clear();
    }

    /// <summary>The b x b block becomes A (I - tau v v').</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromRight<T>(int b, T* a, int stride, T* v, T tau)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var count = Vector<T>.Count;
        for (var i = 0; i < b; i += Unroll * count)
        {
            // two columns at a time: eight sums under way
            Vector<T> s0 = default, s1 = default, s2 = default, s3 = default, t0 = default, t1 = default, t2 = default, t3 = default;
            var p = a + i;
            for (var j = 0; j < b; j += 2)
            {
                Vector<T> x = Vector.Create(v[j]), y = Vector.Create(v[j + 1]);
                var q = p + stride;
                s0 = VectorArithmetic.MultiplyAdd(x, Vector.Load(p), s0);
                s1 = VectorArithmetic.MultiplyAdd(x, Vector.Load(p + count), s1);
                s2 = VectorArithmetic.MultiplyAdd(x, Vector.Load(p + (2 * count)), s2);
                s3 = VectorArithmetic.MultiplyAdd(x, Vector.Load(p + (3 * count)), s3);
                t0 = VectorArithmetic.MultiplyAdd(y, Vector.Load(q), t0);
                t1 = VectorArithmetic.MultiplyAdd(y, Vector.Load(q + count), t1);
                t2 = VectorArithmetic.MultiplyAdd(y, Vector.Load(q + (2 * count)), t2);
                t3 = VectorArithmetic.MultiplyAdd(y, Vector.Load(q + (3 * count)), t3);
                p = q + stride;
            }

            var factor = Vector.Create(-tau);
            s0 = (s0 + t0) * factor;
            s1 = (s1 + t1) * factor;
            s2 = (s2 + t2) * factor;
            s3 = (s3 + t3) * factor;
            p = a + i;
            for (var j = 0; j < b; j++)
            {
                var x = Vector.Create(v[j]);
                Vector.Store(VectorArithmetic.MultiplyAdd(x, s0, Vector.Load(p)), p);
                Vector.Store(VectorArithmetic.MultiplyAdd(x, s1, Vector.Load(p + count)), p + count);
                Vector.Store(VectorArithmetic.MultiplyAdd(x, s2, Vector.Load(p + (2 * count))), p + (2 * count));
                Vector.Store(VectorArithmetic.MultiplyAdd(x, s3, Vector.Load(p + (3 * count))), p + (3 * count));
                p += stride;
            }
        }
    }

    /// <summary>The block of b rows becomes (I - tau v v') A.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromLeft<T>(int b, int columns, T* a, int stride, T* v, T tau)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var count = Vector<T>.Count;
        for (var j = 0; j < columns; j += 4)
        {
            T* p = a + ((nint)j * stride), q = p + stride, r = q + stride, u = r + stride;
            Vector<T> s0 = default, s1 = default, s2 = default, s3 = default;
            for (var i = 0; i < b; i += count)
            {
                var x = Vector.Load(v + i);
                s0 = VectorArithmetic.MultiplyAdd(x, Vector.Load(p + i), s0);
                s1 = VectorArithmetic.MultiplyAdd(x, Vector.Load(q + i), s1);
                s2 = VectorArithmetic.MultiplyAdd(x, Vector.Load(r + i), s2);
                s3 = VectorArithmetic.MultiplyAdd(x, Vector.Load(u + i), s3);
            }

            s0 = Vector.Create(-tau * Vector.Sum(s0));
            s1 = Vector.Create(-tau * Vector.Sum(s1));
            s2 = Vector.Create(-tau * Vector.Sum(s2));
            s3 = Vector.Create(-tau * Vector.Sum(s3));
            for (var i = 0; i < b; i += count)
            {
                var x = Vector.Load(v + i);
                Vector.Store(VectorArithmetic.MultiplyAdd(x, s0, Vector.Load(p + i)), p + i);
                Vector.Store(VectorArithmetic.MultiplyAdd(x, s1, Vector.Load(q + i)), q + i);
                Vector.Store(VectorArithmetic.MultiplyAdd(x, s2, Vector.Load(r + i)), r + i);
                Vector.Store(VectorArithmetic.MultiplyAdd(x, s3, Vector.Load(u + i)), u + i);
            }
        }
    }

    /// <summary>
    /// Overwrites x by v with v_1 = 1 and (I - tau v v') x = beta e_1; tau = 0 where x is a multiple of e_1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T MakeReflector<T>(int b, T* x, out T beta)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var alpha = x[0];
        x[0] = T.Zero;
        var count = Vector<T>.Count;
        var sums = Vector<T>.Zero;
        for (var i = 0; i < b; i += count)
        {
            var part = Vector.Load(x + i);
            sums = VectorArithmetic.MultiplyAdd(part, part, sums);
        }

        var squares = Vector.Sum(sums);
        var safe = T.CreateChecked(typeof(T) == typeof(double) ? 1e280 : 1e30);
        var all = (alpha * alpha) + squares;
        if (!(squares > T.One / safe && all < safe))
        {
            // nothing there, or so small or large that squares are no measure of it
            x[0] = alpha;
            var careful = ManagedHouseholder.MakeReflector(b, x);
            beta = x[0];
            x[0] = T.One;
            return careful;
        }

        beta = -T.CopySign(T.Sqrt(all), alpha);
        var inverse = Vector.Create(T.One / (alpha - beta));
        for (var i = 0; i < b; i += count)
        {
            Vector.Store(Vector.Load(x + i) * inverse, x + i);
        }

        x[0] = T.One;
        return (beta - alpha) / beta;
    }
}
