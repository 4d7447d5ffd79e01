using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Randomness;

namespace StableRank.Tests.Ensembles;

public sealed class EnsembleMomentsTests
{
    private const int Draws = 2000;
    private const double Rounding = 1e-13;

    private static readonly Dictionary<string, Func<Ensemble>> Ensembles = new()
    {
        ["flat"] = () => Ensemble.StableRank(12, 18, 4, scale: ScaleConvention.ReLU),
        ["spike"] = () => Ensemble.StableRank(18, 12, 2.5, SpectralFamily.Spike, ScaleConvention.Spectral(3)),
        ["power law"] = () => Ensemble.StableRank(10, 10, 3.25, SpectralFamily.PowerLaw),
        ["rank one"] = () => Ensemble.StableRank(5, 6, 1),
        ["gaussian"] = () => Ensemble.Gaussian(7, 9, ScaleConvention.ReLU),
        ["orthogonal wide"] = () => Ensemble.Orthogonal(6, 11, 1.5),
        ["two-level"] = () => Ensemble.StableRank(9, 6, 1.9, new TwoLevelFamily()),
    };

    public static TheoryData<string, ulong> NamesAndSeeds
    {
        get
        {
            TheoryData<string, ulong> data = [];
            foreach (string name in Ensembles.Keys)
            {
                foreach (object[] seed in (IEnumerable<object[]>)Seeds.Twenty)
                {
                    data.Add(name, (ulong)seed[0]);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndSeeds))]
    public void Moments_OfAnyEnsemble_AreThoseOfItsSamples(string name, ulong seed)
    {
        Ensemble ensemble = Ensembles[name]();
        EnsembleMoments moments = ensemble.Moments;
        RandomStream stream = new(seed, 3);
        Vector<double> x = Vector<double>.Build.Dense(ensemble.Columns, i => Math.Cos(1 + (2.3 * i))).Normalize(2);
        double[] squares = new double[Draws];
        double[] frobenius = new double[Draws];
        for (int i = 0; i < Draws; i++)
        {
            Matrix<double> w = ensemble.Sample<double>(stream);
            Vector<double> y = w * x;
            squares[i] = y.DotProduct(y);
            frobenius[i] = w.Enumerate().Sum(e => e * e) / ensemble.Rows;
        }

        Close(squares, moments.SecondMoment, 0);
        Close(squares.Select(s => s * s).ToArray(), moments.FourthMoment, moments.FourthMomentStandardError ?? 0);
        Close(squares.Select(s => Math.Log(s)).ToArray(), moments.LogMoment, moments.LogMomentStandardError ?? 0);
        Close(frobenius, moments.Gain, 0);
    }

    [Fact]
    public void Gain_OfAnyEnsembleAndScale_IsThatOfItsMomentsWithoutTheirDraws()
    {
        var family = new TwoLevelFamily();
        ScaleConvention[] scales =
        [
            ScaleConvention.Spectral(1.7), ScaleConvention.Frobenius(3.1), ScaleConvention.ReLU, ScaleConvention.GaussianNorm(0.3),
        ];
        var ensembles = Ensembles.Values.Select(make => make())
            .Concat(scales.SelectMany(scale => new Ensemble[]
            {
                Ensemble.StableRank(9, 6, 1.9, family, scale), Ensemble.StableRank(9, 6, 1.9, SpectralFamily.Spike, scale),
            }))
            .Append(Ensemble.FromSpectrum(5, 3, Spectrum.FromSingularValues([2, 0.7])))
            .ToList();
        double[] gains = [.. ensembles.Select(ensemble => ensemble.Gain)];
        family.Draws.Should().Be(0);
        for (int i = 0; i < gains.Length; i++)
        {
            gains[i].Should().BeApproximately(ensembles[i].Moments.Gain, Rounding * gains[i], "of {0}", ensembles[i]);
        }

        family.Draws.Should().BePositive("the moments do draw");
    }

    // (4.2)'s relative variance, 2 (n/p - 1)/(n + 2).
    [Theory]
    [InlineData("flat")]
    [InlineData("spike")]
    [InlineData("power law")]
    [InlineData("rank one")]
    [InlineData("gaussian")]
    [InlineData("orthogonal wide")]
    [InlineData("two-level")]
    public void Moments_RelativeVariance_IsThatOfTheParticipationRank(string name)
    {
        Ensemble ensemble = Ensembles[name]();
        EnsembleMoments moments = ensemble.Moments;
        double n = ensemble.Columns;
        double relative = (moments.FourthMoment / (moments.SecondMoment * moments.SecondMoment)) - 1;

        // For Gaussian matrices ||W||_F varies itself: E||W||_F^4 is (1 + 2/(m n)) times the square of E||W||_F^2.
        double spread = name == "gaussian" ? 1 + (2 / (ensemble.Rows * n)) : 1;
        relative.Should().BeApproximately((spread * (n + (2 * n / moments.ParticipationRank)) / (n + 2)) - 1, Rounding);
        (moments.SpectrumDraws is null).Should().Be(name != "two-level");
        (moments.LogMomentStandardError is null).Should().Be(name != "two-level");
    }

    [Theory]
    [InlineData(1, 7, 5)]
    [InlineData(4, 5, 9)]
    [InlineData(16, 16, 64)]
    [InlineData(100, 300, 100)]
    public void LogMoment_FlatOfIntegerRank_IsADifferenceOfDigammas(int r, int m, int n) =>
        Ensemble.StableRank(m, n, r, scale: ScaleConvention.Spectral(1.7)).Moments.LogMoment.Should().BeApproximately(
            (2 * Math.Log(1.7)) + SpecialFunctions.DiGamma(r / 2.0) - SpecialFunctions.DiGamma(n / 2.0), 1e-12);

    [Theory]
    [InlineData(5, 5)]
    [InlineData(9, 5)]
    [InlineData(5, 9)]
    public void Moments_OrthogonalEnsemble_AreThoseOfTheFlatSpectrum(int m, int n)
    {
        EnsembleMoments flat = Ensemble.StableRank(m, n, Math.Min(m, n), scale: ScaleConvention.Spectral(0.6)).Moments;
        EnsembleMoments orthogonal = Ensemble.Orthogonal(m, n, 0.6).Moments;
        orthogonal.SecondMoment.Should().BeApproximately(flat.SecondMoment, Rounding);
        orthogonal.FourthMoment.Should().BeApproximately(flat.FourthMoment, Rounding);
        orthogonal.LogMoment.Should().BeApproximately(flat.LogMoment, 1e-12);
        orthogonal.Gain.Should().BeApproximately(flat.Gain, Rounding);
        orthogonal.ParticipationRank.Should().BeApproximately(flat.ParticipationRank, Rounding * 10);
    }

    [Theory]
    [InlineData("relu", 2)]
    [InlineData("linear", 1)]
    [InlineData("leaky-relu:0.5", 1.6)]
    public void Gain_VariancePreservingScale_IsItsConstant(string scale, double c)
    {
        ScaleConvention convention = ScaleConvention.Parse(scale);
        foreach (double r in new[] { 1, 2.75, 8 })
        {
            EnsembleMoments moments = Ensemble.StableRank(8, 12, r, SpectralFamily.Spike, convention).Moments;
            moments.Gain.Should().BeApproximately(c, Rounding);
            moments.SecondMoment.Should().BeApproximately(c * 8 / 12, Rounding);
        }

        Ensemble.Gaussian(8, 12, convention).Moments.Gain.Should().BeApproximately(c, Rounding);
    }

    [Fact]
    public void Moments_RandomFamily_StateTheirErrorAndRepeat()
    {
        EnsembleMoments moments = Ensembles["two-level"]().Moments;
        moments.SpectrumDraws.Should().Be(256);
        moments.FourthMomentStandardError.Should().BeInRange(1e-6 * moments.FourthMoment, 0.1 * moments.FourthMoment);
        moments.LogMomentStandardError.Should().BeInRange(1e-6, 0.1);
        Ensembles["two-level"]().Moments.Should().Be(moments);

        // y = (1, a u, a (1 - u)): E sum y^2 = 1 + 2 a^2/3.
        double expected = ((1.9 * 1.9) + (2 * (1 + (2 * 0.81 / 3)))) / (6 * 8);
        ((moments.FourthMoment - expected) / moments.FourthMomentStandardError!.Value)
            .Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
    }

    private static void Close(double[] sample, double expected, double error)
    {
        (double mean, double variance) = Statistic.MeanAndVariance(sample);
        double standardError = Math.Sqrt((variance / sample.Length) + (error * error));

        // A constant (the stable rank's own Frobenius norm) has no spread but that of rounding.
        Math.Abs(mean - expected).Should().BeLessThan((Statistic.StandardErrors * standardError) + (1e-12 * Math.Abs(expected)));
    }
}
