using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>The logistic function 1/(1 + exp(-z)), with its relative accuracy kept on either side.</summary>
internal static class Sigmoid
{
    /// <summary>s_i = 1/(1 + exp(-z_i)) = exp(min(z, 0))/(1 + exp(-|z|)).</summary>
    /// <param name="z">The arguments.</param>
    /// <param name="result">The results.</param>
    /// <param name="small">exp(-|z|), at hand for the caller; a span apart from the others.</param>
    public static void Evaluate<T>(ReadOnlySpan<T> z, Span<T> result, Span<T> small)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TensorPrimitives.Abs(z, small);
        TensorPrimitives.Negate(small, small);
        VectorMath.Exp<T>(small, small);
        TensorPrimitives.Min(z, T.Zero, result);
        VectorMath.Exp<T>(result, result);
        Quotient(result, small);
    }

    private static void Quotient<T>(Span<T> numerator, ReadOnlySpan<T> small)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<T> scratch = stackalloc T[Chunk.Length];
        for (var start = 0; start < numerator.Length; start += Chunk.Length)
        {
            var part = numerator.Slice(start, Math.Min(Chunk.Length, numerator.Length - start));
            var denominator = scratch[..part.Length];
            TensorPrimitives.Add(small.Slice(start, part.Length), T.One, denominator);
            TensorPrimitives.Divide(part, denominator, part);
        }
    }
}
