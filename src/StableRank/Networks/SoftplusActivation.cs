using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// phi(z) = log(1 + e^z) = max(z, 0) + log(1 + e), e = exp(-|z|), and phi'(z) = 1/(1 + exp(-z)). log(1 + e) is log(s) + (e - (s - 1))/s
/// with s the rounded 1 + e: the second term is the rounding error of the sum.
/// </summary>
internal sealed class SoftplusActivation : Activation
{
    private static readonly ConditionalRectifier Conditional = new();

    public override string Name => "softplus";

    private protected override GaussianDual MakeDual() => new SmoothDual(
        this, Conditional.Expect, valueAtZero: Math.Log(2), slopeAtZero: 0.5, rateAtInfinity: 0.5,
        static (_, _, phi, slope) => slope * (slope + phi * (1 - slope)),
        lengthIncreases: true, bend: static (_, _, slope) => slope * (1 - slope));

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a)
    {
        Span<T> scratch = stackalloc T[3 * Chunk.Length];
        for (var start = 0; start < z.Length; start += Chunk.Length)
        {
            var input = z.Slice(start, Math.Min(Chunk.Length, z.Length - start));
            var output = a.Slice(start, input.Length);
            var small = scratch[..input.Length];
            var sum = scratch.Slice(Chunk.Length, input.Length);
            var rest = scratch.Slice(2 * Chunk.Length, input.Length);
            TensorPrimitives.Abs(input, small);
            TensorPrimitives.Negate(small, small);
            VectorMath.Exp<T>(small, small);
            TensorPrimitives.Add(small, T.One, sum);
            TensorPrimitives.Subtract(sum, T.One, rest);
            TensorPrimitives.Subtract(small, rest, rest);
            TensorPrimitives.Divide(rest, sum, rest);
            TensorPrimitives.Log<T>(sum, sum);
            TensorPrimitives.Add(sum, rest, sum);
            TensorPrimitives.Max(input, T.Zero, output);
            TensorPrimitives.Add(output, sum, output);
        }
    }

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d)
    {
        Span<T> scratch = stackalloc T[Chunk.Length];
        for (var start = 0; start < z.Length; start += Chunk.Length)
        {
            var length = Math.Min(Chunk.Length, z.Length - start);
            Sigmoid.Evaluate(z.Slice(start, length), d.Slice(start, length), scratch[..length]);
        }
    }
}
