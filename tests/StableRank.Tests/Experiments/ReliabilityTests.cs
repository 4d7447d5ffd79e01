using StableRank.Ensembles;
using StableRank.Experiments.Measuring;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.Experiments;

public sealed class ReliabilityTests
{
    [Theory]
    [InlineData("flat", 8)]
    [InlineData("spike", 8)]
    [InlineData("power-law", 20.5)]
    public void NormMoments_OfALayer_BeginAsTheoryAndGoOnAsSampled(string family, double stableRank)
    {
        const int Rows = 48, Columns = 32, Draws = 40_000;
        var spectrum = SpectralFamily.Parse(family).Draw(Rows, Columns, stableRank);
        var moments = NormMoments.OfLayer(spectrum, Rows, Columns);
        var model = Model.Dense([Columns, Rows], Activation.ReLU, (_, m, n) => Ensemble.FromSpectrum(m, n, spectrum));
        var exact = ExactPropagation.Of(model)[0];

        moments[0].Should().Be(1);
        moments[1].Should().Be(1);
        moments[2].Should().BeApproximately(1 + exact.RelativeVariance, 1e-13);

        // the same law by another route: x and W x in Gaussian directions
        var stream = new RandomStream(seed: 3);
        var (sums, squares) = (new double[7], new double[7]);
        var (x, z) = (new double[Columns], new double[Rows]);
        for (var draw = 0; draw < Draws; draw++)
        {
            stream.FillGaussian<double>(x);
            stream.FillGaussian<double>(z);
            var f = spectrum.Zip(x, (s, entry) => s * s * entry * entry).Sum() / x.Sum(entry => entry * entry)
                * z.Where(entry => entry > 0).Sum(entry => entry * entry) / z.Sum(entry => entry * entry);
            var power = 1.0;
            for (var k = 1; k <= 6; k++)
            {
                power *= f / exact.SecondMoment;
                sums[k] += power;
                squares[k] += power * power;
            }
        }

        for (var k = 1; k <= 6; k++)
        {
            var mean = sums[k] / Draws;
            var error = Math.Sqrt((squares[k] / Draws - mean * mean) / Draws);
            mean.Should().BeApproximately(moments[k], 5 * error, $"that is moment {k}");
        }
    }

    [Fact]
    public void NormMoments_OfAProduct_MultiplyOverLayers() =>
        NormMoments.OfProduct([1, 1, 2, 3], 3).Should().Equal(1, 1, 8, 27);

    [Fact]
    public void Skewness_OfExponentialVariables_IsThatOfTheirLaw()
    {
        // E q^k = k!: skewness 2; of q^2/2 - 2 q + 1: variance 1 and third moment 10, by hand
        double[] moments = [1, 1, 2, 6, 24, 120, 720];

        Reliability.SkewnessOfMean(moments, 4).Should().BeApproximately(1, 1e-14);
        Reliability.SkewnessOfSpread(moments, 4).Should().BeApproximately(5, 1e-13);
        Reliability.MeanIsTestable(moments, 99).Should().BeFalse();
        Reliability.MeanIsTestable(moments, 101).Should().BeTrue();
        Reliability.SpreadIsTestable(moments, 2499).Should().BeFalse();
        Reliability.SpreadIsTestable(moments, 2501).Should().BeTrue();
    }
}
