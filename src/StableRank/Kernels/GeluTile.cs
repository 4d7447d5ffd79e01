using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StableRank.Kernels;

/// <summary>
/// phi(z) = z Phi(z): the closed forms of <see cref="Networks.Activation.Gelu"/>'s dual, with h^2 = (1 + q_a)(1 + q_b) and
/// d^2 = h^2 - k^2 written without cancellation.
/// </summary>
internal sealed class GeluTile : DualTile
{
    public override double Apply(
        Span<double> covariance, Span<double> tangent, ReadOnlySpan<double> roots, ReadOnlySpan<double> inverses, double root,
        double inverse, int count)
    {
        ref var covariances = ref MemoryMarshal.GetReference(covariance);
        ref var t = ref MemoryMarshal.GetReference(tangent);
        ref var s = ref MemoryMarshal.GetReference(roots);
        ref var i = ref MemoryMarshal.GetReference(inverses);
        var (rootB, inverseB) = (Vector512.Create(root), Vector512.Create(inverse));
        var one = Vector512<double>.One;
        var qb = Vector512.Create(root * root);
        var turn = Vector512.Create(1 / (2 * Math.PI));
        var quarter = Vector512.Create(0.25);
        for (nuint at = 0; at < (nuint)count; at += Lanes)
        {
            var rootA = Vector512.LoadUnsafe(ref s, at);
            var (sign, c) = Correlation(Vector512.LoadUnsafe(ref covariances, at), Vector512.LoadUnsafe(ref i, at), inverseB);
            var k = c * (rootA * rootB);
            var qa = rootA * rootA;
            var h2 = (one + qa) * (one + qb);
            var h = Vector512.Sqrt(h2);
            var d2 = one + qa + qb + qa * qb * ((one - c) * (one + c));
            var d = Vector512.Sqrt(d2);
            var asin = Arcsine.Asin(k / h, d2 / (h * (h + k)) * 0.5);
            asin ^= sign;
            k ^= sign;
            var even = (k / d * k + qa * qb * d) / h2;
            var product = k * quarter + turn * (k * asin + even);
            product.StoreUnsafe(ref covariances, at);
            var rest = k / d * (one / d2 + (one + one + qa + qb) / h2);
            ((quarter + turn * (asin + rest)) * Vector512.LoadUnsafe(ref t, at)).StoreUnsafe(ref t, at);
        }

        return 0;
    }
}
