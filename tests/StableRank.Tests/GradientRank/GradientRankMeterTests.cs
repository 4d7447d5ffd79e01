using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.GradientRank;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Spectra;
using StableRank.Tests.LinearAlgebra;
using StableRank.Tests.Networks;
using StableRank.Tests.Training;

namespace StableRank.Tests.GradientRank;

public sealed class GradientRankMeterTests
{
    private static readonly RankQuantity[] Everything = Enum.GetValues<RankQuantity>();

    [Fact]
    public void Factors_OfEveryKindOfLayer_MultiplyToTheGradient()
    {
        for (var seed = 0UL; seed < 40; seed++)
        {
            var (network, pass) = RandomPass(seed);
            var (l, next) = (0, 0);
            foreach (var layer in network.Layers)
            {
                for (var p = 0; p < layer.Parameters.Count; p++)
                {
                    var parameter = network.Parameters[next++];
                    if (!parameter.IsWeight)
                    {
                        continue;
                    }

                    var forward = pass.Forward!;
                    var inputs = l > 0 ? forward.Post[l - 1] : forward.InputArray;
                    var factors = new GradientFactors<double>(layer, p > 0, pass.Batch, inputs, forward.Post[l], pass.Signal[l]);
                    var (m, n, k) = (factors.Rows, factors.Columns, factors.Inner);
                    double[] delta = new double[m * k], a = new double[n * k];
                    factors.FillSignal(delta);
                    factors.FillActivation(a);
                    var product = Dense.Multiply<double>(false, true, m, n, k, delta, m, a, n);
                    double bound = NormOf(delta) * NormOf(a), slack = 1 + (4 * k * MachineEpsilon.Double);
                    factors.NormBound().Should().BeGreaterThanOrEqualTo(bound / slack);
                    Dense.Distance<double, double>(product, parameter.Gradient).Should().BeLessThanOrEqualTo(
                        (k + 1) * MachineEpsilon.Double * bound, "{0} of {1}", parameter, layer);

                    var kept = GradientFactors<double>.DropZeroColumns(delta, m, a, n, k);
                    var again = Dense.Multiply<double>(false, true, m, n, kept, delta, m, a, n);
                    Dense.Distance<double, double>(again, product).Should().Be(0, "zero columns add nothing");
                }

                l++;
            }
        }
    }

    [Fact]
    public void Measure_ByEveryRoute_AgreesWithinTheAccuracies()
    {
        for (var seed = 0UL; seed < 30; seed++)
        {
            var (network, pass) = RandomPass(seed);
            var byRoute = new[] { RankRoute.Values, RankRoute.Factors, RankRoute.Gram, RankRoute.Automatic }
                .Select(route => new GradientRankMeter<double>(route).Measure(pass, Everything)).ToArray();
            foreach (var other in byRoute[1..])
            {
                other.Should().HaveSameCount(byRoute[0]);
                foreach (var (x, y) in byRoute[0].Zip(other))
                {
                    (y.Layer, y.Parameter, y.Quantity, y.Rows, y.Columns)
                        .Should().Be((x.Layer, x.Parameter, x.Quantity, x.Rows, x.Columns));
                    Dense.Distance<double, double>([.. x.Spectrum], [.. y.Spectrum]).Should().BeLessThanOrEqualTo(
                        x.Accuracy + y.Accuracy, "{0} {1} by {2}, seed {3}", x.Quantity, x.Parameter, y.Route, seed);
                    y.RankLimit.Should().BeLessThanOrEqualTo(Math.Min(x.Rows, x.Columns));
                    if (y.Route != RankRoute.Gram)
                    {
                        var (least, most) = y.NumericalRankRange();
                        y.NumericalRank().Should().BeInRange(least, Math.Max(most, y.NumericalRank()));
                    }
                }
            }

            byRoute[3].Should().NotContain(rank => rank.Route == RankRoute.Gram, "no tolerance was given");
            foreach (var (parameter, measured) in network.Parameters.Where(p => p.IsWeight)
                .Zip(byRoute[0].Where(rank => rank.Quantity == RankQuantity.Weight)))
            {
                measured.Parameter.Should().Be(parameter.Name);
                // not to the bit: the other threads, the other order of sums
                Dense.Distance<double, double>([.. measured.Spectrum], [.. Spectrum.Of(parameter.Matrix)]).Should().BeLessThanOrEqualTo(
                    2 * measured.Accuracy, "of {0}", parameter);
            }
        }
    }

    [Fact]
    public void Measure_RankOfGradient_IsAtMostThatOfActivationAndSignal()
    {
        // theory (6.1), with tolerances that allow for the product's rounding: counts of what stands above the accuracy for certain
        for (var seed = 0UL; seed < 40; seed++)
        {
            var (_, pass) = RandomPass(seed);
            foreach (var group in new GradientRankMeter<double>().Measure(pass, Everything).GroupBy(rank => rank.Parameter))
            {
                var of = group.ToDictionary(rank => rank.Quantity);
                if (!of.TryGetValue(RankQuantity.Activation, out var activation))
                {
                    of[RankQuantity.Gradient].IsZero.Should().BeTrue();
                    continue;
                }

                var sure = of[RankQuantity.Gradient].NumericalRankRange(0.0).Least;
                sure.Should().BeLessThanOrEqualTo(Math.Min(activation.NumericalRank(0.0), of[RankQuantity.Signal].NumericalRank(0.0)));
                sure.Should().BeLessThanOrEqualTo(of[RankQuantity.Gradient].RankLimit);
            }
        }
    }

    [Fact]
    public void Measure_SmallBatch_TakesTheFactorsAndCountsTheSamples()
    {
        var network = Tasks.Network<double>(1, 60, 50, 40, 30);
        var pass = network.Forward(Tasks.Gaussian<double>(60, 3, 2));
        var back = network.Backward(pass, Tasks.Gaussian<double>(30, 3, 3));
        var measured = new GradientRankMeter<double>().Measure(back);
        measured.Should().OnlyContain(rank => rank.Route == RankRoute.Factors && rank.RankLimit == 3 && rank.NumericalRank() == 3);
        measured.Select(rank => rank.Spectrum.Skip(3).Sum()).Should().OnlyContain(sum => sum == 0);
        measured.Select(rank => rank.NumericalRankRange(0.0)).Should().OnlyContain(range => range.Equals(new ValueTuple<int, int>(3, 3)));
    }

    [Fact]
    public void Measure_TruncatedRecurrence_DropsTheStepsThatNoSignalReaches()
    {
        // the loss reads the last step; a signal goes back over 2 steps: of 6 time steps of 2 samples 4 columns remain
        var random = new RandomNetworks(5);
        var elman = new ElmanLayer<double>(6, random.Matrix(20, 18), random.Matrix(20, 20, 0.2), null, Activation.Linear, truncation: 2);
        var network = new Network<double>([elman]);
        var gradient = Matrix<double>.Build.Dense(120, 2);
        gradient.SetSubMatrix(100, 0, random.Matrix(20, 2));
        var back = network.Backward(network.Forward(random.Matrix(108, 2)), gradient);
        var measured = new GradientRankMeter<double>().Measure(back);
        measured.Select(rank => (rank.Parameter, rank.Route, rank.RankLimit, rank.NumericalRank())).Should().Equal(
            ("rnn.weight_ih_l0", RankRoute.Factors, 4, 4), ("rnn.weight_hh_l0", RankRoute.Factors, 4, 4));
    }

    [Fact]
    public void Measure_RankByGram_WouldBeWrongAndIsRefused()
    {
        double[] values = [1, 1e-2, 1e-6, 1e-9, 1e-12, .. new double[25]];
        for (var seed = 0UL; seed < 20; seed++)
        {
            var w = TestMatrices.WithValues(40, 30, values, seed);
            var network = new Network<double>([new DenseLayer<double>(w, null, Activation.Linear)]);
            var pass = network.Backward(network.Forward(Tasks.Gaussian<double>(30, 2, seed)), Tasks.Gaussian<double>(40, 2, seed));
            MeasuredRank Of(RankRoute route, double tolerance = 0) =>
                new GradientRankMeter<double>(route, tolerance).Measure(pass, [RankQuantity.Weight]).Single();

            var (exact, gram) = (Of(RankRoute.Values), Of(RankRoute.Gram));
            exact.NumericalRank().Should().Be(5);
            gram.Spectrum.NumericalRank(40, 30).Should().NotBe(5, "zeros come out of the Gram matrix as sqrt(eps)");
            gram.Invoking(rank => rank.NumericalRank()).Should().Throw<InvalidOperationException>()
                .WithMessage("*Weight of 0.weight*Gram matrix*");
            gram.Invoking(rank => rank.NumericalRankRange(1e-8)).Should().Throw<InvalidOperationException>();
            gram.EffectiveRank.Should().BeNull();

            // above its tolerance it is right, and so are the ranks of squares
            gram.SmallestTolerance.Should().BeInRange(1e-8, RankRouteCost.GramTolerance(40, 30) * (1 + 1e-9));
            foreach (var tolerance in (double[])[1e-3, 0.1])
            {
                gram.NumericalRank(tolerance).Should().Be(exact.NumericalRank(tolerance));
            }

            gram.StableRank.Should().BeApproximately(exact.StableRank!.Value, 40 * MachineEpsilon.Double * 4);
            gram.ParticipationRank.Should().BeApproximately(exact.ParticipationRank!.Value, 40 * MachineEpsilon.Double * 8);
            Of(RankRoute.Automatic).Route.Should().Be(RankRoute.Values);
            Of(RankRoute.Automatic, 1e-8).Route.Should().Be(RankRoute.Values, "below what a Gram matrix resolves");
            Of(RankRoute.Automatic, 1e-3).Route.Should().Be(RankRoute.Gram);
        }
    }

    [Fact]
    public void Measure_SinglePrecision_CountsBySinglesEpsilon()
    {
        // batch 6 through 12 x 12: the stored gradient is of rank 6 and single-precision noise
        for (var seed = 0UL; seed < 20; seed++)
        {
            var network = Tasks.Network<float>(seed + 1, 40, 32, 24);
            var pass = network.Forward(Tasks.Gaussian<float>(40, 6, seed));
            var back = network.Backward(pass, Tasks.Gaussian<float>(24, 6, seed + 100));
            var stored = new GradientRankMeter<float>(RankRoute.Values).Measure(back);
            var factors = new GradientRankMeter<float>(RankRoute.Factors).Measure(back);
            foreach (var (x, y) in stored.Zip(factors))
            {
                (x.Precision, y.Precision).Should().Be((FloatingPrecision.Single, FloatingPrecision.Single));
                x.NumericalRank().Should().Be(6);
                y.NumericalRank().Should().Be(6);
                x.Spectrum.NumericalRank(x.Rows, x.Columns).Should().BeGreaterThan(6, "by double's epsilon the noise counts");
                y.Spectrum.NumericalRank(y.Rows, y.Columns).Should().Be(6, "the sum before rounding has none");
                Dense.Distance<double, double>([.. x.Spectrum], [.. y.Spectrum]).Should().BeLessThan(x.Accuracy + y.Accuracy);
                y.Accuracy.Should().BeLessThan(1e-6 * x.Accuracy);
            }
        }
    }

    [Fact]
    public void Measure_ZeroGradient_HasRankZeroAndNoOtherRanks()
    {
        var network = Tasks.Network<double>(1, 6, 5, 4);
        var back = network.Backward(network.Forward(Tasks.Gaussian<double>(6, 2, 1)), Matrix<double>.Build.Dense(4, 2));
        foreach (var route in Enum.GetValues<RankRoute>())
        {
            foreach (var rank in new GradientRankMeter<double>(route).Measure(back))
            {
                (rank.IsZero, rank.NumericalRank(), rank.RankLimit).Should().Be((true, 0, 0));
                (rank.StableRank, rank.ParticipationRank, rank.EffectiveRank).Should().Be((null, null, null));
                rank.NumericalRankRange().Should().Be((0, 0));
            }
        }
    }

    [Fact]
    public void Measure_BadInput_SaysWhat()
    {
        var network = Tasks.Network<double>(1, 6, 5, 4);
        var meter = new GradientRankMeter<double>();
        meter.Invoking(m => m.Measure(new BackwardPass<double>(network, 2))).Should().Throw<InvalidOperationException>();
        var back = network.Backward(network.Forward(Tasks.Gaussian<double>(6, 2, 1)), Tasks.Gaussian<double>(4, 2, 2));
        meter.Invoking(m => m.Measure(back, [])).Should().Throw<ArgumentException>();
        meter.Invoking(m => m.Measure(back, [RankQuantity.Signal, RankQuantity.Signal])).Should().Throw<ArgumentException>()
            .WithMessage("*twice*");
        meter.Invoking(m => m.Measure(back, [(RankQuantity)9])).Should().Throw<ArgumentException>();
        meter.Invoking(m => m.Measure(back, null, new CancellationToken(true))).Should().Throw<OperationCanceledException>();
        new GradientRankMeter<double>(parameters: ["0.bias"]).Invoking(m => m.Measure(back)).Should().Throw<ArgumentException>()
            .WithMessage("*'0.bias'*0.weight, 2.weight*");
        new GradientRankMeter<double>(parameters: ["2.weight"]).Measure(back).Single().Layer.Should().Be(2);
        FluentActions.Invoking(() => new GradientRankMeter<double>((RankRoute)7)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new GradientRankMeter<double>(smallestTolerance: double.NaN)).Should()
            .Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new GradientRankMeter<Half>()).Should().Throw<NotSupportedException>();

        network.Parameters[0].Gradient[7] = double.NaN;
        back.Signals[0][3, 1] = double.NaN;
        foreach (var (route, place) in new[] { (RankRoute.Values, "row 2, column 1"), (RankRoute.Factors, "row 3, column 1") })
        {
            new GradientRankMeter<double>(route).Invoking(m => m.Measure(back)).Should().Throw<ArgumentException>()
                .WithMessage($"*0.weight*NaN*{place}*");
        }
    }

    private static double NormOf(double[] x) => Math.Sqrt(x.Sum(value => value * value));

    /// <summary>A dense, convolutional, pooled or recurrent network, a batch through it and back.</summary>
    private static (Network<double> Network, BackwardPass<double> Pass) RandomPass(ulong seed)
    {
        var random = new RandomNetworks(seed);
        var layers = new List<Layer<double>>();
        switch (seed % 4)
        {
            case 0:
                var (a, b) = (random.Integer(1, 30), random.Integer(1, 20));
                layers.AddRange([random.Dense(a, b), random.Dense(b, 7)]);
                break;
            case 1:
                var first = random.Convolution(random.Shape(), random.Integer(1, 6));
                layers.AddRange([first, random.Convolution(random.Shape(first), random.Integer(1, 6))]);
                layers.Add(random.Dense(layers[^1].OutputSize, 5));
                break;
            case 2:
                var image = random.Convolution(random.Shape(), random.Integer(1, 6));
                layers.AddRange([image, random.Pooled(image.Shape.Positions, image.OutputChannels, 5)]);
                break;
            default:
                var (steps, width) = (random.Integer(1, 5), random.Integer(2, 9));
                layers.Add(random.Elman(steps, random.Integer(1, 6), width, random.Coin() ? random.Integer(1, steps) : null));
                layers.AddRange([random.Elman(steps, width, 6), random.Dense(6 * steps, 4)]);
                break;
        }

        var network = new Network<double>(layers);
        var batch = random.Integer(1, 8);
        var pass = network.Forward(random.Matrix(network.InputSize, batch));
        return (network, network.Backward(pass, random.Matrix(network.OutputSize, batch)));
    }
}
