namespace StableRank.LinearAlgebra.Managed;

/// <summary>
/// The error function by Taylor expansion about the nearest of the points i/16, i = 0 to 95. The coefficients
/// erf^(k)(c)/k! = 2/sqrt(pi) exp(-c^2) (-1)^(k-1) H_(k-1)(c)/k! (H Hermite's polynomials) are computed once in 28-digit decimal
/// arithmetic and rounded, so that the table has nothing to mistype. The remainder after degree 12 at distance 1/32 is below 1e-19;
/// about 0 the expansion has no constant term, which keeps the relative accuracy of small arguments.
/// </summary>
internal static class ManagedErf
{
    private const int Degree = 12, CellsPerUnit = 16, Cells = 96;

    /// <summary>Beyond this, 1 - erf(x) is below 2^-54: the nearest double is 1 (erfc(5.94) = 4.4e-17).</summary>
    private const double Saturation = 5.94;

    private static readonly double[] Table = BuildTable();

    /// <summary>erf(x) to about one unit in the last place; NaN for NaN.</summary>
    public static double Of(double x)
    {
        var size = Math.Abs(x);
        if (!(size < Saturation))
        {
            return double.IsNaN(x) ? x : Math.CopySign(1, x);
        }

        var cell = (int)(size * CellsPerUnit + 0.5);
        var h = size - (double)cell / CellsPerUnit;
        var c = Table.AsSpan(cell * (Degree + 1), Degree + 1);
        double h2 = h * h;
        var tail = c[12];
        for (var k = 11; k >= 2; k--)
        {
            tail = Math.FusedMultiplyAdd(tail, h, c[k]);
        }

        // constant + linear term + small rest, added from the small end
        return Math.CopySign(c[0] + Math.FusedMultiplyAdd(c[1], h, tail * h2), x);
    }

    private static double[] BuildTable()
    {
        const decimal twoOverRootPi = 1.1283791670955125738961589031m;
        var table = new double[(Cells + 1) * (Degree + 1)];
        for (var cell = 0; cell <= Cells; cell++)
        {
            var c = (decimal)cell / CellsPerUnit;
            var growth = Exp(c * c);
            var slope = twoOverRootPi / growth;
            var row = table.AsSpan(cell * (Degree + 1), Degree + 1);

            // erf(c) = slope * sum over n of 2^n c^(2n+1) / (1 3 5 ... (2n+1)), every term positive; divided by the growth itself,
            // because a small slope has few of its digits within the 28 decimals
            decimal term = c, sum = 0;
            for (var n = 1; term > 1e-27m * sum; n++)
            {
                sum += term;
                term *= 2 * c * c / (2 * n + 1);
            }

            row[0] = (double)(twoOverRootPi * (sum / growth));

            // scaled Hermite polynomials g_j = H_j(c) / j!: g_(j+1) = (2 c g_j - 2 g_(j-1)) / (j + 1)
            decimal previous = 0, current = 1;
            for (var k = 1; k <= Degree; k++)
            {
                row[k] = (double)(slope * current / k) * (k % 2 == 1 ? 1 : -1);
                (previous, current) = (current, (2 * c * current - 2 * previous) / k);
            }
        }

        return table;
    }

    /// <summary>exp(x) for 0 &lt;= x &lt;= 36, as the 64th power of a short series.</summary>
    private static decimal Exp(decimal x)
    {
        var reduced = x / 64;
        decimal sum = 1, term = 1;
        for (var n = 1; term > 1e-28m; n++)
        {
            term *= reduced / n;
            sum += term;
        }

        for (var i = 0; i < 6; i++)
        {
            sum *= sum;
        }

        return sum;
    }
}
