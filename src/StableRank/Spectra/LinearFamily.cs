using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// s_i = max(0, 1 - d (i - 1)) with 0 &lt;= d &lt;= 1, theory section 2: linear down to zero, then zero, so that every r in [1, k] is
/// admitted. (Without the cut at zero, d is at most 1/(k - 1), and no r below about k/3 could be had.)
/// </summary>
public sealed class LinearFamily : SpectralFamily
{
    internal LinearFamily()
    {
    }

    /// <summary>"linear".</summary>
    public override string Name => "linear";

    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns) => WholeRange(rows, columns);

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream)
    {
        var values = new double[Math.Min(rows, columns)];
        values[0] = 1;
        if (stableRank <= 1.25)
        {
            // two values: s_2 = 1 - d straight from r, since d near 1 would not resolve it
            if (values.Length > 1)
            {
                values[1] = Math.Sqrt(stableRank - 1);
            }
        }
        else
        {
            int count = NonzeroCount(values.Length, stableRank);
            double slope = Slope(count, stableRank);
            for (int i = 1; i < count; i++)
            {
                values[i] = Math.Max(0, Math.FusedMultiplyAdd(-slope, i, 1));
            }
        }

        ResidualCorrection.Apply(values, fixedCount: 1, stableRank);
        return Spectrum.FromOrdered(values);
    }

    /// <summary>The least n for which d = 1/n, where value n + 1 has just reached zero, gives at least r; k where there is none.</summary>
    private static int NonzeroCount(int k, double stableRank)
    {
        int low = 1, high = k;
        while (low < high)
        {
            int n = low + (high - low) / 2;
            // sum_{j<n} (1 - j/n)^2 = (n + 1)(2 n + 1)/(6 n), increasing in n
            if ((n + 1.0) * (2.0 * n + 1) / (6.0 * n) >= stableRank)
            {
                high = n;
            }
            else
            {
                low = n + 1;
            }
        }

        return low;
    }

    /// <summary>The smaller root d of sum_{j&lt;n} (1 - j d)^2 = r, a quadratic whose discriminant keeps at least a ninth of c^2.</summary>
    private static double Slope(int n, double stableRank)
    {
        double c = n * (n - 1.0);
        double a = c * (2.0 * n - 1) / 6;
        double missing = n - stableRank;
        return 2 * missing / (c + Math.Sqrt(Math.Max(0, c * c - 4 * a * missing)));
    }
}
