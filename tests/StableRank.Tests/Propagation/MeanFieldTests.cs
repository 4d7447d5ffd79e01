using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Tests.Propagation;

public sealed class MeanFieldTests
{
    [Fact]
    public void Layers_AreTheMapsOneAfterTheOther()
    {
        // rectangular layers: the gain is E||W||_F^2 / m, and the activation of layer l acts in layer l + 1
        var model = new Model(
        [
            new DenseSpecification(Ensemble.StableRank(300, 200, 50, scale: ScaleConvention.Spectral(2)), Activation.Tanh, 0.1),
            new DenseSpecification(Ensemble.Gaussian(150, 300, 1.7 / 300), Activation.Gelu, 0.2),
            new DenseSpecification(Ensemble.Orthogonal(400, 150, 1.2), Activation.Erf),
        ]);
        var layers = MeanField.Of(model, 0.8, 1.1, 0.4).Layers;
        layers.Select(l => l.Gain).Should().Equal([4 * 50 / 300.0, 1.7, 1.44 * 150 / 400], (a, b) => Math.Abs(a - b) < 1e-15);

        var first = 4 * 50 / 300.0;
        layers[0].LengthA.Should().BeApproximately(first * 0.8 + 0.1, 1e-15);
        layers[0].Correlation.Should().BeApproximately(
            (first * 0.4 * Math.Sqrt(0.8 * 1.1) + 0.1) / Math.Sqrt((first * 0.8 + 0.1) * (first * 1.1 + 0.1)), 1e-15);
        var second = new MeanFieldMap(Activation.Tanh, 1.7, 0.2);
        layers[1].LengthB.Should().BeApproximately(second.Length(layers[0].LengthB), 1e-15);
        layers[1].Correlation.Should()
            .BeApproximately(second.Correlation(layers[0].LengthA, layers[0].LengthB, layers[0].Correlation), 1e-15);
        layers[1].Slope.Should().BeApproximately(1.7 * Activation.Gelu.Dual.DerivativeSquare(layers[1].LengthA).Value, 1e-15);
        var third = new MeanFieldMap(Activation.Gelu, 1.44 * 150 / 400);
        layers[2].LengthA.Should().BeApproximately(third.Length(layers[1].LengthA), 1e-15);
        layers[2].RelativeSpread.Should().BeApproximately(Math.Sqrt(2 * layers.Sum(l => 1 / l.ParticipationRank)), 1e-15);
    }

    /// <summary>Homogeneous layers: the limit of lengths is the exact mean, theory (4.4), at every width and shape.</summary>
    [Fact]
    public void Lengths_OfReLUModels_AreTheExactMeans()
    {
        int[] widths = [40, 64, 25, 50];
        var model = Model.Dense(widths, Activation.ReLU, (l, m, n) => Ensemble.StableRank(m, n, 10 + l, SpectralFamily.PowerLaw));
        var layers = MeanField.Of(model, 1).Layers;
        var exact = ExactPropagation.Of(model);
        for (var l = 0; l < 3; l++)
        {
            // E||x_l||^2 = n_l q_l / 2
            (widths[l + 1] * layers[l].LengthA / 2).Should().BeApproximately(40 * exact[l].SecondMoment, 1e-12);
        }
    }

    [Fact]
    public void Warnings_NameLowParticipationRanks()
    {
        Model Of(double r) => Model.Dense(
            [100, 100, 100], Activation.Tanh, (l, m, n) => Ensemble.StableRank(m, n, l == 2 ? r : 90, scale: ScaleConvention.Linear));
        MeanField.Of(Of(90), 1).Warnings.Should().BeEmpty();
        MeanField.Of(Of(3), 1).Warnings.Should().ContainSingle().Which.Should().Contain("layer 2 has p = 3").And.Contain("0.83");
    }

    [Fact]
    public void Guards_OnBadArguments_NameThem()
    {
        var model = Model.Dense([4, 4], Activation.Tanh, (_, m, n) => Ensemble.Orthogonal(m, n));
        FluentActions.Invoking(() => MeanField.Of(model, 0)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => MeanField.Of(model, 1, double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
        var exploding = Model.Dense(Enumerable.Repeat(4, 200).ToArray(), Activation.Linear, (_, m, n) => Ensemble.Orthogonal(m, n, 100));
        FluentActions.Invoking(() => MeanField.Of(exploding, 1)).Should().Throw<ArithmeticException>().WithMessage("*layer 78*");
        var x = InputPairs.Make(4, 2, 1, 0.5, new RandomStream(1));
        FluentActions.Invoking(() => MonteCarloMeanField.Run(model, x.SubMatrix(0, 4, 0, 3), 4, 1)).Should().Throw<ArgumentException>()
            .WithMessage("*3 inputs*even*");
        FluentActions.Invoking(() => MonteCarloMeanField.Run(model, x.SubMatrix(0, 3, 0, 4), 4, 1)).Should().Throw<ArgumentException>()
            .WithMessage("*3 x 4*4 x 4*");
        FluentActions.Invoking(() => MonteCarloMeanField.Run(model, x, 1, 1)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(1.0)]
    [InlineData(-1.0)]
    [InlineData(0.0)]
    public void InputPairs_HaveTheirLengthAndCorrelation(double correlation)
    {
        var x = InputPairs.Make(7, 5, 2.5, correlation, new RandomStream(3));
        for (var j = 0; j < 5; j++)
        {
            var (a, b) = (x.Column(2 * j), x.Column(2 * j + 1));
            (a.DotProduct(a) / 7).Should().BeApproximately(2.5, 1e-14);
            (b.DotProduct(b) / 7).Should().BeApproximately(2.5, 1e-14);
            (a.DotProduct(b) / 7 / 2.5).Should().BeApproximately(correlation, 1e-15);
        }
    }

    [Theory]
    [InlineData("tanh", 0.3)]
    [InlineData("relu", 0.0)]
    public void Run_OfAFewReplicates_IsTheStatisticsOfTheNetworksSampledOneByOne(string activation, double bias)
    {
        const int replicates = 4;
        var model = Model.Dense(
            [6, 9, 7], Activation.Parse(activation), (_, m, n) => Ensemble.StableRank(m, n, 3, SpectralFamily.Spike), bias);
        var x = InputPairs.Make(6, 3, 1.3, 0.4, new RandomStream(5));
        var run = MonteCarloMeanField.Run(model, x, replicates, 8);
        for (var l = 0; l < 2; l++)
        {
            var (lengthA, lengthB, cosine) = (new double[replicates], new double[replicates], new double[replicates]);
            for (var i = 0; i < replicates; i++)
            {
                var h = model.Sample<double>(8, (ulong)i).Forward(x).PreActivations[l];
                for (var j = 0; j < 6; j += 2)
                {
                    var (a, b) = (h.Column(j), h.Column(j + 1));
                    lengthA[i] += a.DotProduct(a) / h.RowCount / 3;
                    lengthB[i] += b.DotProduct(b) / h.RowCount / 3;
                    cosine[i] += a.DotProduct(b) / Math.Sqrt(a.DotProduct(a) * b.DotProduct(b)) / 3;
                }
            }

            IsMeanOf(run.Layers[l].LengthA, lengthA);
            IsMeanOf(run.Layers[l].LengthB, lengthB);
            IsMeanOf(run.Layers[l].Correlation, cosine);
        }
    }

    [Fact]
    public void Run_WithAnyNumberOfWorkers_IsTheSameToTheLastBit()
    {
        var model = Model.Dense([12, 30, 9], Activation.Gelu, (_, m, n) => Ensemble.StableRank(m, n, 4), 0.1);
        var x = InputPairs.Make(12, 2, 1, 0.5, new RandomStream(1));
        var one = MonteCarloMeanField.Run(model, x, 23, 4, workers: 1);
        MonteCarloMeanField.Run(model, x, 23, 4, workers: 3).Layers.Should().Equal(one.Layers);
        MonteCarloMeanField.Run(model, x, 23, 5).Layers.Should().NotEqual(one.Layers);
        var jacobian = MonteCarloJacobian.Run(model, x, 23, 4, workers: 1);
        MonteCarloJacobian.Run(model, x, 23, 4, workers: 3).Layers.Should().Equal(jacobian.Layers);
    }

    [Fact]
    public void Slope_OfLinearLayers_IsTheirExactSecondMoment()
    {
        // theory (4.5): chi = s1^2 r / m per neuron, exact at any width; in single precision too, far outside its range
        var model = Model.Dense(
            [8, 20, 8, 12], Activation.Linear, (_, m, n) => Ensemble.StableRank(m, n, 5, scale: ScaleConvention.Spectral(1e15)));
        var x = InputPairs.Make(8, 2, 1, 0.5, new RandomStream(2)).Map(v => (float)v);
        var run = MonteCarloMeanField.Run(model, x, 2000, 1);
        foreach (var layer in run.Layers)
        {
            Math.Abs(layer.Slope.DeviationsFrom(1e30 * 5 / layer.Rows)).Should().BeLessThan(4.5);
        }

        Math.Abs(run.Layers[^1].LogLengthA.DeviationsFrom(Math.Log(5 / 20.0 * (5 / 8.0) * (5 / 12.0)) + 90 * Math.Log(10))).Should()
            .BeLessThan(4.5);
    }

    public static TheoryData<string, double, double, bool> Phases() => new()
    {
        { "erf", 0.7, 0.1, false }, { "erf", 1.5, 0.05, true }, { "tanh", 2.0, 0.05, false }, { "relu", 1.8, 0.1, true },
        { "gelu", 1.6, 0.1, false },
        { "sin", 1.5, 0.1, true },
    };

    /// <summary>
    /// Width 512 against the limit, three layers, flat spectra of stable rank 256 and 400 or Gaussian entries. Means of smooth functions of
    /// the spread lengths are off by O(sum 1/p): the allowance is <see cref="Bias"/> times RelativeSpread^2/2 = sum 1/p beside 4.5 standard
    /// errors.
    /// </summary>
    [Theory]
    [MemberData(nameof(Phases))]
    public void Layers_AtWidth512_AgreeWithMonteCarlo(string activation, double gain, double bias, bool gaussian)
    {
        var model = MakeModel(activation, 512, 3, gain, bias, gaussian);
        var theory = MeanField.Of(model, 1.2, 0.6).Layers;
        var run = MonteCarloMeanField.Run(model, InputPairs.Make(512, 4, 1.2, 0.6, new RandomStream(9)), 16, 21);
        for (var l = 0; l < 3; l++)
        {
            var (limit, measured) = (theory[l], run.Layers[l]);
            var allowed = Bias * limit.RelativeSpread * limit.RelativeSpread / 2;
            Within(measured.LengthA, limit.LengthA, allowed * limit.LengthA);
            Within(measured.LengthB, limit.LengthB, allowed * limit.LengthB);
            Within(measured.Correlation, limit.Correlation, allowed);
            Within(measured.Slope, limit.Slope, allowed * limit.Slope);
        }

        // a gain a quarter off, or a bias variance off by 0.4, is seen
        Far(MeanField.Of(MakeModel(activation, 512, 3, 1.25 * gain, bias, gaussian), 1.2, 0.6).Layers[^1].LengthA);
        Far(MeanField.Of(MakeModel(activation, 512, 3, gain, bias + 0.4, gaussian), 1.2, 0.6).Layers[^1].LengthA);

        void Far(double wrong) => Math.Abs(run.Layers[^1].LengthA.DeviationsFrom(wrong)).Should().BeGreaterThan(6);
        static void Within(Estimate estimate, double limit, double allowance) =>
            Math.Abs(estimate.Mean - limit).Should().BeLessThan(4.5 * estimate.StandardError + allowance);
    }

    /// <summary>
    /// Lengths deviate from the limit by what the curvature of the length map makes of their spread: with a stable rank of a tenth of the
    /// width visibly, and falling with the width. Four times the width gives a quarter up to the next order, 1/p = 1/5 times a factor.
    /// </summary>
    [Fact]
    public void DeviationsFromTheLimit_FallWithTheParticipationRank()
    {
        var (low, lowError) = Deviation(50, 4000);
        var (high, highError) = Deviation(200, 2000);
        low.Should().BeLessThan(-10 * lowError, "the length map of sin is concave");
        high.Should().BeInRange(low / 4 * 2 - 4 * highError, low / 4 / 2 + 4 * highError);

        static (double Mean, double Error) Deviation(int width, int replicates)
        {
            var model = Model.Dense(
                [width, width, width, width],
                Activation.Sin,
                (_, m, n) => Ensemble.StableRank(m, n, n / 10, scale: ScaleConvention.VariancePreserving(1.5)),
                0.1);
            var limit = MeanField.Of(model, 0.5, 0.5).Layers[^1].LengthA;
            var run = MonteCarloMeanField.Run(model, InputPairs.Make(width, 2, 0.5, 0.5, new RandomStream(2)), replicates, 6);
            return (run.Layers[^1].LengthA.Mean / limit - 1, run.Layers[^1].LengthA.StandardError / limit);
        }
    }

    private const double Bias = 2;

    internal static Model MakeModel(string activation, int width, int depth, double gain, double bias, bool gaussian) => Model.Dense(
        [.. Enumerable.Repeat(width, depth + 1)],
        Activation.Parse(activation),
        (l, m, n) => gaussian
            ? Ensemble.Gaussian(m, n, gain / n)
            : Ensemble.StableRank(m, n, (l % 2 == 0 ? 0.5 : 0.8) * n, scale: ScaleConvention.VariancePreserving(gain)),
        bias);

    private static void IsMeanOf(Estimate estimate, double[] values)
    {
        var mean = values.Average();
        var error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1.0) / values.Length);
        estimate.Mean.Should().BeApproximately(mean, 1e-12 * (1 + Math.Abs(mean)));
        estimate.StandardError.Should().BeApproximately(error, 1e-11);
        estimate.Count.Should().Be(values.Length);
    }
}
