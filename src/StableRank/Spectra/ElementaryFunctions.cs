namespace StableRank.Spectra;

/// <summary>
/// exp(x) - 1 and log(1 + x) without cancellation near 0, to a few ulps. <c>double.ExpM1</c> and <c>double.LogP1</c> are not used: they
/// are documented as such but computed as <c>Exp(x) - 1</c> and <c>Log(x + 1)</c>, which lose every digit near 0.
/// The device is Kahan's: the rounding error of the inner sum cancels in the quotient (Higham, Accuracy and Stability, section 1.14.1).
/// </summary>
internal static class ElementaryFunctions
{
    internal static double Expm1(double x)
    {
        double e = Math.Exp(x);
        if (e == 1)
        {
            return x;
        }

        double difference = e - 1;
        return difference == -1 || double.IsInfinity(e) ? difference : difference * (x / Math.Log(e));
    }

    internal static double Log1p(double x)
    {
        double sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
    }

    /// <summary>log(value / top) for 0 &lt;= value &lt;= top, top &gt; 0: relative accuracy at both ends; -infinity for 0.</summary>
    internal static double LogRatio(double value, double top)
    {
        if (value == top)
        {
            return 0;
        }

        if (value > 0.5 * top)
        {
            return Log1p((value - top) / top);      // the difference is exact (Sterbenz)
        }

        double ratio = value / top;
        // a subnormal quotient has lost digits; the two logarithms are then so far apart that their difference has not
        return ratio >= 1e-300 || value == 0 ? Math.Log(ratio) : Math.Log(value) - Math.Log(top);
    }
}
