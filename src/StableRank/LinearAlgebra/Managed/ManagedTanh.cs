using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.LinearAlgebra.Managed;

/// <summary>
/// The hyperbolic tangent by element. TensorPrimitives.Tanh takes 1 - 2/(exp(2x) + 1), which loses the digits of small arguments:
/// up to 1 in magnitude a truncation of Lambert's continued fraction x/(1 + x^2/(3 + x^2/(5 + ...))) stands in, a quotient of
/// polynomials with positive coefficients whose relative remainder is below x^18/(34459425^2 19), 5e-17 at 1.
/// </summary>
internal static class ManagedTanh
{
    private const int Chunk = 256;

    /// <summary>y = tanh x; y may be x.</summary>
    public static void Compute<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<T> argument = stackalloc T[Chunk], result = stackalloc T[Chunk];
        argument.Clear();
        for (var start = 0; start < x.Length; start += Chunk)
        {
            var length = Math.Min(Chunk, x.Length - start);
            x.Slice(start, length).CopyTo(argument);
            TensorPrimitives.Tanh<T>(argument, result);
            for (var i = 0; i < length; i += Vector<T>.Count)
            {
                var small = Vector.Create<T>(argument[i..]);
                var large = Vector.Create<T>(result[i..]);
                var near = Vector.LessThanOrEqual(Vector.Abs(small), Vector<T>.One);
                Vector.ConditionalSelect(near, NearZero(small), large).CopyTo(result[i..]);
            }

            result[..length].CopyTo(y[start..]);
        }
    }

    private static Vector<T> NearZero<T>(Vector<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var s = x * x;
        var denominator = (((C<T>(45) * s + C<T>(13860)) * s + C<T>(945945)) * s + C<T>(16216200)) * s + C<T>(34459425);

        // the numerator, 34459425 + 4729725 s + 135135 s^2 + 990 s^3 + s^4, is the denominator less s times this: tanh x is x less a
        // part that is small near 0, and rounding of the quotient touches that part only
        var difference = ((C<T>(44) * s + C<T>(12870)) * s + C<T>(810810)) * s + C<T>(11486475);
        return x - x * s * difference / denominator;
    }

    private static Vector<T> C<T>(int value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Vector.Create(T.CreateTruncating(value));
}
