using MathNet.Numerics;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Randomness;

namespace StableRank.Tests.Spectra;

/// <summary>The two uniform laws of theory section 2 against closed forms and rejection.</summary>
public sealed class UniformLawTests
{
    private const int Draws = 20_000;

    public static TheoryData<int, double> SmallSlices => new()
    {
        { 3, 1.4 }, { 3, 2.0 }, { 3, 2.7 }, { 4, 1.3 }, { 4, 2.0 }, { 4, 2.5 }, { 4, 3.6 }, { 6, 3.3 },
    };

    [Theory]
    [MemberData(nameof(SmallSlices))]
    public void Uniform_OneCoordinate_HasTheIrwinHallMarginal(int k, double stableRank)
    {
        double[] sample = RandomCoordinates(SpectralFamily.Uniform, k, stableRank, seed: 1);

        Statistic.KolmogorovSmirnov(sample, y => Marginal(k - 1, stableRank - 1, y)).Should().BeLessThan(Statistic.Kolmogorov);
    }

    [Theory]
    [InlineData(3, 1.4)]
    [InlineData(4, 2.5)]
    public void UniformSingularValues_OneCoordinate_HasNotTheMarginalOfTheOtherLaw(int k, double stableRank)
    {
        double[] sample = RandomCoordinates(SpectralFamily.UniformSingularValues, k, stableRank, seed: 1);

        Statistic.KolmogorovSmirnov(sample, y => Marginal(k - 1, stableRank - 1, y)).Should().BeGreaterThan(2 * Statistic.Kolmogorov);
    }

    [Theory]
    [MemberData(nameof(SmallSlices))]
    public void Uniform_GreatestAndSquares_AgreeWithRejection(int k, double stableRank)
    {
        var stream = new RandomStream(5);
        double[] y = new double[k - 1];
        AgreeOnTwoStatistics(SpectralFamily.Uniform, k, stableRank, () =>
        {
            do
            {
                stream.FillUniform(y.AsSpan(1));
                y[0] = 0;
                y[0] = stableRank - 1 - y.Sum();
            }
            while (y[0] is < 0 or > 1);
            return y;
        });
    }

    [Theory]
    [MemberData(nameof(SmallSlices))]
    public void UniformSingularValues_GreatestAndSquares_AgreeWithRejectionOnTheSphere(int k, double stableRank)
    {
        var stream = new RandomStream(6);
        double[] y = new double[k - 1];
        AgreeOnTwoStatistics(SpectralFamily.UniformSingularValues, k, stableRank, () =>
        {
            // uniform on the sphere of radius sqrt(r - 1), kept where no coordinate exceeds 1 in magnitude
            do
            {
                stream.FillGaussian<double>(y);
                double norm = y.Sum(x => x * x);
                for (int i = 0; i < y.Length; i++)
                {
                    y[i] = y[i] * y[i] / norm * (stableRank - 1);
                }
            }
            while (y.Max() > 1);
            return y;
        });
    }

    [Theory]
    [InlineData("uniform")]
    [InlineData("uniform-singular-values")]
    public void Draw_EveryAdmittedStableRank_IsMetToFourUlps(string name)
    {
        SpectralFamily family = SpectralFamily.Parse(name);
        foreach (int k in new[] { 1, 2, 3, 5, 64, 257, 1024, 4096 })
        {
            double[] ranks = [1, Math.BitIncrement(1), 1 + 1e-9, 1.5, 0.25 * k, 0.5 * k, 0.75 * k, k - 0.5, Math.BitDecrement(k), k];
            foreach (double r in ranks.Where(r => r >= 1 && r <= k))
            {
                Spectrum spectrum = family.Draw(k, k, r, new RandomStream(2, replicate: (ulong)k));
                spectrum.Count.Should().Be(k);
                spectrum[0].Should().Be(1);
                Math.Abs(ExactSquares.UlpsAbove(spectrum, r)).Should().BeLessThanOrEqualTo(4, "k = {0}, r = {1}", k, r);
            }
        }
    }

    [Theory]
    [InlineData("uniform")]
    [InlineData("uniform-singular-values")]
    public void Draw_SameStreamName_IsTheSameSpectrum(string name)
    {
        SpectralFamily family = SpectralFamily.Parse(name);
        family.Draw(40, 50, 7.5, new RandomStream(3)).Should().Equal(family.Draw(50, 40, 7.5, new RandomStream(3)));
        family.Draw(40, 50, 7.5, new RandomStream(3)).Should().NotEqual(family.Draw(40, 50, 7.5, new RandomStream(4)));
    }

    [Fact]
    public void Uniform_LargeSlice_AgreesWithRejection()
    {
        const int K = 500;
        const double StableRank = 250.25;
        const int Matrices = 400;
        var stream = new RandomStream(8);
        double[] ours = new double[Matrices];
        double[] theirs = new double[Matrices];
        double[] y = new double[K - 1];
        for (int i = 0; i < Matrices; i++)
        {
            ours[i] = SpectralFamily.Uniform.Draw(K, K, StableRank, stream).Skip(1).Sum(s => s * s * s * s);
            do
            {
                stream.FillUniform(y.AsSpan(1));
                y[0] = 0;
                y[0] = StableRank - 1 - y.Sum();
            }
            while (y[0] is < 0 or > 1);
            theirs[i] = y.Sum(v => v * v);
        }

        Statistic.KolmogorovSmirnov(ours, theirs).Should().BeLessThan(Statistic.Kolmogorov);
    }

    [Fact]
    public void Draw_WithoutAStream_SaysThatItNeedsOne() =>
        FluentActions.Invoking(() => SpectralFamily.Uniform.Draw(4, 4, 2)).Should()
            .Throw<ArgumentNullException>().WithMessage("*uniform*random*");

    /// <summary>P(y_1 &lt;= y | sum of n uniforms = t) = (F_(n-1)(t) - F_(n-1)(t - y))/f_n(t), F and f of the Irwin-Hall law.</summary>
    private static double Marginal(int n, double t, double y) =>
        (IrwinHall(n - 1, n - 1, t) - IrwinHall(n - 1, n - 1, t - y)) / IrwinHall(n, n - 1, t);

    /// <summary>sum_j (-1)^j C(n, j) (x - j)_+^p / p!: the density of n uniforms for p = n - 1, their distribution for p = n.</summary>
    private static double IrwinHall(int n, int power, double x)
    {
        double sum = 0;
        for (int j = 0; j <= n && j < x; j++)
        {
            sum += (j % 2 == 0 ? 1 : -1) * SpecialFunctions.Binomial(n, j) * Math.Pow(x - j, power) / SpecialFunctions.Factorial(power);
        }

        return sum;
    }

    private static double[] RandomCoordinates(SpectralFamily family, int k, double stableRank, ulong seed)
    {
        var stream = new RandomStream(seed);
        double[] sample = new double[Draws];
        for (int i = 0; i < Draws; i++)
        {
            double s = family.Draw(k, k, stableRank, stream)[1 + stream.NextInt32(k - 1)];
            sample[i] = s * s;
        }

        return sample;
    }

    private static void AgreeOnTwoStatistics(SpectralFamily family, int k, double stableRank, Func<double[]> reference)
    {
        var stream = new RandomStream(7);
        double[][] ours = [new double[Draws], new double[Draws]];
        double[][] theirs = [new double[Draws], new double[Draws]];
        for (int i = 0; i < Draws; i++)
        {
            double[] y = [.. family.Draw(k, k, stableRank, stream).Skip(1).Select(s => s * s)];
            double[] z = reference();
            (ours[0][i], ours[1][i]) = (y.Max(), y.Sum(v => v * v));
            (theirs[0][i], theirs[1][i]) = (z.Max(), z.Sum(v => v * v));
        }

        Statistic.KolmogorovSmirnov(ours[0], theirs[0]).Should().BeLessThan(Statistic.Kolmogorov, "greatest");
        Statistic.KolmogorovSmirnov(ours[1], theirs[1]).Should().BeLessThan(Statistic.Kolmogorov, "sum of squares");
    }
}
