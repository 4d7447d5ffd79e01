using StableRank.Experiments.Measuring;
using StableRank.Randomness;

namespace StableRank.Tests.Experiments;

public sealed class MeasuringTests
{
    private const int Replicates = 1000;

    [Fact]
    public void NormSamples_OfGivenNorms_GivesTheirMeansAndErrors()
    {
        var samples = new NormSamples(2, 2);
        Store(samples, 0, [2, 8], [1, 3], [4, 6]);
        Store(samples, 1, [2, 8], [3, 1], [2, 4]);

        // layer 1: q = 1/2, 3/8 and 3/2, 1/8; layer 2: q = 2, 3/4 and 1, 1/2
        samples.Mean(1).Mean.Should().BeApproximately((0.4375 + 0.8125) / 2, 1e-15);
        samples.Mean(1).StandardError.Should().BeApproximately((0.8125 - 0.4375) / 2, 1e-15);
        samples.Log(2).Mean.Should().BeApproximately((Math.Log(2) + Math.Log(0.75) + Math.Log(1) + Math.Log(0.5)) / 4, 1e-15);
        samples.Mean(2).Count.Should().Be(2);
    }

    [Fact]
    public void NormSamples_ADeadSignal_IsNamed()
    {
        var store = () => Store(new NormSamples(2, 2), 1, [2, 8], [1, 0], [1, 1]);

        store.Should().Throw<InvalidOperationException>().WithMessage("*layer 1 of replicate 1*");
    }

    [Fact]
    public void Slopes_OfIndependentFactors_AreWithinFiveStandardErrors()
    {
        // f = e^(s z - s^2/2): log E f = 0 and log E f^2/(E f)^2 = s^2
        const double s = 0.15;
        var moments = Enumerable.Range(0, 7).Select(k => Math.Exp(3 * s * s * k * (k - 1) / 2)).ToArray();
        Reliability.SpreadIsTestable(moments, Replicates).Should().BeTrue("otherwise the comparison of layer 3 says nothing");
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var samples = Lognormal((ulong)seed, Replicates, depth: 3, s);

            samples.Slope().DeviationsFrom(0).Should().BeInRange(-5, 5);
            samples.SpreadSlope().DeviationsFrom(s * s).Should().BeInRange(-5, 5);
            samples.LogSpread(3).DeviationsFrom(3 * s * s).Should().BeInRange(-5, 5);
            samples.Log(3).DeviationsFrom(-3 * s * s / 2).Should().BeInRange(-5, 5);

            // a wrong value is seen
            Math.Abs(samples.SpreadSlope().DeviationsFrom(2 * s * s)).Should().BeGreaterThan(5);
        }
    }

    [Fact]
    public void Jackknife_OfAMean_IsTheMeanAndItsStandardError()
    {
        double[] values = [1, 2, 4, 9];
        var without = values.Select(value => (values.Sum() - value) / 3).ToArray();

        var estimate = Jackknife.Of(4, without);

        estimate.Mean.Should().BeApproximately(4, 1e-14);
        estimate.StandardError.Should().BeApproximately(Math.Sqrt(values.Sum(value => (value - 4) * (value - 4)) / 3 / 4), 1e-14);
    }

    private static void Store(NormSamples samples, int replicate, double[] initial, params double[][] layers)
    {
        var before = initial;
        for (var l = 0; l < layers.Length; l++)
        {
            samples.Store(replicate, l + 1, initial, before, layers[l]);
            before = layers[l];
        }
    }

    private static NormSamples Lognormal(ulong seed, int replicates, int depth, double s)
    {
        var stream = new RandomStream(seed);
        var samples = new NormSamples(replicates, depth);
        for (var j = 0; j < replicates; j++)
        {
            var norm = 3.0;
            var layers = new double[depth][];
            for (var l = 0; l < depth; l++)
            {
                norm *= Math.Exp(s * stream.NextGaussian() - s * s / 2);
                layers[l] = [norm];
            }

            Store(samples, j, [3.0], layers);
        }

        return samples;
    }
}
