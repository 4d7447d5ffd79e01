using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StableRank.Kernels;

/// <summary>
/// asin and acos of magnitudes s in [0, 1], to a few units in the last place. With y = s for s at most 1/2 and y = sqrt((1 - s)/2) beyond,
/// whose arcsine is half of acos s, one polynomial on z = y^2 in [0, 1/4] serves both.
/// </summary>
internal static class Arcsine
{
    private const double HalfPi = Math.PI / 2;

    /// <summary>
    /// (asin(sqrt z)/sqrt z - 1)/z on [0, 1/4], highest power first, to 1.5e-17: mpmath 1.3 at 40 digits,
    /// <c>chebyfit(lambda z: (asin(sqrt(z))/sqrt(z) - 1)/z, [0, 0.25], 13)</c>.
    /// </summary>
    private static ReadOnlySpan<double> Excess =>
    [
        0.028757851367421566, -0.014851887071247204, 0.01740087944269402, 0.005457506718640358, 0.01032281435018578,
        0.011479177415184906, 0.013971212973552933, 0.017352392720869973, 0.02237217294214989, 0.030381944138531247,
        0.04464285714635543, 0.07499999999998433, 0.16666666666666669,
    ];

    /// <summary>
    /// 1/sqrt(1 - z) on [0, 1/4], highest power first, to 1.2e-6: mpmath 1.2 at 40 digits,
    /// <c>chebyfit(lambda z: 1/sqrt(1 - z), [0, 0.25], 5)</c>.
    /// </summary>
    private static ReadOnlySpan<double> InverseRoot =>
        [0.5093647582626322, 0.25419263763033445, 0.38049675232157876, 0.4998239598556602, 1.0000008842869084];

    /// <summary>asin s to full relative accuracy.</summary>
    /// <param name="s">In [0, 1].</param>
    /// <param name="half">(1 - s)/2, where the caller has it with more digits than s itself; used for s above 1/2.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Asin(Vector512<double> s, Vector512<double> half)
    {
        var large = Vector512.GreaterThan(s, Vector512.Create(0.5));
        var z = Vector512.ConditionalSelect(large, half, s * s);
        var y = Vector512.ConditionalSelect(large, Vector512.Sqrt(half), s);
        var r = Vector512.FusedMultiplyAdd(y * z, Polynomial(Excess, z), y);
        return Vector512.ConditionalSelect(large, Vector512.Create(HalfPi) - (r + r), r);
    }

    /// <summary>
    /// y = sin r, r and cos r, within 0.9, 1.3 and 1.0 units in the last place (measured), of which acos s = 2 r and sin acos s = 2 y cos r
    /// for s above 1/2, and acos s = pi/2 - r and sin acos s = cos r elsewhere. A y below 1e-154 may come out as 0.
    /// </summary>
    /// <param name="s">In [0, 1].</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (VectorPair Sine, VectorPair Angle, VectorPair Cosine) Reduce(VectorPair s)
    {
        var (one, half) = (Vector512<double>.One, Vector512.Create(0.5));
        // s^2 is the lesser up to s = 1/2; the root of a square that has been rounded is exact
        var z = VectorPair.Min(VectorPair.MultiplyAdd(s, -half, half), s * s);
        var y = VectorPair.Sqrt(z);
        var q = Polynomial(InverseRoot, z);
        var angle = VectorPair.MultiplyAdd(y * z, Polynomial(Excess, z), y);

        // with b = (1 - z) q near cos r and e = 1 - b q = 1 - (1 - z) q^2 below 2.4e-6: cos r = b (1 - e)^(-1/2), the series to e^2; the
        // next term is 5/16 e^3. Cheaper than the square root that it stands for
        var b = VectorPair.MultiplyAdd(-z, q, q);
        var e = VectorPair.MultiplyAdd(-b, q, one);
        var cosine = VectorPair.MultiplyAdd(b * e, VectorPair.MultiplyAdd(e, Vector512.Create(0.375), half), b);
        return (y, angle, cosine);
    }

    // both written out, because a loop would not be unrolled
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Polynomial(ReadOnlySpan<double> c, Vector512<double> z)
    {
        var p = Vector512.FusedMultiplyAdd(Vector512.Create(c[0]), z, Vector512.Create(c[1]));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[2]));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[3]));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[4]));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[5]));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[6]));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[7]));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[8]));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[9]));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[10]));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[11]));
        return Vector512.FusedMultiplyAdd(p, z, Vector512.Create(c[12]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static VectorPair Polynomial(ReadOnlySpan<double> c, VectorPair z)
    {
        var p = VectorPair.MultiplyAdd(z, Vector512.Create(c[0]), Vector512.Create(c[1]));
        p = VectorPair.MultiplyAdd(p, z, Vector512.Create(c[2]));
        p = VectorPair.MultiplyAdd(p, z, Vector512.Create(c[3]));
        p = VectorPair.MultiplyAdd(p, z, Vector512.Create(c[4]));
        if (c.Length == 5)
        {
            return p;
        }

        p = VectorPair.MultiplyAdd(p, z, Vector512.Create(c[5]));
        p = VectorPair.MultiplyAdd(p, z, Vector512.Create(c[6]));
        p = VectorPair.MultiplyAdd(p, z, Vector512.Create(c[7]));
        p = VectorPair.MultiplyAdd(p, z, Vector512.Create(c[8]));
        p = VectorPair.MultiplyAdd(p, z, Vector512.Create(c[9]));
        p = VectorPair.MultiplyAdd(p, z, Vector512.Create(c[10]));
        p = VectorPair.MultiplyAdd(p, z, Vector512.Create(c[11]));
        return VectorPair.MultiplyAdd(p, z, Vector512.Create(c[12]));
    }
}
