using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Spectra;
using StableRank.Training;

namespace StableRank.Tests.Training;

/// <summary>
/// Gradient descent on networks of given stable ranks against the closed form with their own kernel at the start: theory (5.4). With
/// Theta_t the kernel between steps t and t + 1, e_t the distance from the closed form and r_t = f_t - y, e_(t+1) = (1 - eta Theta_0/N) e_t
/// - (eta/N) (Theta_t - Theta_0) r_t; below the largest stable rate the first factor does not expand, so ||e_T|| is at most
/// (eta/N) max ||Theta_t - Theta_0|| sum ||r_t||: the drift of the kernel times the length of the way.
/// </summary>
public sealed class LazyTrainingTests
{
    private const int Training = 16, Test = 8;

    /// <summary>The learning rate over the largest stable one.</summary>
    private const double Share = 0.25;

    /// <summary>
    /// What a network of this width may be off by, relative to ||f_0 - y||: the order that is proven (Lee et al. 2019, arXiv 1902.06720,
    /// theorem 2.1), its constant set to 1. These networks stay far below: the order conjectured is 1/width (Dyer and Gur-Ari,
    /// arXiv 1909.11304), measured ones lie between, and in the standard parameterisation the first layer's part of the kernel is about
    /// 64/width of the whole.
    /// </summary>
    private static double FiniteWidthTolerance(int width) => 1 / Math.Sqrt(width);

    [Theory]
    [InlineData(1, 5, 1.0, 1)]
    [InlineData(1, 5, 0.125, 2)]
    [InlineData(1, 1000, 1.0, 3)]
    [InlineData(1, 1000, 0.125, 4)]
    [InlineData(2, 5, 0.5, 5)]
    public void Descent_OfWidth2048_IsTheClosedFormWithinTheFiniteWidthTolerance(int hidden, int steps, double fraction, ulong seed)
    {
        var run = Run<double>(hidden, 2048, steps, fraction, seed);

        run.TrainError.Should().BeLessThan(FiniteWidthTolerance(2048));
        run.TestError.Should().BeLessThan(FiniteWidthTolerance(2048));
        run.TrainError.Should().BePositive("a network is not linear in its parameters");
        run.Moved.Should().BeGreaterThan(4 * FiniteWidthTolerance(2048), "what is agreed upon must be more than the start");
    }

    [Fact]
    public void Descent_InSinglePrecision_IsTheClosedFormToo()
    {
        var run = Run<float>(1, 2048, 5, 0.5, 6);

        run.TrainError.Should().BeLessThan(FiniteWidthTolerance(2048));
        run.TestError.Should().BeLessThan(FiniteWidthTolerance(2048));
    }

    [Theory]
    [InlineData(1, 128, 5, 11)]
    [InlineData(1, 512, 1000, 12)]
    [InlineData(2, 128, 5, 13)]
    [InlineData(2, 256, 200, 14)]
    public void Descent_AtAnyWidth_IsOffByAtMostTheDriftTimesTheWay(int hidden, int width, int steps, ulong seed)
    {
        var run = Run<double>(hidden, width, steps, 0.5, seed);

        run.TrainError.Should().BeLessThan(run.DriftBound);
    }

    [Fact]
    public void Descent_AgainstTheKernelOfAnotherParameterization_IsSeenToDiffer()
    {
        // 'ntk' counts the first layer's part for more: the shape of the kernel is another, whatever its scale
        Run<double>(1, 2048, 5, 1, 1, KernelParameterization.Ntk).TrainError.Should().BeGreaterThan(FiniteWidthTolerance(2048));
    }

    [Theory]
    [InlineData(21, 1.0)]
    public void Error_From256To2048_FallsAtLeastLikeTheRootOfTheWidthAndAboutLikeTheWidth(ulong seed, double fraction)
    {
        // two hidden layers: the parts of the kernel keep their shares as the width grows
        double Mean(int width) =>
            Enumerable.Range(0, 3).Average(i => Math.Log(Run<double>(2, width, 5, fraction, seed + (ulong)i).TrainError));
        var exponent = (Mean(2048) - Mean(256)) / Math.Log(2048.0 / 256);

        exponent.Should().BeInRange(-1.5, -0.5);
    }

    [Theory]
    [InlineData(41, 1)]
    [InlineData(42, 5)]
    public void LinearizedNetwork_DescendedInItsParameters_IsTheClosedForm(ulong seed, int steps)
    {
        var (inputs, targets, others) = TenClasses();
        var network = Sample<double>(2, 48, 0.5, seed, outputs: 10);
        var linear = network.Linearize();
        var kernel = new EmpiricalKernel<double>(network, ParameterMultipliers.Standard(network));
        var exact = new FunctionSpaceTraining(kernel.Ntk(inputs).Kernel, Training);
        var rate = Share * exact.LargestStableRate;
        var (start, otherStart) = (linear.Outputs(inputs, network), linear.Outputs(others, network));
        var horizon = TrainingHorizon.Descent(rate, steps);
        var cross = kernel.Ntk(others, inputs).Kernel;
        var (train, test) = (exact.Train(horizon, start, targets), exact.Predict(horizon, start, targets, cross, otherStart));

        for (var step = 0; step < steps; step++)
        {
            var gradient = linear.Gradient(inputs, (linear.Outputs(inputs, network) - targets) / Training);
            foreach (var (parameter, change) in network.Parameters.Zip(gradient))
            {
                var values = change.ToColumnMajorArray();
                for (var i = 0; i < values.Length; i++)
                {
                    parameter.Values[i] -= rate * values[i];
                }
            }
        }

        // eps times the order of the kernel, 160, and its condition of some hundreds
        Distance(linear.Outputs(inputs, network), train, 1).Should().BeLessThan(1e-11);
        Distance(linear.Outputs(others, network), test, 1).Should().BeLessThan(1e-11);
        Distance(network.Forward(inputs).Outputs, train, 1).Should().BeGreaterThan(1e-3, "the network itself is not linear");
    }

    private static Course Run<T>(
        int hidden, int width, int steps, double fraction, ulong seed,
        KernelParameterization parameterization = KernelParameterization.Standard)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (inputs, targets, others) = TwoClasses<T>();
        var network = Sample<T>(hidden, width, fraction, seed, outputs: 1);
        var kernel = new EmpiricalKernel<T>(
            network,
            parameterization == KernelParameterization.Standard
                ? ParameterMultipliers.Standard(network)
                : ParameterMultipliers.Ntk(network));
        var first = InDouble(kernel.Ntk(inputs).Kernel);
        var exact = new FunctionSpaceTraining(first, Training);
        var y = InDouble(targets);
        var (start, otherStart) = (InDouble(network.Forward(inputs).Outputs), InDouble(network.Forward(others).Outputs));
        var cross = InDouble(kernel.Ntk(others, inputs).Kernel);
        var rate = Share * exact.LargestStableRate;
        var horizon = TrainingHorizon.Descent(rate, steps);

        // in another parameterisation gradient descent itself is that of the weights, at the rate that moves the outputs as fast
        var plain = parameterization == KernelParameterization.Standard
            ? rate
            : Share * new FunctionSpaceTraining(
                InDouble(new EmpiricalKernel<T>(network, ParameterMultipliers.Standard(network)).Ntk(inputs).Kernel), Training)
                .LargestStableRate;
        var optimizer = new GradientDescent<T>();
        var pass = new ForwardPass<T>(network, Training);
        var back = new BackwardPass<T>(network, Training);
        var gradient = new T[Training];
        var (way, drift) = (0.0, 0.0);
        for (var step = 0; step < steps; step++)
        {
            network.Forward(inputs, pass);
            way += (InDouble(pass.Outputs) - y).FrobeniusNorm();
            Loss.SquaredError.Evaluate(pass.Outputs, targets, gradient);
            network.Backward(pass, gradient, back);
            optimizer.Step(network.Parameters, plain);
            if (step < 5 || (step + 1) % 100 == 0)
            {
                drift = Math.Max(drift, (InDouble(kernel.Ntk(inputs).Kernel) - first).FrobeniusNorm());
            }
        }

        var residual = (start - y).FrobeniusNorm();
        var outputs = InDouble(network.Forward(inputs).Outputs);
        return new Course(
            Distance(outputs, exact.Train(horizon, start, y), residual),
            Distance(InDouble(network.Forward(others).Outputs), exact.Predict(horizon, start, y, cross, otherStart), residual),
            rate / Training * drift * way / residual,
            Distance(outputs, start, residual));
    }

    private static Network<T> Sample<T>(int hidden, int width, double fraction, ulong seed, int outputs)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Model.Dense(
            [64, .. Enumerable.Repeat(width, hidden), outputs],
            Activation.ReLU,
            (layer, rows, columns) => layer > hidden
                ? Ensemble.LeCun(rows, columns)
                : Ensemble.StableRank(
                    rows, columns, fraction * Math.Min(rows, columns), SpectralFamily.PowerLaw, ScaleConvention.ReLU),
            linearOutput: true).Sample<T>(seed);

    /// <summary>Threes, 1, and eights, -1; inputs of norm 1.</summary>
    private static (Matrix<T> Inputs, Matrix<T> Targets, Matrix<T> Others) TwoClasses<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (inputs, labels) = Unit(label => label is 3 or 8);
        var targets = Matrix<double>.Build.Dense(1, Training, (_, sample) => labels[sample] == 3 ? 1 : -1);
        return (In<T>(inputs.SubMatrix(0, 64, 0, Training)), In<T>(targets), In<T>(inputs.SubMatrix(0, 64, Training, Test)));
    }

    private static (Matrix<double> Inputs, Matrix<double> Targets, Matrix<double> Others) TenClasses()
    {
        var (inputs, labels) = Unit(_ => true);
        var targets = Matrix<double>.Build.Dense(10, Training, (one, sample) => labels[sample] == one ? 1 : 0);
        return (inputs.SubMatrix(0, 64, 0, Training), targets, inputs.SubMatrix(0, 64, Training, Test));
    }

    private static (Matrix<double> Inputs, int[] Labels) Unit(Func<int, bool> isTaken)
    {
        var data = Digits.Load();
        var samples = Enumerable.Range(0, data.Count).Where(sample => isTaken(data.Labels[sample])).Take(Training + Test).ToArray();
        return (
            Matrix<double>.Build.DenseOfColumns(samples.Select(sample => data.Features.Column(sample).Normalize(2))),
            [.. samples.Select(sample => data.Labels[sample])]);
    }

    private static Matrix<T> In<T>(Matrix<double> matrix)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => matrix.Map(T.CreateChecked, Zeros.Include);

    private static Matrix<double> InDouble<T>(Matrix<T> matrix)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => matrix.Map(double.CreateChecked, Zeros.Include);

    private static double Distance(Matrix<double> one, Matrix<double> other, double scale) => (one - other).FrobeniusNorm() / scale;

    /// <summary>Distances from the closed form relative to ||f_0 - y||, their bound, and how far the outputs moved.</summary>
    private sealed record Course(double TrainError, double TestError, double DriftBound, double Moved);
}
