using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.Expressivity;

public sealed class MonteCarloCurveTests
{
    /// <summary>Of theory (4.5), where replicates are hundreds.</summary>
    private const double StandardErrors = 4;

    [Theory]
    [InlineData("relu", 4.0)]
    [InlineData("relu", 16.0)]
    [InlineData("leaky-relu:0.3", 8.0)]
    [InlineData("linear", 2.5)]
    public void Run_PositivelyHomogeneous_MeanSquareSpeedIsExactAndLengthBelowItsBound(string activation, double stableRank)
    {
        var model = Model.Dense(
            [20, 32, 24, 28], Activation.Parse(activation),
            (_, m, n) => Ensemble.StableRank(m, n, stableRank, SpectralFamily.PowerLaw, ScaleConvention.Spectral(1.5)));
        var circle = Curve.GreatCircle(20, 1, new RandomStream(1, purpose: 7));
        var run = MonteCarloCurve.Run<double>(model, circle, 400, seed: 11, new CurveOptions { Pieces = 16, LengthTolerance = 0.02 });
        var exact = ExactPropagation.Of(model);

        run.Unconverged.Should().Be(0);
        foreach (var (layer, theory) in run.Layers.Zip(exact))
        {
            layer.MeanSquareSpeed.DeviationsFrom(theory.TangentFactor * run.Input.MeanSquareSpeed).Should()
                .BeInRange(-StandardErrors, StandardErrors);

            // the checker sees a factor that is off by one row
            Math.Abs(layer.MeanSquareSpeed.DeviationsFrom(theory.TangentFactor * run.Input.MeanSquareSpeed * 1.5)).Should()
                .BeGreaterThan(StandardErrors);
            layer.Length.Mean.Should().BeLessThan(
                theory.LengthFactorBound * 2 * Math.PI * Math.Sqrt(20) + StandardErrors * layer.Length.StandardError);
            Math.Sqrt(layer.SquaredLength.Mean).Should().BeGreaterThan(layer.Length.Mean);
        }
    }

    [Fact]
    public void Run_AnyNumberOfWorkers_SameNumbers()
    {
        var model = Model.Dense([8, 10, 6], Activation.ReLU, (_, m, n) => Ensemble.StableRank(m, n, 3), 0.1);
        var circle = Curve.GreatCircle(8, 1, new RandomStream(1, purpose: 7));
        var options = new CurveOptions { Pieces = 8, LengthTolerance = 0.05 };
        var (one, two) = (MonteCarloCurve.Run<double>(model, circle, 9, 3, options, workers: 1),
            MonteCarloCurve.Run<double>(model, circle, 9, 3, options, workers: 2));

        two.Layers.Select(layer => layer.Length).Should().Equal(one.Layers.Select(layer => layer.Length));
        two.MeanPoints.Should().Be(one.MeanPoints);

        // replicate i is the network of that stream
        var first = CurveMeasurement.Of(model.Sample<double>(3, 0), circle, options);
        var second = CurveMeasurement.Of(model.Sample<double>(3, 1), circle, options);
        MonteCarloCurve.Run<double>(model, circle, 2, 3, options).Layers[1].TotalCurvature.Mean
            .Should().BeApproximately((first.Layers[1].TotalCurvature + second.Layers[1].TotalCurvature) / 2, 1e-12);
    }

    [Fact]
    public void Run_WideErfNetworks_FollowMeanFieldGrowthOfLengthAndCurvature()
    {
        const int width = 160;
        var model = Model.Dense(
            [.. Enumerable.Repeat(width, 4)], Activation.Erf,
            (_, m, n) => Ensemble.StableRank(m, n, 0.75 * n, scale: ScaleConvention.Spectral(2)), 0.05);
        var circle = Curve.GreatCircle(width, 0.6, new RandomStream(1, purpose: 7));
        foreach (var signal in new[] { CurveSignal.PreActivations, CurveSignal.PostActivations })
        {
            var options = new CurveOptions { Pieces = 24, Signal = signal, LengthTolerance = 3e-3, CurvatureTolerance = 3e-3 };
            var run = MonteCarloCurve.Run<double>(model, circle, 24, 5, options);
            var theory = MeanFieldCircle.Of(model, 0.6);
            var inverseRanks = 0.0;
            for (var l = 0; l < 3; l++)
            {
                // what finite ranks leave out is of the order of sum 1/p, twice that at most as in the mean-field experiment
                inverseRanks += 1 / model.Layers[l].Weights.Moments.ParticipationRank;
                var image = signal == CurveSignal.PreActivations ? theory[l].PreActivations : theory[l].PostActivations;
                Near(run.Layers[l].Length.Mean, image.Length, run.Layers[l].Length.StandardError, run.Layers[l].LengthError);
                Near(run.Layers[l].TotalCurvature.Mean, image.TotalCurvature,
                    run.Layers[l].TotalCurvature.StandardError, run.Layers[l].TotalCurvatureError);
                Near(run.Layers[l].MeanCurvature.Mean, image.MeanCurvature, run.Layers[l].MeanCurvature.StandardError, 0);

                // without the bending of the activation the curvature would be another
                if (l == 2)
                {
                    Math.Abs(run.Layers[l].TotalCurvature.Mean / (2 * Math.PI) - 1).Should().BeGreaterThan(0.2);
                }

                void Near(double measured, double limit, double standardError, double discretisation) =>
                    Math.Abs(measured - limit).Should().BeLessThan(
                        StandardErrors * standardError + discretisation + 2 * inverseRanks * limit, $"layer {l + 1}");
            }
        }
    }
}
