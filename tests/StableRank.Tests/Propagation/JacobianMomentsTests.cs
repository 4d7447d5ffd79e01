using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.Propagation;

public sealed class JacobianMomentsTests
{
    [Fact]
    public void SquareLayers_GiveTheSumOfTheTheory()
    {
        var model = MeanFieldTests.MakeModel("tanh", 128, 4, 1.9, 0.1, false);
        var theory = MeanField.Of(model, 0.9).Layers;
        var predicted = JacobianMoments.Of(model, 0.9);
        var (mean, sum) = (1.0, 0.0);
        for (var l = 0; l < 4; l++)
        {
            var second = Activation.Tanh.Dual.DerivativeSquare(theory[l].LengthA).Value;
            var fourth = Activation.Tanh.Dual.DerivativeFourth(theory[l].LengthA).Value;
            mean *= 1.9 * second;
            sum += 128 / theory[l].ParticipationRank - 1 + (fourth / (second * second) - 1);
            predicted[l].Mean.Should().BeApproximately(mean, 1e-13);
            predicted[l].RelativeVariance.Should().BeApproximately(sum, 1e-12);
        }
    }

    [Fact]
    public void OrthogonalLayersAndReLU_HaveKnownMoments()
    {
        // D alone: each ReLU layer adds kappa - 1 = 1; orthogonal weights add nothing, whatever the shape while widths do not fall
        var square = Model.Dense([64, 64, 64, 64], Activation.ReLU, (_, m, n) => Ensemble.Orthogonal(m, n, Math.Sqrt(2)));
        var moments = JacobianMoments.Of(square, 1);
        moments.Select(m => m.RelativeVariance).Should().Equal([1.0, 2, 3], (a, b) => Math.Abs(a - b) < 1e-12);
        moments[^1].Mean.Should().BeApproximately(1, 1e-14);
        var wide = Model.Dense([64, 128, 256], Activation.Linear, (_, m, n) => Ensemble.Orthogonal(m, n));
        JacobianMoments.Of(wide, 1)[^1].ParticipationRank.Should().BeApproximately(64, 1e-10);

        // a single Gaussian layer m x n: Marchenko-Pastur, 1/p = 1/m + 1/n up to 1/(mn)
        var one = JacobianMoments.Of(Model.Dense([300, 200], Activation.Linear, (_, m, n) => Ensemble.Gaussian(m, n, 1)), 1)[0];
        one.InverseParticipationRank.Should().BeApproximately(1 / 300.0 + 1 / 200.0, 2.0 / (300 * 200));
    }

    [Theory]
    [InlineData("tanh", 0.3)]
    [InlineData("relu", 0.0)]
    public void Run_OfAFewReplicates_IsTheJacobiansOfTheNetworksSampledOneByOne(string activation, double bias)
    {
        const int replicates = 4;
        var model = Model.Dense(
            [6, 9, 5], Activation.Parse(activation), (_, m, n) => Ensemble.StableRank(m, n, 3, SpectralFamily.Spike), bias);
        var x = InputPairs.Make(6, 1, 1.3, 0.4, new RandomStream(5));
        var run = MonteCarloJacobian.Run(model, x, replicates, 8);
        var single = MonteCarloJacobian.Run(model, x.Map(v => (float)v), replicates, 8);
        for (var l = 0; l < 2; l++)
        {
            var (trace, squared, ofSquare) = (new double[replicates], new double[replicates], new double[replicates]);
            var inverse = new List<double>();
            for (var i = 0; i < replicates; i++)
            {
                var network = model.Sample<double>(8, (ulong)i);
                var pass = network.Forward(x);
                for (var j = 0; j < 2; j++)
                {
                    var jacobian = Matrix<double>.Build.DenseIdentity(6);
                    for (var k = 0; k <= l; k++)
                    {
                        var slopes = pass.PreActivations[k].Column(j).ToArray();
                        network.Layers[k].Activation.Derivative<double>(slopes, slopes);
                        jacobian = Matrix<double>.Build.DenseOfDiagonalArray(slopes) * network.Layers[k].Weights * jacobian;
                    }

                    var p = jacobian * jacobian.Transpose();
                    var (t1, t2) = (p.Trace(), (p * p).Trace());
                    (trace[i], squared[i], ofSquare[i]) = (trace[i] + t1 / 2, squared[i] + t1 * t1 / 2, ofSquare[i] + t2 / 2);
                    if (t1 > 0)
                    {
                        inverse.Add(t2 / (t1 * t1));
                    }
                }
            }

            foreach (var (layer, tolerance) in new[] { (run.Layers[l], 1e-13), (single.Layers[l], 1e-5) })
            {
                layer.LogTrace.Mean.Should().BeApproximately(Math.Log(trace.Average()), tolerance);
                layer.LogSquaredTrace.Mean.Should().BeApproximately(Math.Log(squared.Average()), tolerance);
                layer.LogTraceOfSquare.Mean.Should().BeApproximately(Math.Log(ofSquare.Average()), tolerance);
                layer.ParticipationRank.Mean.Should().BeApproximately(squared.Average() / ofSquare.Average(), 10 * tolerance);
                layer.InverseParticipationRank.Mean.Should().BeApproximately(inverse.Average(), tolerance);
                layer.Mean.Mean.Should().BeApproximately(trace.Average() / layer.Rows, tolerance);
                layer.RelativeVariance.Mean.Should().BeApproximately(layer.Rows * inverse.Average() - 1, 10 * tolerance);
            }
        }
    }

    [Fact]
    public void DeepProducts_AreMeasuredFarOutsideTheRange()
    {
        var model = Model.Dense(Enumerable.Repeat(5, 301).ToArray(), Activation.Linear, (_, m, n) => Ensemble.Orthogonal(m, n, 1e20));
        foreach (var layer in new[]
        {
            MonteCarloJacobian.Run(model, Matrix<double>.Build.Dense(5, 1, 1), 3, 1).Layers[^1],
            MonteCarloJacobian.Run(model, Matrix<float>.Build.Dense(5, 1, 1), 3, 1).Layers[^1],
        })
        {
            Math.Abs(layer.LogTrace.DeviationsFrom(Math.Log(5) + 12_000 * Math.Log(10))).Should().BeLessThan(4);
            Math.Abs(layer.InverseParticipationRank.DeviationsFrom(0.2)).Should().BeLessThan(4);
        }
    }

    public static TheoryData<string, double, double, bool, bool> Cases() => new()
    {
        { "relu", 2, 0, false, false }, { "tanh", 2, 0.1, true, false }, { "erf", 1.2, 0.05, false, true },
        { "gelu", 1.7, 0.2, true, true },
        { "linear", 1, 0, true, true },
    };

    /// <summary>
    /// Theory (4.8) at widths 64 and 256, square and rectangular: the finite-width deviation falls as 1/width, so that four times that at
    /// 256 equals that at 64 up to the next order, 1/64 of it times a number of order 10 (squares of depth 3). m_1 likewise.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Moments_AtGrowingWidths_ApproachTheLimit(string activation, double gain, double bias, bool gaussian, bool rectangular)
    {
        var (narrow, narrowMean) = Deviation(64, 150);
        var (wide, wideMean) = Deviation(256, 8);
        Closer(narrow, wide);
        Closer(narrowMean, wideMean);

        void Closer((double Relative, double Error) at64, (double Relative, double Error) at256)
        {
            Math.Abs(at64.Relative).Should().BeLessThan(10.0 / 64 + 4.5 * at64.Error);
            Math.Abs(at256.Relative).Should().BeLessThan(10.0 / 256 + 4.5 * at256.Error);
            Math.Abs(at256.Relative - at64.Relative / 4).Should()
                .BeLessThan(4.5 * double.Hypot(at256.Error, at64.Error / 4) + 100.0 / (64 * 256));
        }

        ((double, double) Variance, (double, double) Mean) Deviation(int width, int replicates)
        {
            int[] widths = rectangular ? [width, 3 * width / 2, width / 2, width] : [width, width, width, width];
            var model = Model.Dense(
                widths,
                Activation.Parse(activation),
                (_, m, n) => gaussian
                    ? Ensemble.Gaussian(m, n, gain / n)
                    : Ensemble.StableRank(m, n, 0.6 * Math.Min(m, n), SpectralFamily.Spike, ScaleConvention.VariancePreserving(gain)),
                bias);
            var limit = JacobianMoments.Of(model, 1)[^1];
            var layer = MonteCarloJacobian.Run(model, InputPairs.Make(width, 1, 1, 0, new RandomStream(4)), replicates, 12).Layers[^1];
            var variance = layer.InverseParticipationRank;
            return (
                (variance.Mean / limit.InverseParticipationRank - 1, variance.StandardError / limit.InverseParticipationRank),
                (layer.Mean.Mean / limit.Mean - 1, layer.Mean.StandardError / limit.Mean));
        }
    }

    /// <summary>
    /// Without the activation's kurtosis, or without 1/fan-in, the prediction is off by far more than the widths explain.
    /// </summary>
    [Fact]
    public void Moments_OfWrongFormulas_AreSeenToBeWrong()
    {
        var model = Model.Dense([256, 256, 256, 256], Activation.ReLU, (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n));
        var limit = JacobianMoments.Of(model, 1)[^1];
        var layer = MonteCarloJacobian.Run(model, InputPairs.Make(256, 1, 1, 0, new RandomStream(4)), 8, 12).Layers[^1];
        var measured = layer.RelativeVariance;
        Off(limit.RelativeVariance).Should().BeLessThan(10.0 / 256 + 4.5 * measured.StandardError / measured.Mean);
        Off(limit.RelativeVariance - 3).Should().BeGreaterThan(0.5, "kappa - 1 = 1 for each of three layers");
        Off(limit.RelativeVariance + 3).Should().BeGreaterThan(0.3, "1/p - 1/n, not 1/p");
        double Off(double value) => Math.Abs(measured.Mean / value - 1);
    }
}
