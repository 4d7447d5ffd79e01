using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StableRank.Kernels;

/// <summary>
/// phi(z) = z for z &gt; 0, a z elsewhere, as phi(z) = sqrt(alpha) z + sqrt(beta) |z|, alpha = ((1 + a)/2)^2, beta = ((1 - a)/2)^2. With
/// psi = acos |c|: E phi(u) phi(v) = sqrt(q_a q_b) (alpha c + beta |c| + (2/pi) beta (sin psi - |c| psi)),
/// E phi'(u) phi'(v) = alpha + sgn(c) beta (1 - (2/pi) psi), which keep their digits at c = -1, where ReLU's vanish (Cho and Saul 2009).
/// </summary>
internal sealed class SlopeTile(double slope) : DualTile
{
    private readonly double _alpha = (1 + slope) / 2 * ((1 + slope) / 2);
    private readonly double _beta = (1 - slope) / 2 * ((1 - slope) / 2);

    public override double Apply(
        Span<double> covariance, Span<double> tangent, ReadOnlySpan<double> roots, ReadOnlySpan<double> inverses, double root,
        double inverse, int count) =>
        Apply(AffineStep.Identity, covariance, tangent, roots, inverses, root, inverse, count);

    public override double Apply(
        in AffineStep step, Span<double> covariance, Span<double> tangent, ReadOnlySpan<double> roots, ReadOnlySpan<double> inverses,
        double root, double inverse, int count)
    {
        ref var k = ref MemoryMarshal.GetReference(covariance);
        ref var t = ref MemoryMarshal.GetReference(tangent);
        ref var s = ref MemoryMarshal.GetReference(roots);
        ref var i = ref MemoryMarshal.GetReference(inverses);
        var (gain, bias) = (Vector512.Create(step.Gain), Vector512.Create(step.BiasVariance));
        var (weights, biases) = (Vector512.Create(step.WeightMultiplier), Vector512.Create(step.BiasMultiplier));
        var (rootB, inverseB) = (Vector512.Create(root), Vector512.Create(inverse));
        var (alpha, beta) = (Vector512.Create(_alpha), Vector512.Create(_beta));
        var (one, half) = (Vector512<double>.One, Vector512.Create(0.5));
        var share = _beta * (2 / Math.PI);
        var (once, twice) = (Vector512.Create(share), Vector512.Create(2 * share));
        var distinct = Vector512.Create(Math.BitDecrement(1 - Indistinguishable));
        for (nuint at = 0; at < (nuint)count; at += 2 * Lanes)
        {
            // an odd vector at the end is its own partner: it is read twice before it is written twice
            var next = at + Lanes < (nuint)count ? at + Lanes : at;
            var below = VectorPair.Load(ref k, at, next);
            var c = VectorPair.MultiplyAdd(below, gain, bias) * VectorPair.Load(ref i, at, next) * inverseB;
            var sign = VectorPair.Sign(c);
            c = VectorPair.Abs(c);
            c = VectorPair.Where(c, distinct, new(one), c);
            var (sine, angle, cosine) = Arcsine.Reduce(c);

            // (2/pi) beta psi and (2/pi) beta sin psi; at c = 0 the first is beta
            var turn = VectorPair.MultiplyAdd(
                angle, VectorPair.Where(c, half, new(twice), new(-once)),
                VectorPair.Where(c, half, new(Vector512<double>.Zero), new(beta)));
            var height = VectorPair.Where(c, half, sine * twice, new(once)) * cosine;
            var product = VectorPair.MultiplyAdd(c, VectorPair.MultiplyAdd(sign, alpha, beta) - turn, height);

            // alpha +- beta first: for ReLU they cancel exactly at c = -1
            var derivative = VectorPair.MultiplyAdd(sign, beta, alpha) - (turn * sign);
            below = VectorPair.Load(ref k, at, next);
            var theta = VectorPair.MultiplyAdd(
                VectorPair.Load(ref t, at, next), gain, VectorPair.MultiplyAdd(below, weights, biases));
            (derivative * theta).Store(ref t, at, next);
            (product * (VectorPair.Load(ref s, at, next) * rootB)).Store(ref k, at, next);
        }

        return 0;
    }
}
