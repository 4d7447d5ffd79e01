namespace StableRank.Networks;

/// <summary>Small powers and factorials in double, for the duals of polynomials.</summary>
internal static class PolynomialMoments
{
    /// <summary>n!, exact to 22!.</summary>
    public static double Factorial(int n)
    {
        var result = 1.0;
        for (var k = 2; k <= n; k++)
        {
            result *= k;
        }

        return result;
    }

    /// <summary>x^n for n at least 0, by multiplication: exact at 1, -1 and 0, and 1 at n = 0.</summary>
    public static double Power(double x, int n)
    {
        var result = 1.0;
        for (var i = 0; i < n; i++)
        {
            result *= x;
        }

        return result;
    }
}
