using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.GradientRank;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Ensembles;

namespace StableRank.Tests.GradientRank;

public sealed class LinearGradientMomentsTests
{
    private static readonly int[] Widths = [12, 20, 9, 15];
    private const int Batch = 7;
    private const int Seeds = 20;
    private const int Replicates = 300;

    /// <summary>
    /// Theory (6.7) over 20 seeds against the networks' own backward passes: 6 ensembles, 3 layers, three quantities, logarithms of means
    /// over 300 networks a seed. With 54 comparisons a right library fails with probability 4e-3 at 4 standard errors.
    /// </summary>
    [Theory]
    [InlineData("flat")]
    [InlineData("spike")]
    [InlineData("power-law")]
    [InlineData("gaussian")]
    [InlineData("mixed")]
    [InlineData("random")]
    public void Moments_OverTwentySeeds_AgreeWithBackwardPasses(string kind)
    {
        var model = Linear(kind);
        var (inputs, outputGradient) = Batches(1);
        var exact = LinearGradientMoments.Of(model, outputGradient.TransposeAndMultiply(inputs));
        var runs = Measure(model, inputs, _ => outputGradient, firstSeed: 1);
        foreach (var layer in exact)
        {
            var slack = layer.RelativeStandardError;
            Deviation(runs, layer.Layer, m => Math.Log(m.Square), layer.LogSquaredNorm, 0).Should().BeLessThan(4);
            Deviation(runs, layer.Layer, m => Math.Log(m.Fourth), layer.LogFourthPower, slack).Should().BeLessThan(4);
            Deviation(runs, layer.Layer, m => Math.Log(m.TraceOfSquare), layer.LogTraceOfSquare, slack).Should().BeLessThan(4);
            Deviation(runs, layer.Layer, m => Math.Log(m.Fourth / m.TraceOfSquare), Math.Log(layer.ParticipationRank), slack)
                .Should().BeLessThan(4);
        }
    }

    [Fact]
    public void Moments_OfWrongSidesOrLayers_AreSeenToBeWrong()
    {
        // the same networks against the formula with fan-in and fan-out exchanged, and with layer l itself taken in
        var model = Linear("spike");
        var (inputs, outputGradient) = Batches(1);
        var c = Spectrum.Of(outputGradient.TransposeAndMultiply(inputs));
        var runs = Measure(model, inputs, _ => outputGradient, firstSeed: 1);
        ProductLayer[] layers = [.. model.Layers.Select(layer => ProductLayer.Of(layer.Weights))];
        double Rank(int layer, bool exchanged, bool withItself)
        {
            var product = new TraceProduct(0, c.ParticipationRank);
            for (var j = 1; j <= layers.Length; j++)
            {
                if (j != layer || withItself)
                {
                    product.Multiply(layers[j - 1], j < layer != exchanged ? GramSide.FanIn : GramSide.FanOut);
                }
            }

            return Math.Log(product.ParticipationRank);
        }

        double Off(int layer, bool exchanged, bool withItself) =>
            Deviation(runs, layer, m => Math.Log(m.Fourth / m.TraceOfSquare), Rank(layer, exchanged, withItself), 0);
        Off(2, exchanged: false, withItself: false).Should().BeLessThan(4);
        Off(2, exchanged: false, withItself: true).Should().BeGreaterThan(6);
        Off(1, exchanged: true, withItself: false).Should().BeGreaterThan(6);
        Off(3, exchanged: true, withItself: false).Should().BeGreaterThan(6);
    }

    [Fact]
    public void SquaredNorm_IsTheProductOfStableRanks()
    {
        // (6.7): ||C||_F^2 prod_(j>l) s^2 r / m_j prod_(j<l) s^2 r / n_(j-1)
        var model = Linear("power-law");
        var c = Spectrum.FromSingularValues(3.0, 2.0, 0.5);
        var exact = LinearGradientMoments.Of(model, c);
        for (var l = 1; l <= 3; l++)
        {
            var product = 9 + 4 + 0.25;
            for (var j = 1; j <= 3; j++)
            {
                var spectrum = ((StableRankEnsemble)model.Layers[j - 1].Weights).Spectrum!;
                var squares = spectrum.SpectralNorm * spectrum.SpectralNorm * spectrum.StableRank;
                var factor = j == l ? 1 : squares / Widths[j < l ? j - 1 : j];
                Math.Exp(exact[l - 1].LogFactors[j - 1]).Should().BeApproximately(factor, 1e-14 * factor);
                product *= factor;
            }

            exact[l - 1].SquaredNorm.Should().BeApproximately(product, 1e-13 * product);
            (exact[l - 1].Rows, exact[l - 1].Columns).Should().Be((Widths[l], Widths[l - 1]));
        }
    }

    /// <summary>
    /// The 2 x 2 matrices of (4.9) commute: their common left eigenvectors are (1, 2) and (1, -1), so that (tr P)^2 + 2 tr P^2 is
    /// multiplied by (t1^2 + 2 t2)/(q (q + 2)) and (tr P)^2 - tr P^2 by (t1^2 - t2)/(q (q - 1)) by every layer: a closed form by another
    /// route.
    /// </summary>
    [Fact]
    public void Moments_ByCommonEigenvectors_AreTheSame()
    {
        var model = Linear("mixed");
        var c = Spectrum.FromSingularValues(3.0, 2.0, 0.5, 0.5, 0.1);
        var t = c.Sum(s => s * s);
        var t2 = c.Sum(s => s * s * s * s);
        foreach (var gradient in LinearGradientMoments.Of(model, c))
        {
            var (plus, minus) = (t * t + 2 * t2, t * t - t2);
            for (var j = 1; j <= 3; j++)
            {
                if (j == gradient.Layer)
                {
                    continue;
                }

                var layer = ProductLayer.Of(model.Layers[j - 1].Weights);
                double q = Widths[j < gradient.Layer ? j - 1 : j];
                var scale = Math.Exp(2 * layer.LogTrace);
                plus *= scale * (layer.SquaredTrace + 2 * layer.TraceOfSquare) / (q * (q + 2));
                minus *= scale * (layer.SquaredTrace - layer.TraceOfSquare) / (q * (q - 1));
            }

            var (square, ofSquare) = ((plus + 2 * minus) / 3, (plus - minus) / 3);
            Math.Exp(gradient.LogFourthPower).Should().BeApproximately(square, 1e-12 * square);
            Math.Exp(gradient.LogTraceOfSquare).Should().BeApproximately(ofSquare, 1e-12 * ofSquare);
        }
    }

    [Fact]
    public void OrthogonalSquareLayers_LeaveTheSpectrumOfC()
    {
        var model = Model.Dense([8, 8, 8, 8], Activation.Linear, (_, m, n) => Ensemble.Orthogonal(m, n, 1.5));
        var c = Spectrum.FromSingularValues(3.0, 2.0, 0.5);
        foreach (var gradient in LinearGradientMoments.Of(model, c))
        {
            gradient.ParticipationRank.Should().BeApproximately(c.ParticipationRank, 1e-12);
            gradient.RelativeVariance.Should().BeApproximately(0, 1e-13);
            gradient.SquaredNorm.Should().BeApproximately(Math.Pow(1.5, 4) * 13.25, 1e-11);
        }
    }

    [Fact]
    public void WidthOne_AndOneLayer_AreTheirClosedForms()
    {
        // through a layer of width 1 every gradient has rank 1; the gradient of the only layer is C
        var c = Spectrum.FromSingularValues(2.0, 1.0);
        var narrow = Model.Dense([5, 1, 4], Activation.Linear, (_, m, n) => Ensemble.Gaussian(m, n, 0.5));
        LinearGradientMoments.Of(narrow, c).Should().OnlyContain(g => Math.Abs(g.ParticipationRank - 1) < 1e-13);
        var one = LinearGradientMoments.Of(Model.Dense([5, 4], Activation.Linear, (_, m, n) => Ensemble.Gaussian(m, n, 9)), c)[0];
        one.SquaredNorm.Should().BeApproximately(5, 1e-14);
        one.ParticipationRank.Should().BeApproximately(25.0 / 17, 1e-14);
    }

    [Fact]
    public void HundredsOfLayers_OfAnyScale_StayFinite()
    {
        foreach (var scale in new[] { 1e-180, 1.0, 1e180 })
        {
            var layer = ProductLayer.Of(8, 8, Spectrum.FromSingularValues(1.0, 0.9, 0.5, 0.5, 0.2, 0.1, 0, 0).Scaled(scale));
            var gradients = LinearGradientMoments.Of([.. Enumerable.Repeat(layer, 600)], 0, 4);
            gradients.Should().OnlyContain(g => double.IsFinite(g.LogFourthPower) && g.ParticipationRank >= 1 && g.ParticipationRank < 1.5);
            gradients[0].LogSquaredNorm.Should().BeApproximately(599 * (layer.LogTrace - Math.Log(8)), 1e-8);
        }
    }

    /// <summary>
    /// Under squared error C depends on the weights; the mean squared norm is still exact, and (6.7) with C at f = 0 is not.
    /// </summary>
    [Theory]
    [InlineData("spike")]
    [InlineData("mixed")]
    public void SquaredError_OverTwentySeeds_MeanSquaredNormsAgree(string kind)
    {
        var model = Linear(kind);
        var (inputs, targets) = Batches(3);
        var exact = SquaredErrorGradientNorm.Of(model, inputs, targets);
        var fixedC = LinearGradientMoments.Of(model, targets.TransposeAndMultiply(inputs) / -Batch);
        var runs = Measure(model, inputs, outputs => (outputs - targets) / Batch, firstSeed: 100);
        foreach (var layer in exact)
        {
            double Off(double log) => Deviation(runs, layer.Layer, m => Math.Log(m.Square), log, 0);
            Off(layer.LogSquaredNorm).Should().BeLessThan(4);
            Off(fixedC[layer.Layer - 1].LogSquaredNorm).Should().BeGreaterThan(6, "the outputs contribute");
            Math.Exp(layer.LogFromTargets).Should().BeApproximately(
                fixedC[layer.Layer - 1].SquaredNorm, 1e-12 * fixedC[layer.Layer - 1].SquaredNorm);
        }

        SquaredErrorGradientNorm.Of(model, inputs, targets * 0.0).Zip(exact).Should().OnlyContain(
            pair => pair.First.LogSquaredNorm == pair.Second.LogFromOutputs, "targets of zero leave the outputs' part");
    }

    /// <summary>
    /// One sample under leaky ReLU: the linear formula times (1 + a^2)/2 for each activation; and on a batch that is wrong.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void OneSampleUnderLeakyRelu_HasTheLinearNormTimesTheActivationsFactors(double slope)
    {
        var linear = Linear("spike");
        var model = Model.Dense(
            Widths, Activation.LeakyReLU(slope), (l, _, _) => linear.Layers[l - 1].Weights, linearOutput: true);
        var (inputs, outputGradient) = Batches(1);
        var factor = 2 * Math.Log((1 + slope * slope) / 2);
        double[] Off(Matrix<double> x, Matrix<double> g)
        {
            var runs = Measure(model, x, _ => g, firstSeed: 200);
            return [.. LinearGradientMoments.Of(linear, g.TransposeAndMultiply(x)).Select(layer =>
                Deviation(runs, layer.Layer, m => Math.Log(m.Square), layer.LogSquaredNorm + factor, 0))];
        }

        Off(inputs.SubMatrix(0, Widths[0], 0, 1), outputGradient.SubMatrix(0, Widths[^1], 0, 1)).Should().OnlyContain(off => off < 4);

        // the same gradient at all outputs of a batch: cross terms
        var same = Matrix<double>.Build.Dense(Widths[^1], Batch, (i, _) => outputGradient[i, 0]);
        Off(inputs, same).Should().Contain(off => off > 6);
    }

    [Fact]
    public void Guards_NameWhatIsWrong()
    {
        var c = Spectrum.FromSingularValues(1.0);
        var relu = Model.Dense([3, 3, 3], Activation.ReLU, (_, m, n) => Ensemble.Orthogonal(m, n), linearOutput: true);
        FluentActions.Invoking(() => LinearGradientMoments.Of(relu, c)).Should().Throw<NotSupportedException>()
            .WithMessage("*layer 1 is relu*");
        var biased = Model.Dense([3, 3], Activation.Linear, (_, m, n) => Ensemble.Orthogonal(m, n), biasVariance: 0.1);
        FluentActions.Invoking(() => LinearGradientMoments.Of(biased, c)).Should().Throw<NotSupportedException>().WithMessage("*biases*");
        var model = Linear("flat");
        FluentActions.Invoking(() => LinearGradientMoments.Of(model, Matrix<double>.Build.Dense(12, 15, 1)))
            .Should().Throw<ArgumentException>().WithMessage("*C is 12 x 15*15 x 12*");
        FluentActions.Invoking(() => LinearGradientMoments.Of(model, Spectrum.FromSingularValues(0.0))).Should().Throw<ArgumentException>()
            .WithMessage("*zero*");
        var layer = ProductLayer.Of(3, 4, c);
        FluentActions.Invoking(() => LinearGradientMoments.Of([layer, layer], 0, 1)).Should().Throw<ArgumentException>()
            .WithMessage("*Layer 2 has 4 columns but layer 1 has 3*");
        FluentActions.Invoking(() => LinearGradientMoments.Of([layer], 0, 3.5)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => LinearGradientMoments.Of([layer], double.NaN, 1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => SquaredErrorGradientNorm.Of(model, Batches(1).Inputs, Matrix<double>.Build.Dense(15, 2)))
            .Should().Throw<ArgumentException>().WithMessage("*15 x 2*");
    }

    private static Model Linear(string kind) => Model.Dense(Widths, Activation.Linear, (l, m, n) => kind switch
    {
        "gaussian" => Ensemble.Gaussian(m, n, 1.0 / n),
        "mixed" when l == 1 => Ensemble.Orthogonal(m, n, 1.3),
        "mixed" when l == 2 => Ensemble.Gaussian(m, n, 0.2),
        "mixed" => Ensemble.StableRank(m, n, 2.5, SpectralFamily.Exponential),
        "random" => Ensemble.StableRank(m, n, 1.8, new TwoLevelFamily()),
        _ => Ensemble.StableRank(m, n, 1 + 0.3 * Math.Min(m, n), SpectralFamily.Parse(kind)),
    });

    /// <summary>
    /// Inputs of a steep spectrum, so that C has a participation rank well below its sizes, and a gradient at the outputs.
    /// </summary>
    private static (Matrix<double> Inputs, Matrix<double> OutputGradient) Batches(ulong seed)
    {
        var stream = new RandomStream(seed, layer: 99);
        double[] x = new double[Widths[0] * Batch], g = new double[Widths[^1] * Batch];
        stream.FillGaussian<double>(x);
        stream.FillGaussian<double>(g);
        var inputs = Matrix<double>.Build.Dense(Widths[0], Batch, x);
        return (inputs * Matrix<double>.Build.DenseOfDiagonalArray([.. Enumerable.Range(1, Batch).Select(i => 2.0 / i)]),
            Matrix<double>.Build.Dense(Widths[^1], Batch, g));
    }

    /// <summary>
    /// For each seed and layer the means of ||G||^2, ||G||^4 and tr (G G^T)^2 over networks, by their own backward passes.
    /// </summary>
    private static Means[][] Measure(
        Model model, Matrix<double> inputs, Func<Matrix<double>, Matrix<double>> outputGradient, ulong firstSeed)
    {
        var result = new Means[Seeds][];
        Parallel.For(0, Seeds, s =>
        {
            var sums = new Means[model.Depth];
            for (var replicate = 0; replicate < Replicates; replicate++)
            {
                var network = model.Sample<double>(firstSeed + (ulong)s, (ulong)replicate);
                var pass = network.Forward(inputs);
                network.Backward(pass, outputGradient(pass.Outputs));
                for (var l = 0; l < sums.Length; l++)
                {
                    var gram = network.Parameters[l].GradientMatrix.TransposeAndMultiply(network.Parameters[l].GradientMatrix);
                    var (trace, ofSquare) = (gram.Trace(), gram.FrobeniusNorm());
                    sums[l] = new Means(
                        sums[l].Square + trace / Replicates, sums[l].Fourth + trace * trace / Replicates,
                        sums[l].TraceOfSquare + ofSquare * ofSquare / Replicates);
                }
            }

            result[s] = sums;
        });
        return result;
    }

    /// <summary>The mean of a function of the means over seeds, less the exact value, in standard errors over the seeds.</summary>
    private static double Deviation(Means[][] runs, int layer, Func<Means, double> quantity, double exact, double exactError)
    {
        double[] values = [.. runs.Select(run => quantity(run[layer - 1]))];
        var mean = values.Average();
        var error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
        // the logarithm of a mean over few networks is low by half its relative variance, which the scatter over seeds gives
        var bias = error * error * values.Length / 2;
        return Math.Abs(mean + bias - exact) / double.Hypot(error, exactError);
    }

    private readonly record struct Means(double Square, double Fourth, double TraceOfSquare);
}
