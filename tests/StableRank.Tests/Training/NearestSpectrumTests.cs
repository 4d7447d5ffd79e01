using StableRank.Spectra;
using StableRank.Training;

namespace StableRank.Tests.Training;

public sealed class NearestSpectrumTests
{
    private const double Eps = 1.0 / (1L << 52);

    // the search ends at steps of 1e-7 in k - 1 coordinates: its value is off by less than that
    private const double SearchAccuracy = 1e-6;

    // of its squared distances, differences of sums: 16 k eps ||s||^2 / (2 distance) with distances from 0.01
    private const double SearchRounding = 1e-12;

    public static TheoryData<int, KeptNorm> Seeds()
    {
        var data = new TheoryData<int, KeptNorm>();
        for (var seed = 0; seed < 8; seed++)
        {
            foreach (var keep in Enum.GetValues<KeptNorm>())
            {
                data.Add(seed, keep);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void To_AnySpectrum_IsTheGlobalOptimum(int seed, KeptNorm keep)
    {
        var random = new Random(seed);
        var k = 3 + seed % 4;
        var spectrum = Spectrum.FromSingularValues(Enumerable.Range(0, k).Select(_ => 0.05 + random.NextDouble()));
        var r = 1.02 + (k - 1.04) * random.NextDouble();
        var nearest = NearestSpectrum.To(spectrum, r, keep);
        var found = SpectrumSearch.LeastDistance([.. spectrum], r, keep, random);

        nearest.Spectrum.StableRank.Should().BeApproximately(r, 4 * k * Eps * r);
        nearest.Distance.Should().BeLessThanOrEqualTo(found + SearchRounding);
        found.Should().BeLessThanOrEqualTo(nearest.Distance + SearchAccuracy);
    }

    [Fact]
    public void Search_WrongShape_IsFoundToBeFarther()
    {
        // planted: the others are scaled, not cut, when the stable rank rises; the search must beat that by far more than its accuracy
        double[] values = [1, 0.9, 0.2, 0.1];
        const double r = 3;
        var tau = Math.Sqrt((values.Sum(s => s * s) - 1) / (r - 1));
        double[] wrong = [tau, .. values.Skip(1)];
        var scale = wrong.Zip(values, (w, s) => w * s).Sum() / wrong.Sum(w => w * w);
        var distance = Math.Sqrt(wrong.Zip(values, (w, s) => (scale * w - s) * (scale * w - s)).Sum());
        Spectrum.FromSingularValues(wrong).StableRank.Should().NotBeApproximately(r, 1e-3, "0.9 is above tau, so r is missed");
        SpectrumSearch.LeastDistance(values, r, KeptNorm.Free, new Random(1)).Should().BeGreaterThan(distance + 100 * SearchAccuracy);

        // and a feasible spectrum that is not the nearest: equal values below the top
        var equal = Math.Sqrt((r - 1) / 3);
        double[] feasible = [1, equal, equal, equal];
        scale = feasible.Zip(values, (w, s) => w * s).Sum() / r;
        distance = Math.Sqrt(feasible.Zip(values, (w, s) => (scale * w - s) * (scale * w - s)).Sum());
        SpectrumSearch.LeastDistance(values, r, KeptNorm.Free, new Random(1)).Should().BeLessThan(distance - 100 * SearchAccuracy);
    }

    [Fact]
    public void To_KeptNorms_AreKept()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var spectrum = Spectrum.FromSingularValues(Enumerable.Range(0, 30).Select(_ => random.NextDouble()));
            var r = 1 + 29 * random.NextDouble();
            NearestSpectrum.To(spectrum, r, KeptNorm.Spectral).Spectrum.SpectralNorm.Should().Be(spectrum.SpectralNorm);
            NearestSpectrum.To(spectrum, r, KeptNorm.Frobenius).Spectrum.FrobeniusNorm.Should().BeApproximately(
                spectrum.FrobeniusNorm, 30 * Eps * spectrum.FrobeniusNorm);
            var free = NearestSpectrum.To(spectrum, r);
            free.Distance.Should().BeLessThanOrEqualTo(NearestSpectrum.To(spectrum, r, KeptNorm.Spectral).Distance);
            free.Distance.Should().BeLessThanOrEqualTo(NearestSpectrum.To(spectrum, r, KeptNorm.Frobenius).Distance);
            NearestSpectrum.To(free.Spectrum, r).Distance.Should().BeLessThan(30 * Eps * spectrum.FrobeniusNorm);
            (free.CutCount == 1).Should().Be(r <= 1 + (spectrum.Skip(1).Sum(s => s * s) / spectrum[1] / spectrum[1]));
        }
    }

    [Fact]
    public void To_EdgesOfTheRange_AreExact()
    {
        var spectrum = Spectrum.FromSingularValues(3, 2, 1, 0);
        NearestSpectrum.To(spectrum, 1).Spectrum.Should().Equal(3, 0, 0, 0);
        NearestSpectrum.To(spectrum, 3).Spectrum.Should().Equal(2, 2, 2, 0);
        var tiny = spectrum.Scaled(1e-200);
        NearestSpectrum.To(tiny, 2.5).Spectrum.StableRank.Should().BeApproximately(2.5, 10 * Eps);
        NearestSpectrum.To(Spectrum.FromSingularValues(5), 1).Spectrum.Should().Equal(5);
    }

    [Fact]
    public void To_ImpossibleStableRank_IsAnError()
    {
        var spectrum = Spectrum.FromSingularValues(3, 2, 1, 0);
        FluentActions.Invoking(() => NearestSpectrum.To(spectrum, 3.01)).Should().Throw<ArgumentException>()
            .WithMessage("*3.01*only 3*not unique*");
        foreach (var r in (double[])[0.99, 4.01, double.NaN, double.PositiveInfinity])
        {
            FluentActions.Invoking(() => NearestSpectrum.To(spectrum, r)).Should().Throw<ArgumentOutOfRangeException>();
        }

        FluentActions.Invoking(() => NearestSpectrum.To(Spectrum.FromSingularValues(0, 0), 1)).Should().Throw<ArgumentException>();
    }
}
