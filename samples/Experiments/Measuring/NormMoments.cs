using StableRank.Spectra;

namespace StableRank.Experiments.Measuring;

/// <summary>
/// The moments E f^k / (E f)^k, k = 0 to 6, of a ReLU layer's factor f = ||phi(W x)||^2 / ||x||^2 for W of given singular values and Haar
/// singular vectors: theory (4.2) and (4.4) carried on to the sixth moment. Layers are independent, so those of q = f_1 ... f_l are the
/// products.
/// </summary>
/// <remarks>
/// ||W x||^2 / ||x||^2 is sum s_i^2 u_i^2 for u uniform on the sphere of R^n, and ||phi(W x)||^2 / ||W x||^2 is sum_(u_i &gt; 0) u_i^2 on
/// that of R^m. Such a sum times an independent chi-square variable is the same sum over Gaussians, so that its moments are those of the
/// Gaussian sum over those of the chi-square; the cumulants of the Gaussian sum add up over the entries.
/// </remarks>
internal static class NormMoments
{
    /// <summary>The highest moment.</summary>
    public const int Order = 6;

    // E z^(2k) of a standard Gaussian
    private static readonly double[] GaussianPowers = [1, 1, 3, 15, 105, 945, 10395];

    /// <summary>The moments of one layer.</summary>
    /// <param name="spectrum">The singular values of W.</param>
    /// <param name="rows">m.</param>
    /// <param name="columns">n.</param>
    public static double[] OfLayer(Spectrum spectrum, int rows, int columns)
    {
        var square = CumulantsOf(GaussianPowers);
        var rectified = CumulantsOf([1, .. GaussianPowers.Skip(1).Select(power => power / 2)]);
        var (linear, activation) = (new double[Order + 1], new double[Order + 1]);
        for (var k = 1; k <= Order; k++)
        {
            linear[k] = square[k] * spectrum.Sum(value => Math.Pow(value * value, k));
            activation[k] = rectified[k] * rows;
        }

        var (byMap, byActivation) = (MomentsOf(linear), MomentsOf(activation));
        var moments = new double[Order + 1];
        for (var k = 0; k <= Order; k++)
        {
            moments[k] = byMap[k] / ChiSquareMoment(columns, k) * (byActivation[k] / ChiSquareMoment(rows, k));
        }

        return [.. moments.Select((moment, k) => moment / Math.Pow(moments[1], k))];
    }

    /// <summary>E q^k / (E q)^k for the product q of independent factors of equal law.</summary>
    public static double[] OfProduct(double[] layer, int depth) => [.. layer.Select(moment => Math.Pow(moment, depth))];

    private static double ChiSquareMoment(int degrees, int order)
    {
        var moment = 1.0;
        for (var i = 0; i < order; i++)
        {
            moment *= degrees + 2.0 * i;
        }

        return moment;
    }

    // m_k = sum_(j=1..k) C(k-1, j-1) kappa_j m_(k-j), forwards and solved for kappa_k
    private static double[] MomentsOf(double[] cumulants)
    {
        var moments = new double[Order + 1];
        moments[0] = 1;
        for (var k = 1; k <= Order; k++)
        {
            for (var j = 1; j <= k; j++)
            {
                moments[k] += Binomial(k - 1, j - 1) * cumulants[j] * moments[k - j];
            }
        }

        return moments;
    }

    private static double[] CumulantsOf(double[] moments)
    {
        var cumulants = new double[Order + 1];
        for (var k = 1; k <= Order; k++)
        {
            cumulants[k] = moments[k];
            for (var j = 1; j < k; j++)
            {
                cumulants[k] -= Binomial(k - 1, j - 1) * cumulants[j] * moments[k - j];
            }
        }

        return cumulants;
    }

    private static double Binomial(int n, int k) => MathNet.Numerics.SpecialFunctions.Binomial(n, k);
}
