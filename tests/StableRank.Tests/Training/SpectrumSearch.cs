using StableRank.Spectra;
using StableRank.Training;

namespace StableRank.Tests.Training;

/// <summary>
/// A search for the nearest spectrum of a stable rank that knows nothing of theory (8.1): any index may hold the greatest value, the
/// others are box-constrained on a sphere, and random restarts are improved by random steps of shrinking size.
/// </summary>
internal static class SpectrumSearch
{
    /// <summary>The least distance found from <paramref name="values"/> to a spectrum of stable rank r with the norm kept.</summary>
    public static double LeastDistance(double[] values, double stableRank, KeptNorm keep, Random random, int restarts = 3)
    {
        var best = double.PositiveInfinity;
        for (var top = 0; top < values.Length; top++)
        {
            for (var restart = 0; restart < restarts; restart++)
            {
                var x = Array.ConvertAll(values, _ => random.NextDouble());
                var found = Distance(values, x, top, stableRank, keep);
                var step = 0.5;
                while (step > 1e-7)
                {
                    var improved = false;
                    for (var trial = 0; trial < 12 * values.Length; trial++)
                    {
                        var y = Array.ConvertAll(x, old => Math.Abs(old + step * (2 * random.NextDouble() - 1)));
                        var distance = Distance(values, y, top, stableRank, keep);
                        if (distance < found)
                        {
                            (x, found, improved) = (y, distance, true);
                        }
                    }

                    step *= improved ? 1 : 0.5;
                }

                best = Math.Min(best, found);
            }
        }

        return best;
    }

    /// <summary>The distance of the feasible spectrum that x stands for, at its best scale; a feasible x stands for itself.</summary>
    private static double Distance(double[] values, double[] x, int top, double stableRank, KeptNorm keep)
    {
        var total = values.Sum(s => s * s);

        // w_top = 1, w_i = min(1, a x_i) with a by bisection of its logarithm, so that the others' squares sum to r - 1
        double low = -40, high = 40;
        for (var i = 0; i < 60; i++)
        {
            var middle = 0.5 * (low + high);
            (low, high) = Sums(Math.Exp(middle)).Square < stableRank ? (middle, high) : (low, middle);
        }

        var (inner, square) = Sums(Math.Exp(high));
        if (Math.Abs(square - stableRank) > 1e-9)
        {
            return double.PositiveInfinity;
        }

        var scale = keep switch
        {
            KeptNorm.Spectral => values.Max(),
            KeptNorm.Frobenius => Math.Sqrt(total / square),
            _ => inner / square,
        };
        return Math.Sqrt(Math.Max(0, (scale * scale * square) - (2 * scale * inner) + total));

        (double Inner, double Square) Sums(double a)
        {
            double product = 0, sum = 0;
            for (var i = 0; i < x.Length; i++)
            {
                var w = i == top ? 1 : Math.Min(1, a * x[i]);
                product += w * values[i];
                sum += w * w;
            }

            return (product, sum);
        }
    }
}
