using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Tests.Expressivity;

public sealed class CurveMeasurementTests
{
    private static readonly CurveOptions Fine = new() { LengthTolerance = 1e-6, CurvatureTolerance = 1e-6, MaximumPoints = 1 << 16 };
    private static readonly Curve UnitCircle = Curve.GreatCircle(Vector(1, 0), Vector(0, 1));

    [Fact]
    public void Of_CircleThroughDiagonal_IsTheEllipse()
    {
        var measured = CurveMeasurement.Of(Linear(2, 1), UnitCircle, Fine);

        // python3 -c "from scipy.special import ellipe; print(repr(8*ellipe(0.75)))"
        Check(measured.Layers[0], 9.688448220547675, 2 * Math.PI, Fine);
        Check(measured.Input, 2 * Math.PI, 2 * Math.PI, Fine);
        measured.Converged.Should().BeTrue();

        // mean over the grid of 4 sin^2 + cos^2, exact for a trigonometric polynomial
        measured.Layers[0].MeanSquareSpeed.Should().BeApproximately(2.5, 1e-13);
        measured.Input.MeanCurvature.Should().BeApproximately(1, 1e-6);
    }

    [Fact]
    public void Of_CircleThroughRelu_IsAnArcAndTwoSides()
    {
        // a quarter of the circle, one side down and one side back; the image rests at 0 for a quarter and then leaves in a new direction
        var measured = CurveMeasurement.Of(Plain(Activation.ReLU, 1, 1), UnitCircle, Fine);

        Check(measured.Layers[0], Math.PI / 2 + 2, 1.5 * Math.PI, Fine);
    }

    [Fact]
    public void Of_SegmentThroughTheOrigin_AllKinksTogetherAreOneCorner()
    {
        // abs folds the segment from (-1, 1) to (1, -1) onto the ray through (1, 1): there and back, one turn by pi
        var measured = CurveMeasurement.Of(Plain(Activation.Abs, 1, 1), Curve.Segment(Vector(-1, 1), Vector(1, -1)), Fine);

        Check(measured.Layers[0], 2 * Math.Sqrt(2), Math.PI, Fine);
        measured.Converged.Should().BeTrue();

        // and where no point of a grid falls on the corner: it cannot be resolved, only found to be narrow
        measured = CurveMeasurement.Of(Plain(Activation.ReLU, 1, 1), Curve.Segment(Vector(-1, -1), Vector(2, 2)), Fine);
        Check(measured.Layers[0], 2 * Math.Sqrt(2), 0, Fine);
        measured = CurveMeasurement.Of(Plain(Activation.Abs, 1, 1), Curve.Segment(Vector(-1, 1), Vector(2, -2)), Fine);
        Check(measured.Layers[0], 3 * Math.Sqrt(2), Math.PI, Fine);
    }

    [Theory]
    [InlineData(false, 3, Math.PI / 2 + Math.PI / 2)]
    [InlineData(true, 4, 2 * Math.PI)]
    public void Of_Square_CornersCount(bool closed, double length, double turn)
    {
        var corners = Matrix<double>.Build.DenseOfColumnArrays([0, 0], [1, 0], [1, 1], [0, 1]);
        var measured = CurveMeasurement.Of(Linear(1, 1), Curve.Sampled(corners, closed), Fine);

        Check(measured.Layers[0], length, turn, Fine);
        measured.Layers[0].MeanSquareSpeed.Should().BeApproximately(1, 1e-14);
    }

    [Fact]
    public void Of_ParametrisedParabola_HasItsArcLength()
    {
        var parabola = Curve.Parametrised(t => Vector(t, t * t), t => Vector(1, 2 * t), 0, 1);
        var measured = CurveMeasurement.Of(Linear(1, 1), parabola, Fine);

        // int sqrt(1 + 4 t^2) from 0 to 1, and the tangent turns from slope 0 to slope 2
        Check(measured.Layers[0], Math.Sqrt(5) / 2 + Math.Asinh(2) / 4, Math.Atan(2), Fine);
    }

    [Theory]
    [InlineData("relu", 0.0)]
    [InlineData("relu", 0.3)]
    [InlineData("leaky-relu:-0.4", 0.2)]
    [InlineData("abs", 0.1)]
    [InlineData("tanh", 0.2)]
    [InlineData("erf", 0.0)]
    public void Of_RandomNetworks_ErrorsBoundWhatIsMissing(string activation, double bias)
    {
        var model = Model(activation, bias, 12, 4);
        var (lengths, turns, cases, missingTurn, saidTurn) = (0, 0, 0, 0.0, 0.0);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var network = model.Sample<double>(seed);
            var circle = Curve.GreatCircle(12, 1, new RandomStream(seed, purpose: 7));
            var coarse = CurveMeasurement.Of(network, circle, new CurveOptions { LengthTolerance = 3e-3, CurvatureTolerance = 0.03 });
            var exact = CurveMeasurement.Of(
                network, circle, new CurveOptions { LengthTolerance = 1e-5, CurvatureTolerance = 3e-4, MaximumPoints = 1 << 16 });
            exact.Converged.Should().BeTrue();
            foreach (var (rough, fine) in coarse.Layers.Zip(exact.Layers))
            {
                // an inscribed polygon is never longer
                rough.Length.Should().BeLessThanOrEqualTo(fine.Length + fine.LengthError);
                rough.TotalCurvature.Should().BeLessThanOrEqualTo(fine.TotalCurvature + fine.TotalCurvatureError);
                cases++;
                lengths += fine.Length - rough.Length <= rough.LengthError + fine.LengthError ? 1 : 0;
                turns += fine.TotalCurvature - rough.TotalCurvature <= rough.TotalCurvatureError + fine.TotalCurvatureError ? 1 : 0;
                missingTurn += fine.TotalCurvature - rough.TotalCurvature;
                saidTurn += rough.TotalCurvatureError;
            }
        }

        // estimates, not bounds, at kinks: eight of ten turns there, nine of ten lengths, and all together as much as is missing
        lengths.Should().BeGreaterThanOrEqualTo(9 * cases / 10);
        turns.Should().BeGreaterThanOrEqualTo(8 * cases / 10);
        saidTurn.Should().BeGreaterThanOrEqualTo(missingTurn);
    }

    [Fact]
    public void Of_ReluNetwork_AgreesWithADenseGrid()
    {
        var network = Model("relu", 0.2, 10, 3).Sample<double>(5);
        var circle = Curve.GreatCircle(10, 1, new RandomStream(5, purpose: 7));
        var options = new CurveOptions
        {
            Signal = CurveSignal.PreActivations, LengthTolerance = 1e-6, CurvatureTolerance = 1e-4, MaximumPoints = 1 << 16,
        };
        var measured = CurveMeasurement.Of(network, circle, options);

        // independent: the polygon through 200,000 images, and the angles between its sides
        const int count = 200_000;
        var inputs = Matrix<double>.Build.Dense(10, count + 1);
        var (point, tangent) = (new double[10], new double[10]);
        for (var j = 0; j <= count; j++)
        {
            circle.Evaluate(2 * Math.PI * j / count, point, tangent);
            inputs.SetColumn(j, point);
        }

        var images = network.Forward(inputs).PreActivations;
        for (var l = 0; l < 3; l++)
        {
            var flat = images[l].AsColumnMajorArray();
            var (length, turn, hidden, turnBefore, before) = (0.0, 0.0, 0.0, 0.0, Array.Empty<double>());
            for (var j = 0; j < count; j++)
            {
                var side = Enumerable.Range(0, 10).Select(i => flat[(j + 1) * 10 + i] - flat[j * 10 + i]).ToArray();
                var norm = Math.Sqrt(side.Sum(x => x * x));
                length += norm;
                side = [.. side.Select(x => x / norm)];
                var angle = j == 0 ? 0 : 2 * Math.Asin(Math.Min(1, Math.Sqrt(side.Zip(before, (a, b) => (a - b) * (a - b)).Sum()) / 2));
                turn += angle;

                // a kink inside a side shows as turns at both its ends; it hides an eighth of their sum's square of the side at most
                hidden += norm * (angle + turnBefore) * (angle + turnBefore) / 8;
                (before, turnBefore) = (side, angle);
            }

            // the grid misses 1e-5 of the turns at most: kinks nearer than a step, and the step from end to start
            measured.Layers[l].Length.Should().BeApproximately(length, measured.Layers[l].LengthError + hidden);
            measured.Layers[l].TotalCurvature.Should().BeApproximately(turn, measured.Layers[l].TotalCurvatureError + 2e-3);
        }
    }

    [Fact]
    public void Of_SinglePrecision_AgreesWithDouble()
    {
        var model = Model("relu", 0.2, 24, 3);
        var circle = Curve.GreatCircle(24, 1, new RandomStream(3, purpose: 7));
        var (single, full) = (CurveMeasurement.Of(model.Sample<float>(3), circle), CurveMeasurement.Of(model.Sample<double>(3), circle));

        foreach (var (a, b) in single.Layers.Zip(full.Layers))
        {
            a.Length.Should().BeApproximately(b.Length, a.LengthError + b.LengthError);
            a.TotalCurvature.Should().BeApproximately(b.TotalCurvature, a.TotalCurvatureError + b.TotalCurvatureError);
            a.MeanSquareSpeed.Should().BeApproximately(b.MeanSquareSpeed, 0.02 * b.MeanSquareSpeed, "a sign near 0 may differ");
            a.SelfSimilarity.Zip(b.SelfSimilarity).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-5);
        }
    }

    [Fact]
    public void SelfSimilarity_OfTheCircleAndItsImage_IsTheMeanCosine()
    {
        var network = Model("tanh", 0.1, 16, 2).Sample<double>(2);
        var circle = Curve.GreatCircle(16, 1, new RandomStream(2, purpose: 7));
        var measured = CurveMeasurement.Of(network, circle, new CurveOptions { Pieces = 12 });

        measured.Input.SelfSimilarity.Should().HaveCount(7);
        measured.Step.Should().BeApproximately(Math.PI / 6, 1e-15);
        for (var lag = 0; lag <= 6; lag++)
        {
            measured.Input.SelfSimilarity[lag].Should().BeApproximately(Math.Cos(lag * measured.Step), 1e-14);
        }

        var inputs = Matrix<double>.Build.Dense(16, 12);
        var (point, tangent) = (new double[16], new double[16]);
        for (var j = 0; j < 12; j++)
        {
            circle.Evaluate(j * measured.Step, point, tangent);
            inputs.SetColumn(j, point);
        }

        var images = network.Forward(inputs).PostActivations[1];
        var expected = Enumerable.Range(0, 12).Average(i =>
        {
            var (a, b) = (images.Column(i), images.Column((i + 2) % 12));
            return a * b / (a.L2Norm() * b.L2Norm());
        });
        measured.Layers[1].SelfSimilarity[2].Should().BeApproximately(expected, 1e-13);
    }

    [Fact]
    public void Of_FewPoints_SaysThatItDidNotConverge()
    {
        var network = Model("relu", 0.1, 30, 4).Sample<double>(1);
        var circle = Curve.GreatCircle(30, 1, new RandomStream(1, purpose: 7));
        var measured = CurveMeasurement.Of(
            network, circle, new CurveOptions { LengthTolerance = 1e-8, CurvatureTolerance = 1e-8, MaximumPoints = 200 });

        measured.Converged.Should().BeFalse();
        measured.Points.Should().BeLessThanOrEqualTo(200);
    }

    [Fact]
    public void Of_WrongArguments_NamesThem()
    {
        var network = Linear(1, 1);
        var size = () => CurveMeasurement.Of(network, Curve.GreatCircle(3, 1, new RandomStream(1)));
        var tolerance = () => CurveMeasurement.Of(network, UnitCircle, new CurveOptions { LengthTolerance = double.NaN });
        var parallel = () => Curve.GreatCircle(Vector(1, 2), Vector(-2, -4));
        var same = () => Curve.Segment(Vector(1, 2), Vector(1, 2));
        var infinite = () => Curve.Segment(Vector(1, double.NaN), Vector(1, 2));
        var doubled = () => Curve.Sampled(Matrix<double>.Build.Dense(2, 3, 1));
        var range = () => Curve.Parametrised(t => Vector(t, t), t => Vector(1, 1), 1, double.NaN);

        size.Should().Throw<ArgumentException>().WithMessage("*3 entries; expected 2*");
        tolerance.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*NaN*");
        parallel.Should().Throw<ArgumentException>().WithMessage("*parallel*");
        same.Should().Throw<ArgumentException>().WithMessage("*same point*");
        infinite.Should().Throw<ArgumentException>().WithMessage("*Entry 1 of from is NaN*");
        doubled.Should().Throw<ArgumentException>().WithMessage("*0 and 1*same*");
        range.Should().Throw<ArgumentException>().WithMessage("*from 1 to NaN*");
    }

    /// <summary>The truth lies above what was followed, by no more than the error that is claimed.</summary>
    private static void Check(CurveLayer layer, double length, double turn, CurveOptions options)
    {
        (length - layer.Length).Should().BeInRange(-1e-12 * length, layer.LengthError);
        (turn - layer.TotalCurvature).Should().BeInRange(-1e-11, layer.TotalCurvatureError);
        layer.LengthError.Should().BeLessThanOrEqualTo(1.01 * options.LengthTolerance * length);
    }

    private static Network<double> Linear(params double[] diagonal) => Plain(Activation.Linear, diagonal);

    private static Network<double> Plain(Activation activation, params double[] diagonal) =>
        new([new DenseLayer<double>(Matrix<double>.Build.DenseOfDiagonalArray(diagonal), null, activation)]);

    private static Model Model(string activation, double bias, int width, int depth) => StableRank.Networks.Model.Dense(
        [.. Enumerable.Repeat(width, depth + 1)],
        Activation.Parse(activation),
        (_, m, n) => Ensemble.StableRank(m, n, 0.4 * n, scale: ScaleConvention.VariancePreserving(2)),
        bias);

    private static Vector<double> Vector(params double[] entries) => Vector<double>.Build.Dense(entries);
}
