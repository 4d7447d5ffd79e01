using System.Globalization;

namespace StableRank.Spectra;

/// <summary>
/// The last step of every solver: a spectrum whose squares sum to r but for rounding is changed in the last bits of its values until the
/// sum of the squares of the values as stored, taken in twice the working precision, is r to half an ulp.
/// </summary>
/// <remarks>
/// First all values beyond the fixed ones are multiplied by one factor, which keeps the shape; then single values are moved by one ulp
/// each, from the front when the sum is too small and from the back when it is too large. Both keep the order, the cap at 1 and the zeros.
/// An ulp of a value s &lt;= 1 changes s^2 by at most 2^-52, an ulp of r at most, so the sum cannot jump over r's half-ulp interval.
/// </remarks>
internal static class ResidualCorrection
{
    private const int MaxPasses = 64;
    private const int UlpsPromised = 4;

    /// <summary>Corrects in place.</summary>
    /// <param name="values">In non-increasing order in [0, 1], the first 1.</param>
    /// <param name="fixedCount">How many leading values stay as they are.</param>
    /// <param name="stableRank">r.</param>
    /// <exception cref="ArithmeticException">
    /// The values were further from r than rounding: the sum could not be brought within 4 ulps.
    /// </exception>
    internal static void Apply(Span<double> values, int fixedCount, double stableRank)
    {
        double ulp = Math.BitIncrement(stableRank) - stableRank;
        Scale(values, fixedCount, stableRank, ulp);
        double residual = CompensatedSum.OfSquares(values).ResidualFrom(stableRank);
        bool moved = true;
        for (int pass = 0; pass < MaxPasses && moved && Math.Abs(residual) > ulp / 2; pass++)
        {
            moved = residual > 0 ? Raise(values, fixedCount, ref residual, ulp) : Lower(values, fixedCount, ref residual, ulp);
        }

        residual = CompensatedSum.OfSquares(values).ResidualFrom(stableRank);
        if (!(Math.Abs(residual) <= UlpsPromised * ulp))
        {
            throw new ArithmeticException(string.Create(
                CultureInfo.InvariantCulture,
                $"The spectrum of stable rank {stableRank:R} was missed by {residual:E2}, {residual / ulp:E2} of its ulps."));
        }
    }

    private static void Scale(Span<double> values, int fixedCount, double stableRank, double ulp)
    {
        double residual = CompensatedSum.OfSquares(values).ResidualFrom(stableRank);
        double movable = CompensatedSum.OfSquares(values[fixedCount..]).Value;
        if (Math.Abs(residual) <= ulp / 2 || movable == 0)
        {
            return;
        }

        // s -> s (1 + d) with one rounding is monotone in s, so order survives; sum s^2 (2 d + d^2) = residual
        double relative = residual / movable;
        double factor = relative / (1 + Math.Sqrt(1 + relative));
        for (int i = fixedCount; i < values.Length; i++)
        {
            values[i] = Math.Min(1, Math.FusedMultiplyAdd(values[i], factor, values[i]));
        }
    }

    private static bool Raise(Span<double> values, int fixedCount, ref double residual, double ulp)
    {
        bool moved = false;
        double bound = 1;
        for (int i = fixedCount; i < values.Length && values[i] > 0 && residual > ulp / 2; i++)
        {
            double next = Math.BitIncrement(values[i]);
            if (next <= bound)
            {
                residual -= (next - values[i]) * (next + values[i]);
                values[i] = next;
                moved = true;
            }

            bound = values[i];
        }

        return moved;
    }

    private static bool Lower(Span<double> values, int fixedCount, ref double residual, double ulp)
    {
        bool moved = false;
        double bound = 0;
        for (int i = values.Length - 1; i >= fixedCount && residual < -ulp / 2; i--)
        {
            double next = Math.BitDecrement(values[i]);
            if (next >= bound)
            {
                residual += (values[i] - next) * (values[i] + next);
                values[i] = next;
                moved = true;
            }

            bound = values[i];
        }

        return moved;
    }
}
