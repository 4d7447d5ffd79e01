using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StableRank.Kernels;

/// <summary>
/// asin and acos of magnitudes in [0, 1], eight at a time, to a few units in the last place. With y = s for s at most 1/2 and
/// y = sqrt((1 - s)/2) beyond, whose arcsine is half of acos s, one polynomial on z = y^2 in [0, 1/4] serves both.
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
    /// (sqrt(1 - z) - 1)/z on [0, 1/4], highest power first, to 1.6e-17: <c>chebyfit(lambda z: (sqrt(1 - z) - 1)/z, [0, 0.25], 13)</c>. The
    /// cosine of asin y; cheaper than the square root that it stands for.
    /// </summary>
    private static ReadOnlySpan<double> Deficit =>
    [
        -0.03079068271642007, 0.01572602083085014, -0.01877200719466222, -0.006145415963301141, -0.01150849653027125,
        -0.013014606340635124, -0.016120071772069384, -0.020507416239390026, -0.027343764765621, -0.03906249967390431,
        -0.06250000000372899, -0.12499999999998329, -0.5,
    ];

    /// <summary>asin s to full relative accuracy.</summary>
    /// <param name="s">In [0, 1].</param>
    /// <param name="half">(1 - s)/2, where the caller has it with more digits than s itself; used for s above 1/2.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Asin(Vector512<double> s, Vector512<double> half)
    {
        var (large, z, y) = Reduce(s, half);
        var r = Vector512.FusedMultiplyAdd(y * z, Polynomial(Excess, z), y);
        return Vector512.ConditionalSelect(large, Vector512.Create(HalfPi) - (r + r), r);
    }

    /// <summary>psi = acos s and sin psi = sqrt(1 - s^2), both to full relative accuracy.</summary>
    /// <param name="s">In [0, 1].</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double> Acos, Vector512<double> Sine) AcosAndSine(Vector512<double> s)
    {
        var (large, z, y) = Reduce(s, (Vector512<double>.One - s) * 0.5);
        var r = Vector512.FusedMultiplyAdd(y * z, Polynomial(Excess, z), y);
        var cosine = Vector512.FusedMultiplyAdd(z, Polynomial(Deficit, z), Vector512<double>.One);
        // beyond 1/2: sin psi = 2 sin(psi/2) cos(psi/2)
        return (
            Vector512.ConditionalSelect(large, r + r, Vector512.Create(HalfPi) - r),
            Vector512.ConditionalSelect(large, y + y, Vector512<double>.One) * cosine);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<double> Large, Vector512<double> Z, Vector512<double> Y) Reduce(Vector512<double> s, Vector512<double> half)
    {
        var large = Vector512.GreaterThan(s, Vector512.Create(0.5));
        return (
            large,
            Vector512.ConditionalSelect(large, half, s * s),
            Vector512.ConditionalSelect(large, Vector512.Sqrt(half), s));
    }

    // written out, because a loop would not be unrolled
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
}
