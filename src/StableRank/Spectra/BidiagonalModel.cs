using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>Dumitriu and Edelman's bidiagonal matrix B with the singular values of a Gaussian matrix (J. Math. Phys. 43, 2002; beta =
/// 1).</summary>
internal static class BidiagonalModel
{
    private const double RelativeTolerance = 1e-13;

    /// <summary>tr(B B^T) over its greatest eigenvalue.</summary>
    /// <param name="small">k.</param>
    /// <param name="large">M, at least k.</param>
    /// <param name="stream">Consumed: M, M - 1, ... and k - 1, k - 2, ... degrees of freedom, in turn.</param>
    public static double StableRank(int small, int large, RandomStream stream)
    {
        // B B^T is tridiagonal: diagonal d_i^2 + e_(i-1)^2, squared off-diagonal (d_i e_i)^2, from squares alone
        double[] diagonal = new double[small];
        double[] offSquared = new double[small];
        double trace = 0;
        double before = 0;
        double bound = 0;
        double beforeRoot = 0;
        for (int i = 0; i < small; i++)
        {
            double d = 2 * stream.NextGamma(0.5 * (large - i));
            double e = i < small - 1 ? 2 * stream.NextGamma(0.5 * (small - 1 - i)) : 0;
            diagonal[i] = d + before;
            offSquared[i] = d * e;
            trace += d + e;
            double root = Math.Sqrt(offSquared[i]);
            bound = Math.Max(bound, diagonal[i] + root + beforeRoot);
            (before, beforeRoot) = (e, root);
        }

        return trace / Greatest(diagonal, offSquared, bound);
    }

    /// <summary>The greatest eigenvalue by bisection: x is above it exactly where all pivots of x - T are positive.</summary>
    private static double Greatest(double[] diagonal, double[] offSquared, double bound)
    {
        double low = 0;
        foreach (double value in diagonal)
        {
            low = Math.Max(low, value);
        }

        double high = bound;
        while (high - low > RelativeTolerance * high)
        {
            double middle = 0.5 * (low + high);
            if (middle <= low || middle >= high)
            {
                break;
            }

            (low, high) = IsAbove(middle, diagonal, offSquared) ? (low, middle) : (middle, high);
        }

        return high;
    }

    private static bool IsAbove(double x, double[] diagonal, double[] offSquared)
    {
        double pivot = x - diagonal[0];
        for (int i = 1; i < diagonal.Length; i++)
        {
            if (!(pivot > 0))
            {
                return false;
            }

            pivot = x - diagonal[i] - (offSquared[i - 1] / pivot);
        }

        return pivot > 0;
    }
}
