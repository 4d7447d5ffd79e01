using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StableRank.Kernels;

/// <summary>
/// phi = erf (Williams 1997): with h^2 = (1 + 2 q_a)(1 + 2 q_b) and d^2 = h^2 - 4 k^2 written without cancellation,
/// E phi(u) phi(v) = (2/pi) asin(2 k/h), E phi'(u) phi'(v) = (4/pi)/d.
/// </summary>
internal sealed class ErfTile : DualTile
{
    public override double Apply(
        Span<double> covariance, Span<double> tangent, ReadOnlySpan<double> roots, ReadOnlySpan<double> inverses, double root,
        double inverse, int count)
    {
        ref var k = ref MemoryMarshal.GetReference(covariance);
        ref var t = ref MemoryMarshal.GetReference(tangent);
        ref var s = ref MemoryMarshal.GetReference(roots);
        ref var i = ref MemoryMarshal.GetReference(inverses);
        var (rootB, inverseB) = (Vector512.Create(root), Vector512.Create(inverse));
        var one = Vector512<double>.One;
        var doubleB = Vector512.Create(2 * root * root);
        for (nuint at = 0; at < (nuint)count; at += Lanes)
        {
            var rootA = Vector512.LoadUnsafe(ref s, at);
            var (sign, c) = Correlation(Vector512.LoadUnsafe(ref k, at), Vector512.LoadUnsafe(ref i, at), inverseB);
            var twice = c * (rootA * rootB) * 2.0;
            var doubleA = rootA * rootA * 2.0;
            var h = Vector512.Sqrt((one + doubleA) * (one + doubleB));
            var d2 = one + doubleA + doubleB + doubleA * doubleB * ((one - c) * (one + c));
            // (1 - s)/2 with s = 2k/h
            var asin = Arcsine.Asin(twice / h, d2 / (h * (h + twice)) * 0.5);
            ((asin * (2 / Math.PI)) ^ sign).StoreUnsafe(ref k, at);
            (Vector512.Create(4 / Math.PI) / Vector512.Sqrt(d2) * Vector512.LoadUnsafe(ref t, at)).StoreUnsafe(ref t, at);
        }

        return 0;
    }
}
