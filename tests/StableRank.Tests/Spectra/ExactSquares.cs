using System.Numerics;
using StableRank.Spectra;

namespace StableRank.Tests.Spectra;

/// <summary>
/// The independent judge of stable ranks: sums of squares of doubles in integers, without any rounding. A double is M 2^e, so its square is
/// M^2 2^(2e); squares are gathered by exponent and put on the common scale 2^-2148, the square of the least double.
/// </summary>
internal static class ExactSquares
{
    private const int Scale = 2148;

    /// <summary>2^2148 sum s_i^2, exactly.</summary>
    internal static BigInteger Sum(ReadOnlySpan<double> values)
    {
        var byExponent = new Dictionary<int, BigInteger>();
        int current = int.MinValue;
        UInt128 partial = 0;
        int held = 0;
        foreach (double value in values)
        {
            (ulong mantissa, int exponent) = Split(value);
            if (exponent != current || held == 1 << 20)
            {
                Flush();
                (current, partial, held) = (exponent, 0, 0);
            }

            partial += (UInt128)mantissa * mantissa;        // below 2^106, so 2^20 of them fit
            held++;
        }

        Flush();
        BigInteger sum = BigInteger.Zero;
        foreach ((int exponent, BigInteger part) in byExponent)
        {
            sum += part << (2 * exponent + Scale);
        }

        return sum;

        void Flush()
        {
            if (held > 0)
            {
                byExponent[current] = byExponent.GetValueOrDefault(current) + (BigInteger)partial;
            }
        }
    }

    /// <summary>By how many ulps of <paramref name="stableRank"/> the exact stable rank of the values exceeds it.</summary>
    internal static double UlpsAbove(Spectrum spectrum, double stableRank)
    {
        BigInteger top = Sum(spectrum.AsSpan()[..1]);
        (ulong mantissa, int exponent) = Split(stableRank);
        int ulpExponent = Split(Math.BitIncrement(stableRank) - stableRank) is var (m, e) ? e + BitOperations.Log2(m) : 0;
        // times 2^1074, to which every double is an integer; the quotient keeps 20 bits beyond the ulp
        BigInteger difference = (Sum(spectrum.AsSpan()) << 1074) - ((top * mantissa) << (1074 + exponent));
        BigInteger ulp = top << (1074 + ulpExponent);
        return (double)((difference << 20) / ulp) / (1 << 20);
    }

    private static (ulong Mantissa, int Exponent) Split(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        int biased = (int)(bits >> 52) & 0x7FF;
        ulong fraction = bits & ((1UL << 52) - 1);
        return biased == 0 ? (fraction, -1074) : (fraction | (1UL << 52), biased - 1075);
    }
}
