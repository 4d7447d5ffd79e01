using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// y_1 = 1 and y_i = (r - 1)/(k - 1) for i &gt;= 2, theory section 2: of all spectra with stable rank r the one of greatest entropy of y,
/// and so of greatest participation rank. Admits every r in [1, k].
/// </summary>
/// <remarks>s_2 to s_k are equal to the last bit. One double cannot meet the sum exactly: the sum is within 2 ulps of r.</remarks>
public sealed class SpikeFamily : SpectralFamily
{
    internal SpikeFamily()
    {
    }

    /// <summary>"spike".</summary>
    public override string Name => "spike";

    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns) => WholeRange(rows, columns);

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream)
    {
        var values = new double[Math.Min(rows, columns)];
        values[0] = 1;
        if (values.Length > 1)
        {
            values.AsSpan(1).Fill(EqualValue(values.Length - 1, stableRank - 1));
        }

        return Spectrum.FromOrdered(values);
    }

    /// <summary>The double whose square, <paramref name="count"/> times over, comes nearest to <paramref name="total"/>.</summary>
    private static double EqualValue(int count, double total)
    {
        // 2^-53 relative in the quotient and in the root put the first guess within one double of the best
        double guess = Math.Min(1, Math.Sqrt(total / count));
        double best = guess;
        foreach (double candidate in (ReadOnlySpan<double>)[Math.BitDecrement(guess), Math.BitIncrement(guess)])
        {
            if (candidate >= 0 && candidate <= 1 && Miss(candidate) < Miss(best))
            {
                best = candidate;
            }
        }

        return best;

        double Miss(double value)
        {
            double square = value * value;
            double below = Math.FusedMultiplyAdd(value, value, -square);
            return Math.Abs(Math.FusedMultiplyAdd(-count, square, total) - count * below);
        }
    }
}
