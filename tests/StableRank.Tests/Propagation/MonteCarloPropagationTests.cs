using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Replication;
using StableRank.Spectra;
using StableRank.Tests.Networks;

namespace StableRank.Tests.Propagation;

public sealed class MonteCarloPropagationTests
{
    [Theory]
    [InlineData("tanh", 0.4)]
    [InlineData("relu", 0.0)]
    public void Run_OfAFewReplicates_IsTheStatisticsOfTheNetworksSampledOneByOne(string activation, double biasVariance)
    {
        const int replicates = 5;
        const int batch = 3;
        const ulong seed = 8;
        var model = Model.Dense([6, 9, 7], Activation.Parse(activation), Half, biasVariance);
        var (x, v) = (Gaussian(6, batch, 1), Gaussian(6, batch, 2));
        var run = MonteCarloPropagation.Run(model, x, replicates, seed, v);
        for (var l = 0; l < 2; l++)
        {
            var second = new double[replicates];
            var fourth = new double[replicates];
            var tangent = new double[replicates];
            var log = new double[replicates];
            for (var i = 0; i < replicates; i++)
            {
                var network = model.Sample<double>(seed, (ulong)i);
                var output = network.Forward(x).PostActivations[l];
                // tangents by central differences of the network itself
                const double h = 1e-6;
                var difference = (network.Forward(x + h * v).PostActivations[l] - network.Forward(x - h * v).PostActivations[l]) / (2 * h);
                for (var j = 0; j < batch; j++)
                {
                    var ratio = Square(output, j) / Square(x, j);
                    second[i] += ratio / batch;
                    fourth[i] += ratio * ratio / batch;
                    log[i] += Math.Log(ratio) / batch;
                    tangent[i] += Square(difference, j) / Square(v, j) / batch;
                }
            }

            var layer = run.Layers[l];
            (layer.Layer, layer.Rows, layer.Columns, layer.DeadCount).Should().Be((l + 1, l == 0 ? 9 : 7, l == 0 ? 6 : 9, 0L));
            IsMeanOf(layer.SecondMoment, second, 1e-12);
            IsMeanOf(layer.FourthMoment, fourth, 1e-12);
            IsMeanOf(layer.ExpectedLog, log, 1e-12);
            IsMeanOf(layer.TangentFactor, tangent, 1e-7);
            var variance = fourth.Average() / Math.Pow(second.Average(), 2) - 1;
            layer.RelativeVariance.Mean.Should().BeApproximately(variance, 1e-12 * (1 + variance));
        }
    }

    [Fact]
    public void Run_WithAnyNumberOfWorkers_IsTheSameToTheLastBit()
    {
        var model = Model.Dense([12, 30, 9, 17], Activation.Gelu, Half, 0.1);
        var x = Gaussian(12, 5, 3);
        var one = MonteCarloPropagation.Run(model, x, 61, 4, workers: 1);
        foreach (var workers in new int?[] { 2, 3, 8, null, 2, 2 })
        {
            MonteCarloPropagation.Run(model, x, 61, 4, workers: workers).Layers.Should().Equal(one.Layers);
        }

        MonteCarloPropagation.Run(model, x, 61, 5).Layers.Should().NotEqual(one.Layers);
        MonteCarloPropagation.Run(model, x, 60, 4).Layers.Should().NotEqual(one.Layers);
    }

    [Fact]
    public void Run_OfLargeMatrices_WithThreadsInsideTheProducts_IsTheSameWhateverTheWorkers()
    {
        // 2048 x 2048 is the size from which replicates run one after the other
        var model = Model.Dense([2048, 2048], Activation.ReLU, (l, m, n) => Ensemble.Gaussian(m, n, 2.0 / n));
        var x = Gaussian(2048, 1, 3);
        var one = MonteCarloPropagation.Run(model, x, 3, 4, workers: 1);
        MonteCarloPropagation.Run(model, x, 3, 4, workers: 3).Layers.Should().Equal(one.Layers);

        // a relative variance of 5/m with 3 replicates: 5 exact standard errors
        var exact = ExactPropagation.Of(model)[0];
        one.Layers[0].SecondMoment.Mean.Should().BeApproximately(exact.SecondMoment, 5 * exact.RelativeStandardDeviation / Math.Sqrt(3));
    }

    [Fact]
    public void Progress_OfARun_GrowsToTheTotal()
    {
        var seen = new Recorder();
        MonteCarloPropagation.Run(Narrow(), Gaussian(4, 1, 1), 250, 1, workers: 4, progress: seen);
        seen.Reports.Should().HaveCountGreaterThan(90).And.HaveCountLessThan(140);
        seen.Reports.Select(p => p.Completed).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        seen.Reports.Should().OnlyContain(p => p.Total == 250);
        seen.Reports[^1].Completed.Should().Be(250);
    }

    [Fact]
    public void Cancellation_DuringARun_StopsItEarly()
    {
        using var source = new CancellationTokenSource();
        var seen = new Recorder(source);
        var run = () => MonteCarloPropagation.Run(
            Narrow(), Gaussian(4, 1, 1), 1_000_000, 1, workers: 2, progress: seen, cancellationToken: source.Token);
        run.Should().Throw<OperationCanceledException>();
        seen.Reports.Should().HaveCountLessThan(5);

        var before = () => MonteCarloPropagation.Run(Narrow(), Gaussian(4, 1, 1), 10, 1, cancellationToken: source.Token);
        before.Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void StandardErrors_OverReplicatesAndNotInputs_AreHonest()
    {
        // 32 nearly parallel inputs see nearly the same network: they must not count as 32 observations
        var one = Gaussian(8, 1, 6);
        var many = Matrix<double>.Build.Dense(8, 32, (i, j) => one[i, 0] + 1e-3 * Math.Sin(i + 7 * j));
        var model = Model.Dense([8, 8, 8], Activation.LeakyReLU(0.5), Half);
        var alone = MonteCarloPropagation.Run(model, one, 400, 1).Layers[^1];
        var together = MonteCarloPropagation.Run(model, many, 400, 1).Layers[^1];
        var error = alone.LogSecondMoment.StandardError;
        together.LogSecondMoment.StandardError.Should().BeApproximately(error, 0.01 * error);

        // and over 60 seeds the squared deviations average 1: 60 chi-squares of variance 2
        var exact = ExactPropagation.Of(model)[^1].ExpectedLog;
        var squares = Enumerable.Range(0, 60).Select(
            seed => Math.Pow(MonteCarloPropagation.Run(model, many, 100, (ulong)seed).Layers[^1].ExpectedLog.DeviationsFrom(exact), 2));
        squares.Average().Should().BeApproximately(1, 5 * Math.Sqrt(2.0 / 60));
    }

    [Fact]
    public void ReLUOfNarrowLayers_LosesSignals_AsOftenAsPredicted()
    {
        var model = Model.Dense([4, 3, 2, 4], Activation.ReLU, Half);
        var exact = ExactPropagation.Of(model);
        var run = MonteCarloPropagation.Run(model, Gaussian(4, 3, 2), 20_000, 11);
        for (var l = 0; l < 3; l++)
        {
            Math.Abs(run.Layers[l].AliveProbability.DeviationsFrom(exact[l].AliveProbability)).Should().BeLessThan(5);
            Math.Abs(run.Layers[l].ExpectedLog.DeviationsFrom(exact[l].ExpectedLog)).Should().BeLessThan(5);
            run.Layers[l].DeadCount.Should().Be((long)Math.Round((1 - run.Layers[l].AliveProbability.Mean) * 60_000));

            // the mean over all, not over the alive, is what (4.4) gives
            Math.Abs(run.Layers[l].SecondMoment.DeviationsFrom(exact[l].SecondMoment)).Should().BeLessThan(5);
            var conditional = exact[l].SecondMoment / exact[l].AliveProbability;
            Math.Abs(run.Layers[l].SecondMoment.DeviationsFrom(conditional)).Should().BeGreaterThan(8);
        }

        run.Warnings.Should().Contain(w => w.Contains("die from layer 1 on"));
    }

    [Fact]
    public void ReLUOfWidthOne_AThousandDeep_DiesEverywhereWithoutNaN()
    {
        var model = Model.Dense(Enumerable.Repeat(1, 1001).ToArray(), Activation.ReLU, (l, m, n) => Ensemble.StableRank(m, n, 1));
        var last = MonteCarloPropagation.Run(model, Gaussian(1, 1, 2), 10, 1).Layers[^1];
        last.DeadCount.Should().Be(10);
        last.SecondMoment.Should().Be(new Estimate(0, double.PositiveInfinity, 10, 0));
        last.SecondMoment.DeviationsFrom(1).Should().Be(0);
        last.ExpectedLog.DeviationsFrom(0).Should().Be(0);
        last.AliveProbability.Mean.Should().Be(0);
        last.RelativeVariance.StandardError.Should().Be(double.PositiveInfinity);
    }

    [Theory]
    [InlineData(100.0)]
    [InlineData(0.01)]
    public void AThousandLayers_WhoseNormsLeaveTheRange_AreMeasuredInLogs(double scale)
    {
        Deep<double>(scale);
        Deep<float>(scale);
    }

    [Fact]
    public void OrthogonalLinearLayers_WithoutSpread_DeviateByRoundingOnly()
    {
        var model = Model.Dense(Enumerable.Repeat(32, 21).ToArray(), Activation.Linear, (l, m, n) => Ensemble.Orthogonal(m, n, 1.1));
        var exact = ExactPropagation.Of(model)[^1];
        foreach (var layer in new[]
        {
            MonteCarloPropagation.Run(model, Gaussian(32, 4, 1), 20, 1).Layers[^1],
            MonteCarloPropagation.Run(model, Gaussian(32, 4, 1).Map(v => (float)v), 20, 1).Layers[^1],
        })
        {
            Math.Abs(layer.LogSecondMoment.DeviationsFrom(exact.LogSecondMoment)).Should().BeLessThan(4);
            Math.Abs(layer.FourthMoment.DeviationsFrom(exact.FourthMoment)).Should().BeLessThan(4);
            Math.Abs(layer.ExpectedLog.DeviationsFrom(exact.ExpectedLog)).Should().BeLessThan(4);
            Math.Abs(layer.RelativeVariance.DeviationsFrom(exact.RelativeVariance)).Should().BeLessThan(4);
        }
    }

    [Fact]
    public void HeavyTails_InASmallSample_AreWarnedOf()
    {
        var model = Model.Dense(Enumerable.Repeat(16, 33).ToArray(), Activation.ReLU, (l, m, n) => Ensemble.StableRank(m, n, 1));
        MonteCarloPropagation.Run(model, Gaussian(16, 1, 1), 50, 1).Warnings.Should().Contain(w => w.Contains("not to be trusted"));
        MonteCarloPropagation.Run(Narrow(), Gaussian(4, 1, 1), 500, 1).Warnings.Should().BeEmpty();
    }

    [Fact]
    public void Overflow_OfANetworkWithBiases_IsAnErrorNamingTheLayer()
    {
        var model = Model.Dense(Enumerable.Repeat(4, 101).ToArray(), Activation.Linear, (l, m, n) => Ensemble.Orthogonal(m, n, 1e6), 0.1);
        var run = () => MonteCarloPropagation.Run(model, Gaussian(4, 1, 1), 4, 1);
        run.Should().Throw<ArithmeticException>().WithMessage("*range of Double in layer*");
    }

    [Fact]
    public void Guards_OnBadInputs_NameThem()
    {
        var model = Narrow();
        FluentActions.Invoking(() => MonteCarloPropagation.Run(model, Gaussian(5, 2, 1), 4, 1))
            .Should().Throw<ArgumentException>().WithMessage("*5 x 2*4 x 2*");
        FluentActions.Invoking(() => MonteCarloPropagation.Run(model, Gaussian(4, 2, 1), 4, 1, Gaussian(4, 3, 1)))
            .Should().Throw<ArgumentException>().WithMessage("*tangents are 4 x 3*4 x 2*");
        var zero = Gaussian(4, 2, 1);
        zero.ClearColumn(1);
        FluentActions.Invoking(() => MonteCarloPropagation.Run(model, zero, 4, 1))
            .Should().Throw<ArgumentException>().WithMessage("*Column 1 of the inputs is zero*");
        zero[2, 1] = double.PositiveInfinity;
        FluentActions.Invoking(() => MonteCarloPropagation.Run(model, zero, 4, 1))
            .Should().Throw<ArgumentException>().WithMessage("*row 2, column 1*");
        FluentActions.Invoking(() => MonteCarloPropagation.Run(model, Gaussian(4, 2, 1), 1, 1))
            .Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => MonteCarloPropagation.Run(model, Gaussian(4, 2, 1), 4, 1, workers: 0))
            .Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void ColumnNorms_OfExtremeColumns_NeitherOverflowNorUnderflow()
    {
        foreach (var scale in new[] { 1e-320, 1e-200, 1.0, 1e200, 1e307 })
        {
            // 1e-320 is subnormal: 2000 spacings, so that it and its multiples are good to 1e-3
            var exact = 2 * Math.Log(5) + 2 * Math.Log(scale);
            ColumnNorms.LogSquared<double>([3 * scale, -4 * scale]).Should().BeApproximately(exact, scale < 1e-300 ? 1e-3 : 1e-12);
        }

        foreach (var scale in new[] { 1e-30f, 1f, 1e30f })
        {
            var exact = 2 * Math.Log(5) + 2 * Math.Log(scale);
            ColumnNorms.LogSquared<float>([3 * scale, -4 * scale]).Should().BeApproximately(exact, 8 * MachineEpsilon.Single);
        }

        ColumnNorms.LogSquared<double>([0, 0]).Should().Be(double.NegativeInfinity);
        ColumnNorms.LogSquared<double>([1, double.NegativeInfinity]).Should().Be(double.PositiveInfinity);
        double.IsNaN(ColumnNorms.LogSquared<double>([1, double.NaN])).Should().BeTrue();
    }

    private static void Deep<T>(double scale)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        const int depth = 1000;
        var model = Model.Dense(
            Enumerable.Repeat(6, depth + 1).ToArray(),
            Activation.LeakyReLU(0.5),
            (l, m, n) => Ensemble.StableRank(m, n, 3, scale: ScaleConvention.Spectral(scale)));
        var exact = ExactPropagation.Of(model)[^1];
        var run = MonteCarloPropagation.Run(model, Gaussian(6, 2, 1).Map(v => T.CreateTruncating(v)), 20, 3).Layers[^1];
        Math.Abs(run.ExpectedLog.DeviationsFrom(exact.ExpectedLog)).Should().BeLessThan(5);
        Math.Abs(run.ExpectedLog.Mean).Should().BeGreaterThan(4000, "the squared norm is far outside the range of double");
        double.IsFinite(run.LogSecondMoment.Mean).Should().BeTrue();
        double.IsFinite(run.LogTangentFactor.Mean).Should().BeTrue();
        run.DeadCount.Should().Be(0);
    }

    private static Ensemble Half(int layer, int rows, int columns) =>
        Ensemble.StableRank(rows, columns, 0.5 * Math.Min(rows, columns), SpectralFamily.Spike);

    private static Model Narrow() => Model.Dense([4, 4, 4], Activation.Linear, Half);

    private static Matrix<double> Gaussian(int rows, int columns, ulong seed)
    {
        var values = new double[rows * columns];
        new RandomStream(seed, purpose: 99).FillGaussian<double>(values);
        return Matrix<double>.Build.Dense(rows, columns, values);
    }

    private static double Square(Matrix<double> matrix, int column) => matrix.Column(column).DotProduct(matrix.Column(column));

    private static void IsMeanOf(Estimate estimate, double[] values, double tolerance)
    {
        var mean = values.Average();
        var error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1.0) / values.Length);
        estimate.Mean.Should().BeApproximately(mean, tolerance * Math.Abs(mean));
        estimate.StandardError.Should().BeApproximately(error, 10 * tolerance * (error + Math.Abs(mean)));
        estimate.Count.Should().Be(values.Length);
    }

    private sealed class Recorder(CancellationTokenSource? cancel = null) : IProgress<ReplicationProgress>
    {
        public List<ReplicationProgress> Reports { get; } = [];

        public void Report(ReplicationProgress value)
        {
            Reports.Add(value);
            cancel?.Cancel();
        }
    }
}
