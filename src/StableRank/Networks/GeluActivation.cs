using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// phi(z) = z Phi(z) with Phi(z) = (1 + erf(z/sqrt 2))/2, and phi'(z) = Phi(z) + z exp(-z^2/2)/sqrt(2 pi) (Hendrycks and Gimpel,
/// arXiv 1606.08415). Accurate to a few units in the last place of max(1, |z|): for z far below 0, where phi vanishes, the error is
/// absolute.
/// </summary>
internal sealed class GeluActivation : Activation
{
    private static readonly double RootHalf = Math.Sqrt(0.5);
    private static readonly double DensityAtZero = 1 / Math.Sqrt(2 * Math.PI);

    public override string Name => "gelu";

    private protected override GaussianDual MakeDual() => new GeluDual(this);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a)
    {
        Span<T> scratch = stackalloc T[Chunk.Length];
        for (var start = 0; start < z.Length; start += Chunk.Length)
        {
            var length = Math.Min(Chunk.Length, z.Length - start);
            var distribution = scratch[..length];
            Distribution(z.Slice(start, length), distribution);
            TensorPrimitives.Multiply(z.Slice(start, length), distribution, a.Slice(start, length));
        }
    }

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d)
    {
        Span<T> scratch = stackalloc T[2 * Chunk.Length];
        for (var start = 0; start < z.Length; start += Chunk.Length)
        {
            var length = Math.Min(Chunk.Length, z.Length - start);
            var input = z.Slice(start, length);
            var distribution = scratch[..length];
            var density = scratch.Slice(Chunk.Length, length);
            Distribution(input, distribution);
            TensorPrimitives.Multiply(input, input, density);
            TensorPrimitives.Multiply(density, T.CreateTruncating(-0.5), density);
            VectorMath.Exp<T>(density, density);
            TensorPrimitives.Multiply(density, T.CreateTruncating(DensityAtZero), density);
            TensorPrimitives.MultiplyAdd(input, density, distribution, d.Slice(start, length));
        }
    }

    private static void Distribution<T>(ReadOnlySpan<T> z, Span<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TensorPrimitives.Multiply(z, T.CreateTruncating(RootHalf), result);
        VectorMath.Erf<T>(result, result);
        TensorPrimitives.Add(result, T.One, result);
        TensorPrimitives.Multiply(result, T.CreateTruncating(0.5), result);
    }
}
