using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>
/// phi(z) = z s(z), phi'(z) = s(z) + z s(z) s(-z), s(z) = 1/(1 + exp(-z)) (Hendrycks and Gimpel, arXiv 1606.08415; also called swish).
/// </summary>
internal sealed class SiluActivation : Activation
{
    /// <summary>Below it phi and phi' are 0 in either precision; a z of minus infinity is raised to it, lest infinity meets 0.</summary>
    private const double Least = -2000;

    private static readonly ConditionalRectifier Conditional = new();

    public override string Name => "silu";

    private protected override GaussianDual MakeDual() => new SmoothDual(
        this, Conditional.Expect, valueAtZero: 0, slopeAtZero: 0.5, rateAtInfinity: 0.5,
        static (q, u, phi, slope) => u * phi * slope / q,
        lengthIncreases: false);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a)
    {
        Span<T> scratch = stackalloc T[2 * Chunk.Length];
        for (var start = 0; start < z.Length; start += Chunk.Length)
        {
            var length = Math.Min(Chunk.Length, z.Length - start);
            var input = z.Slice(start, length);
            var output = a.Slice(start, length);
            var sigmoid = scratch[..length];
            Sigmoid.Evaluate(input, sigmoid, scratch.Slice(Chunk.Length, length));
            TensorPrimitives.Max(input, T.CreateTruncating(Least), output);
            TensorPrimitives.Multiply(output, sigmoid, output);
        }
    }

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d)
    {
        Span<T> scratch = stackalloc T[3 * Chunk.Length];
        for (var start = 0; start < z.Length; start += Chunk.Length)
        {
            var length = Math.Min(Chunk.Length, z.Length - start);
            var output = d.Slice(start, length);
            var sigmoid = scratch[..length];
            var mirrored = scratch.Slice(Chunk.Length, length);
            var small = scratch.Slice(2 * Chunk.Length, length);
            TensorPrimitives.Max(z.Slice(start, length), T.CreateTruncating(Least), output);
            TensorPrimitives.Min(output, T.CreateTruncating(-Least), output);
            TensorPrimitives.Negate(output, mirrored);
            Sigmoid.Evaluate<T>(mirrored, sigmoid, small);
            sigmoid.CopyTo(mirrored);
            Sigmoid.Evaluate<T>(output, sigmoid, small);
            // s (1 + z s(-z))
            TensorPrimitives.MultiplyAdd<T>(output, mirrored, T.One, output);
            TensorPrimitives.Multiply(output, sigmoid, output);
        }
    }
}
