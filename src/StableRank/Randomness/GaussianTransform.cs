using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StableRank.Randomness;

/// <summary>
/// Box and Muller's transform of a batch of 64 random words into 64 independent standard Gaussians, bit for bit the same on every
/// processor: it uses only operations that IEEE 754 and integer arithmetic fix exactly (+, -, *, /, square root, shifts), elementwise, with
/// no fused multiply-add and no call of a mathematical library. Word i, i = 0..31, gives the radius r = sqrt(-2 log u) with
/// u = (floor(w_i / 2^11) + 1) / 2^53 in (0, 1], so that the tail reaches sqrt(106 log 2) = 8.57; word 32 + i, read as a signed number t in
/// [-2^63, 2^63) whose last 11 bits are dropped, gives the angle a = 2 pi t / 2^64. Gaussian i is r cos a, Gaussian 32 + i is r sin a.
/// The absolute error against exact arithmetic stays below 4e-15.
/// </summary>
internal static class GaussianTransform
{
    /// <summary>Words in and Gaussians out of one batch. Vectors of up to 32 lanes divide it, so the lane count cannot show.</summary>
    public const int BatchSize = 64;

    private const int Half = BatchSize / 2;

    // log u = e log 2 + log m with m in [sqrt(1/2), sqrt 2): log m = 2 s + s z P(z), s = (m - 1)/(m + 1), z = s^2. P interpolates
    // (2 atanh(s)/s - 2)/z at the seven Chebyshev nodes of [0, 0.0295]: relative error 5e-18 before rounding.
    private const double P0 = 0.666666666666667;
    private const double P1 = 0.39999999999899505;
    private const double P2 = 0.28571428625975487;
    private const double P3 = 0.2222221113479508;
    private const double P4 = 0.18182889125261723;
    private const double P5 = 0.15331721600556042;
    private const double P6 = 0.14616449685043406;

    // log 2 in two parts; the first has 40 bits, so that its product with e is exact.
    private const double Log2High = 0.6931471805592082;
    private const double Log2Low = 7.371002565167799e-13;

    // The bits of the double sqrt(1/2), the lower end of m.
    private const long SqrtHalfBits = 0x3FE6A09E667F3BCD;
    private const long OneBits = 0x3FF0000000000000;
    private const long MantissaMask = 0x000FFFFFFFFFFFFF;

    // sin(pi x / 2) = x (pi/2 + z S(z)) and cos(pi x / 2) = 1 + z C(z), z = x^2, |x| <= 1/2; S and C interpolate at Chebyshev nodes of
    // [0, 1/4] with absolute errors 2e-17 and 2e-19.
    private const double HalfPi = 1.5707963267948966;
    private const double S0 = -0.6459640975062462;
    private const double S1 = 0.07969262624614423;
    private const double S2 = -0.004681754134254207;
    private const double S3 = 0.00016044116661409423;
    private const double S4 = -3.5987029509735105e-06;
    private const double S5 = 5.642225369163528e-08;
    private const double C0 = -1.2337005501361697;
    private const double C1 = 0.2536695079010478;
    private const double C2 = -0.020863480763340773;
    private const double C3 = 0.0009192602745468447;
    private const double C4 = -2.5202039028029178e-05;
    private const double C5 = 4.710678405505227e-07;
    private const double C6 = -6.329396344967424e-09;

    /// <summary>Transforms one batch; both spans hold <see cref="BatchSize"/> elements.</summary>
    public static void Apply(ReadOnlySpan<ulong> words, Span<double> gaussians)
    {
        ref ulong source = ref MemoryMarshal.GetReference(words[..BatchSize]);
        ref double target = ref MemoryMarshal.GetReference(gaussians[..BatchSize]);
        for (nuint i = 0; i < Half; i += (nuint)Vector<double>.Count)
        {
            Vector<ulong> radiusWord = Vector.LoadUnsafe(ref source, i);
            Vector<long> angleWord = Vector.LoadUnsafe(ref source, i + Half).As<ulong, long>();
            Vector<double> radius = Vector.SquareRoot(MinusTwoLog(radiusWord));
            SinCos(angleWord, out Vector<double> sine, out Vector<double> cosine);
            (radius * cosine).StoreUnsafe(ref target, i);
            (radius * sine).StoreUnsafe(ref target, i + Half);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> MinusTwoLog(Vector<ulong> word)
    {
        // N = floor(w / 2^11) + 1 <= 2^53 is exact as a double; u = N / 2^53 shares its significand.
        Vector<long> count = Vector.ShiftRightLogical(word, 11).As<ulong, long>() + Vector<long>.One;
        Vector<long> shifted = Vector.ConvertToDouble(count).As<double, long>() + new Vector<long>(OneBits - SqrtHalfBits);
        Vector<double> exponent = Vector.ConvertToDouble(Vector.ShiftRightLogical(shifted, 52) - new Vector<long>(1023 + 53));
        Vector<double> m = ((shifted & new Vector<long>(MantissaMask)) + new Vector<long>(SqrtHalfBits)).As<long, double>();

        Vector<double> s = (m - Vector<double>.One) / (m + Vector<double>.One);
        Vector<double> z = s * s;
        Vector<double> p = new Vector<double>(P6);
        p = (p * z) + new Vector<double>(P5);
        p = (p * z) + new Vector<double>(P4);
        p = (p * z) + new Vector<double>(P3);
        p = (p * z) + new Vector<double>(P2);
        p = (p * z) + new Vector<double>(P1);
        p = (p * z) + new Vector<double>(P0);
        Vector<double> small = (s * (z * p)) + (exponent * new Vector<double>(Log2Low));
        Vector<double> log = (exponent * new Vector<double>(Log2High)) + ((s + s) + small);
        return Vector<double>.Zero - (log + log);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SinCos(Vector<long> word, out Vector<double> sine, out Vector<double> cosine)
    {
        // t = floor(w / 2^11) in [-2^52, 2^52) stands for the angle (pi/2) t / 2^51: q is the nearest quarter turn, x the rest of it.
        Vector<long> t = Vector.ShiftRightArithmetic(word, 11);
        Vector<long> q = Vector.ShiftRightArithmetic(t + new Vector<long>(1L << 50), 51);
        Vector<double> x = Vector.ConvertToDouble(t - Vector.ShiftLeft(q, 51)) * new Vector<double>(1.0 / (1L << 51));
        Vector<double> z = x * x;

        Vector<double> s = new Vector<double>(S5);
        s = (s * z) + new Vector<double>(S4);
        s = (s * z) + new Vector<double>(S3);
        s = (s * z) + new Vector<double>(S2);
        s = (s * z) + new Vector<double>(S1);
        s = (s * z) + new Vector<double>(S0);
        s = x * ((s * z) + new Vector<double>(HalfPi));

        Vector<double> c = new Vector<double>(C6);
        c = (c * z) + new Vector<double>(C5);
        c = (c * z) + new Vector<double>(C4);
        c = (c * z) + new Vector<double>(C3);
        c = (c * z) + new Vector<double>(C2);
        c = (c * z) + new Vector<double>(C1);
        c = (c * z) + new Vector<double>(C0);
        c = (c * z) + Vector<double>.One;

        // Odd quarter turns exchange sine and cosine; bit 1 of q, and of q + 1, is the sign of the sine, and of the cosine.
        Vector<long> odd = Vector.Equals(q & Vector<long>.One, Vector<long>.One);
        Vector<long> sineSign = Vector.ShiftLeft(q & new Vector<long>(2), 62);
        Vector<long> cosineSign = Vector.ShiftLeft((q + Vector<long>.One) & new Vector<long>(2), 62);
        sine = (Vector.ConditionalSelect(odd, c, s).As<double, long>() ^ sineSign).As<long, double>();
        cosine = (Vector.ConditionalSelect(odd, s, c).As<double, long>() ^ cosineSign).As<long, double>();
    }
}
