using StableRank.Experiments.Measuring;
using StableRank.Expressivity;
using StableRank.Randomness;
using StableRank.Replication;

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

    [Fact]
    public void StraightLine_ThroughPointsOnALine_IsThatLineWithItsErrors()
    {
        double[] x = [1, 2, 4];
        double[] errors = [0.1, 0.2, 0.3];

        var line = StraightLine.Through(x, [.. x.Zip(errors, (at, error) => new Estimate(3 - (2 * at), error, 50))], [1, 1, 1]);

        // slope weights (x - 7/3) / (14/3) = -2/7, -1/14, 5/14; intercept weights 1/3 - 7/3 of them = 1, 1/2, -1/2
        line.Intercept.Mean.Should().BeApproximately(3, 1e-14);
        line.Slope.Mean.Should().BeApproximately(-2, 1e-14);
        line.Slope.StandardError.Should().BeApproximately(Math.Sqrt(((0.01 * 16) + 0.04 + (0.09 * 25)) / 196), 1e-14);
        line.Intercept.StandardError.Should().BeApproximately(Math.Sqrt(0.01 + 0.01 + 0.0225), 1e-14);
        line.Slope.Count.Should().Be(50);
    }

    [Fact]
    public void StraightLine_HeavyPoints_PullIt()
    {
        double[] x = [0, 1, 2];
        Estimate[] y = [new(0, 1, 9), new(5, 1, 9), new(2, 1, 9)];

        StraightLine.Through(x, y, [1, 1e-12, 1]).Slope.Mean.Should().BeApproximately(1, 1e-9);
        ((Action)(() => StraightLine.Through([1, 1], y[..2], [1, 1]))).Should().Throw<ArgumentException>();
        ((Action)(() => StraightLine.Through([1, 2], y, [1, 1]))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Exponent_OfAPowerLaw_IsItsExponentAndLiesInItsInterval()
    {
        double[] x = [1, 2, 4, 8];
        var stream = new RandomStream(3);
        double[][] exact = [.. x.Select(at => Enumerable.Repeat(5 * Math.Pow(at, -0.7), 10).ToArray())];
        double[][] noisy = [.. x.Select(at => Enumerable.Range(0, 100).Select(_ => Math.Pow(at, -0.7) * stream.NextGaussian()).ToArray())];

        var (exponent, low, high) = Bootstrap.Exponent(x, exact);
        var (estimated, below, above) = Bootstrap.Exponent(x, noisy);

        new[] { exponent, low, high }.Should().AllSatisfy(value => value.Should().BeApproximately(-0.7, 1e-12));
        below.Should().BeLessThan(-0.7);
        above.Should().BeGreaterThan(-0.7);
        estimated.Should().BeInRange(below, above);

        // log rms of 100 Gaussians has the error 1/sqrt(200); 3.29 of them on both sides, over sqrt(sum (log x - mean)^2) = sqrt 5 log 2
        (above - below).Should().BeApproximately(2 * 3.29 / Math.Sqrt(200) / (Math.Sqrt(5) * Math.Log(2)), 0.3 * (above - below));
        ((Action)(() => Bootstrap.Exponent([1, 2], [[1.0], []]))).Should().Throw<ArgumentException>();
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

    /// <summary>Up to 0.7 lies a share of 0.7, by the other law 0.49: the distance is 0.21, and p(1 - p)/(n - 1) its variance.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void ClusteredDistance_OfGroupsOfEqualNumbers_HasTheErrorOfTheGroups(int copies)
    {
        const int groups = 1000;
        var numbers = Enumerable.Range(0, groups).Select(i => Enumerable.Repeat((i + 0.5) / groups, copies).ToArray()).ToList();
        var law = new EmpiricalLaw(numbers.SelectMany(group => group));
        var distance = ClusteredDistance.Of(law, numbers, x => x <= 0.7 ? 0.7 * x : 0.49 + ((x - 0.7) * 1.7), groups * copies);
        distance.Mean.Should().BeApproximately(0.21, 1e-3);
        distance.StandardError.Should().BeApproximately(Math.Sqrt(0.7 * 0.3 / (groups - 1)), 1e-5);
        distance.Count.Should().Be(groups);
    }
}
