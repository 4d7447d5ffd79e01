using MathNet.Numerics;
using StableRank.Propagation;
using StableRank.Randomness;

namespace StableRank.Tests.Propagation;

public sealed class SlopeMomentsTests
{
    /// <summary>
    /// E log(a^2 + (1 - a^2) s), s ~ Beta(j/2, (m-j)/2), averaged over j ~ Bin(m, 1/2) positive entries, by scipy.integrate.quad in the
    /// angle asin(sqrt s) (SciPy 1.10, epsrel 1e-14): another route than the Laplace transform of the library.
    /// </summary>
    [Theory]
    [InlineData(1, 0.5, -0.6931471805599453)]
    [InlineData(1, 0.1, -2.3025850929940455)]
    [InlineData(1, 0.001, -6.907755278982137)]
    [InlineData(2, 0.5, -0.6342556627317537)]
    [InlineData(2, 0.1, -1.7491295472526434)]
    [InlineData(2, 0.001, -4.14602531971793)]
    [InlineData(3, 0.5, -0.5991783450499715)]
    [InlineData(3, 0.1, -1.4355056559248238)]
    [InlineData(3, 0.001, -2.7058984236515347)]
    [InlineData(8, 0.5, -0.5309198336758828)]
    [InlineData(8, 0.1, -0.9284069986300229)]
    [InlineData(8, 0.001, -1.0117518094029232)]
    [InlineData(32, 0.5, -0.4866023272513387)]
    [InlineData(32, 0.1, -0.7317968371485878)]
    [InlineData(32, 0.001, -0.7441107539170441)]
    public void ExpectedLog_OfLeakyReLU_EqualsQuadratureOverTheSphere(int rows, double slope, double expected)
    {
        // quad reports up to 1e-12 for the near-singular integrands of small slope
        SlopeMoments.ExpectedLog(rows, slope).Should().BeApproximately(expected, 2e-12);
        SlopeMoments.ExpectedLog(rows, -slope).Should().BeApproximately(expected, 2e-12);
    }

    [Theory]
    [InlineData(1e-8)]
    [InlineData(1e-100)]
    [InlineData(0.3)]
    [InlineData(7)]
    public void ExpectedLog_OfLeakyReLUOfWidthOne_IsTheLogOfTheSlope(double slope) =>
        SlopeMoments.ExpectedLog(1, slope).Should().BeApproximately(Math.Log(slope), 1e-13 * Math.Max(1, Math.Abs(Math.Log(slope))));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(1000)]
    [InlineData(4096)]
    public void ExpectedLog_OfReLU_EqualsItsLaplaceIntegral(int rows)
    {
        // int (e^-t - (b^m - 2^-m)/(1 - 2^-m)) dt/t - psi(m/2) - log 2, b = ((1 + 2t)^-1/2 + 1)/2: trapezoidal rule in log t
        var sum = 0.0;
        const double h = 0.1;
        var dead = Math.ScaleB(1, -rows);
        for (var s = -45.0; s < 90; s += h)
        {
            var t = Math.Exp(s);
            var root = Math.Sqrt(1 + 2 * t);
            var excess = -t / (root * (1 + root));
            var laplace = rows * (excess > -1e-8 ? excess - excess * excess / 2 : Math.Log(1 + excess));
            var numerator = Math.Exp(laplace) - dead;
            if (t > 1e3)
            {
                // b^m - 2^-m = 2^-m ((1 + 1/root)^m - 1), the binomial sum without its first term: no cancellation
                numerator = 0;
                var term = dead;
                for (var k = 1; k <= rows && term > 0; k++)
                {
                    term *= (rows - k + 1.0) / k / root;
                    numerator += term;
                }
            }

            sum += h * (Math.Exp(-t) - numerator / (1 - dead));
        }

        var integral = sum - SpecialFunctions.DiGamma(rows / 2.0) - Constants.Ln2;
        SlopeMoments.ExpectedLog(rows, 0).Should().BeApproximately(integral, 1e-11);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    public void ExpectedLog_OfReLU_EqualsTheSumOverBinomials(int rows)
    {
        var sum = 0.0;
        for (var j = 1; j <= rows; j++)
        {
            sum += SpecialFunctions.Binomial(rows, j) / (Math.Pow(2, rows) - 1) * SpecialFunctions.DiGamma(j / 2.0);
        }

        SlopeMoments.ExpectedLog(rows, 0).Should().BeApproximately(sum - SpecialFunctions.DiGamma(rows / 2.0), 1e-13);
    }

    [Fact]
    public void ExpectedLog_OfReLUAtGreatWidth_ApproachesItsExpansion()
    {
        // log(1/2) - var/2 + O(m^-2), var of ||phi(u)||^2/(1/2): 4 (m+5)/(4(m+2)) - 1 = 3/(m+2)
        const int rows = 100_000;
        SlopeMoments.ExpectedLog(rows, 0).Should().BeApproximately(Math.Log(0.5) - 1.5 / (rows + 2.0), 10.0 / rows / rows);
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(0.0)]
    public void Moments_OfUniformDirections_AgreeWithMonteCarlo(double slope)
    {
        const int rows = 6;
        const int count = 200_000;
        var z = new double[rows];
        var stream = new RandomStream(31);
        var values = new double[3][];
        for (var q = 0; q < 3; q++)
        {
            values[q] = new double[count];
        }

        var alive = new List<double>();
        for (var i = 0; i < count; i++)
        {
            stream.FillGaussian<double>(z);
            var norm = z.Sum(x => x * x);
            var kept = z.Sum(x => x > 0 ? x * x : slope * slope * x * x) / norm;
            values[0][i] = kept;
            values[1][i] = kept * kept;
            if (kept > 0)
            {
                alive.Add(Math.Log(kept));
            }
        }

        Deviation(values[0], SlopeMoments.Second(slope)).Should().BeLessThan(5);
        Deviation(values[1], SlopeMoments.Fourth(rows, slope)).Should().BeLessThan(5);
        Deviation([.. alive], SlopeMoments.ExpectedLog(rows, slope)).Should().BeLessThan(5);
        var death = SlopeMoments.DeathProbability(rows, slope);
        var error = Math.Sqrt(death * (1 - death) / count);
        Math.Abs(count - alive.Count - death * count).Should().BeLessThanOrEqualTo(5 * error * count);

        // and the comparison sees m + 4 in the place of m + 5 (slope 0), or A^2 in the place of the whole bracket
        var wrong = slope == 0 ? (rows + 4) / (4.0 * (rows + 2)) : Math.Pow(SlopeMoments.Second(slope), 2);
        Deviation(values[1], wrong).Should().BeGreaterThan(10);
    }

    [Fact]
    public void Fourth_OfReLU_IsTheFormOfTheTheory()
    {
        foreach (var m in new[] { 1, 2, 16, 1000 })
        {
            SlopeMoments.Fourth(m, 0).Should().BeApproximately((m + 5) / (4.0 * (m + 2)), 1e-15);
            SlopeMoments.Fourth(m, 1).Should().BeApproximately(1, 1e-15);
        }
    }

    [Fact]
    public void Guards_OnBadArguments_Throw()
    {
        FluentActions.Invoking(() => SlopeMoments.Fourth(0, 0)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => SlopeMoments.ExpectedLog(3, double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => SlopeMoments.Second(double.PositiveInfinity)).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static double Deviation(double[] values, double exact)
    {
        var mean = values.Average();
        var variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1.0);
        return Math.Abs(mean - exact) / Math.Sqrt(variance / values.Length);
    }
}
