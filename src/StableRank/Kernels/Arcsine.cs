using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StableRank.Kernels;

/// <summary>
/// asin and acos of magnitudes in [0, 1], eight at a time, to a few units in the last place. With y = s for s at most 1/2 and
/// y = sqrt((1 - s)/2) beyond, whose arcsine is half of acos s, one polynomial on y^2 in [0, 1/4] serves both.
/// </summary>
internal static class Arcsine
{
    private const double HalfPi = Math.PI / 2;

    /// <summary>
    /// (asin(sqrt z)/sqrt z - 1)/z on [0, 1/4], highest power first, to 1.5e-17: mpmath 1.3 at 40 digits,
    /// <c>chebyfit(lambda z: (asin(sqrt(z))/sqrt(z) - 1)/z, [0, 0.25], 13)</c>, which multiplies y^3.
    /// </summary>
    private const double
        C12 = 0.028757851367421566, C11 = -0.014851887071247204, C10 = 0.01740087944269402, C9 = 0.005457506718640358,
        C8 = 0.01032281435018578, C7 = 0.011479177415184906, C6 = 0.013971212973552933, C5 = 0.017352392720869973,
        C4 = 0.02237217294214989, C3 = 0.030381944138531247, C2 = 0.04464285714635543, C1 = 0.07499999999998433,
        C0 = 0.16666666666666669;

    /// <summary>asin s and acos s, both to full relative accuracy.</summary>
    /// <param name="s">In [0, 1].</param>
    /// <param name="half">(1 - s)/2, where the caller has it with more digits than s itself; used for s above 1/2.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double> Asin, Vector512<double> Acos) Of(Vector512<double> s, Vector512<double> half)
    {
        var large = Vector512.GreaterThan(s, Vector512.Create(0.5));
        var z = Vector512.ConditionalSelect(large, half, s * s);
        var y = Vector512.ConditionalSelect(large, Vector512.Sqrt(half), s);
        var p = Vector512.Create(C12);
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C11));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C10));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C9));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C8));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C7));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C6));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C5));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C4));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C3));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C2));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C1));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(C0));
        var r = Vector512.FusedMultiplyAdd(y * z, p, y);
        var twice = r + r;
        var quarterTurn = Vector512.Create(HalfPi);
        return (
            Vector512.ConditionalSelect(large, quarterTurn - twice, r),
            Vector512.ConditionalSelect(large, twice, quarterTurn - r));
    }
}
