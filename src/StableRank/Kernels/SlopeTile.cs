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
        double inverse, int count)
    {
        ref var k = ref MemoryMarshal.GetReference(covariance);
        ref var t = ref MemoryMarshal.GetReference(tangent);
        ref var s = ref MemoryMarshal.GetReference(roots);
        ref var i = ref MemoryMarshal.GetReference(inverses);
        var (rootB, inverseB) = (Vector512.Create(root), Vector512.Create(inverse));
        var (alpha, beta) = (Vector512.Create(_alpha), Vector512.Create(_beta));
        var share = Vector512.Create(_beta * (2 / Math.PI));
        for (nuint at = 0; at < (nuint)count; at += Lanes)
        {
            var (sign, c) = Correlation(Vector512.LoadUnsafe(ref k, at), Vector512.LoadUnsafe(ref i, at), inverseB);
            var (psi, sine) = Arcsine.AcosAndSine(c);
            var product = Vector512.FusedMultiplyAdd((alpha ^ sign) + beta, c, share * (sine - c * psi));
            (product * (Vector512.LoadUnsafe(ref s, at) * rootB)).StoreUnsafe(ref k, at);
            // alpha +- beta first: for ReLU they cancel exactly at c = -1
            var derivative = (alpha + (beta ^ sign)) - ((share * psi) ^ sign);
            (derivative * Vector512.LoadUnsafe(ref t, at)).StoreUnsafe(ref t, at);
        }

        return 0;
    }
}
