namespace StableRank.Training;

/// <summary>The solution of theory (8.1): the first <see cref="Count"/> values become <see cref="Top"/>, the others are scaled.</summary>
/// <param name="Tau">The cut; infinite for r = 1.</param>
/// <param name="Scale">c, the factor of the values that are not cut.</param>
/// <param name="Top">z_1 = c tau.</param>
/// <param name="Count">q.</param>
internal readonly record struct SpectralCut(double Tau, double Scale, double Top, int Count)
{
    /// <summary>The cut of a whole spectrum, non-increasing, with at least r - 1 values above zero after the first.</summary>
    internal static SpectralCut Solve(ReadOnlySpan<double> values, double stableRank, KeptNorm keep)
    {
        // tails from the small end, where no digit is lost; the least q is searched from above since the tails come that way
        double tail = 0, total = 0;
        foreach (double value in values)
        {
            total += value * value;
        }

        var found = default(SpectralCut);
        for (int q = values.Length; q >= 1; q--)
        {
            double next = q < values.Length ? values[q] : 0;
            tail += next * next;
            if (TryTau(tail, next, q, stableRank, out double tau))
            {
                found = Scaled(tau, q, tail, Sum(values[..q]), values[0], total, stableRank, keep);
            }
        }

        return found;
    }

    /// <summary>Whether q values are cut where the others' squares sum to <paramref name="tail"/> and the first of them is next.</summary>
    internal static bool TryTau(double tail, double next, int q, double stableRank, out double tau)
    {
        double missing = stableRank - q;
        tau = missing > 0 ? Math.Sqrt(tail / missing) : double.PositiveInfinity;

        // r = q is met only where q values are all there are to be, that is with a tail of zero: tau is then free, and is the least cut
        return missing > 0 ? tau > 0 && next <= tau : missing == 0 && q == 1;
    }

    /// <summary>
    /// The scale: z_1 = &lt;w, s&gt;/r minimises ||z_1 w - s|| over z_1 for w = z/z_1, ||w||^2 = r; or z_1 = s_1; or z_1 = ||s||/sqrt r.
    /// </summary>
    internal static SpectralCut Scaled(
        double tau, int q, double tail, double cutSum, double largest, double total, double stableRank, KeptNorm keep)
    {
        double top = keep switch
        {
            KeptNorm.Spectral => largest,
            KeptNorm.Frobenius => Math.Sqrt(total / stableRank),
            _ => (cutSum + tail / tau) / stableRank,
        };
        return new SpectralCut(tau, top / tau, top, q);
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum;
    }
}
