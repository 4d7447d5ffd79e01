using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Tests.Training;

public sealed class FunctionSpaceTrainingTests
{
    // eps times the order of the kernel, its condition and some steps
    private const double Tolerance = 1e-11;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 5)]
    [InlineData(4, 1000)]
    public void Descent_OfALinearModel_IsItsTrainingStepByStep(ulong seed, int steps)
    {
        var model = new LinearModel(seed);
        var exact = new FunctionSpaceTraining(model.Kernel, 7);
        var horizon = TrainingHorizon.Descent(0.3 * exact.LargestStableRate, steps);
        var (train, others) = (exact.Train(horizon, model.Outputs, model.Targets), Predict(exact, horizon, model));

        model.Descend(Loss.SquaredError, Data(model), horizon.LearningRate, steps);

        Distance(train, model.Outputs).Should().BeLessThan(Tolerance);
        Distance(others, model.OtherOutputs).Should().BeLessThan(Tolerance);
    }

    [Theory]
    [InlineData(5, 0.0)]
    [InlineData(6, 0.3)]
    [InlineData(7, 4.0)]
    public void Flow_OfALinearModel_IsItsGradientFlow(ulong seed, double time)
    {
        var model = new LinearModel(seed);
        var exact = new FunctionSpaceTraining(model.Kernel, 7);
        var horizon = TrainingHorizon.Flow(0.1, time);
        var (train, others) = (exact.Train(horizon, model.Outputs, model.Targets), Predict(exact, horizon, model));

        // 1000 steps of order 4
        model.Flow(Loss.SquaredError, Data(model), 0.1, time, 1000);

        Distance(train, model.Outputs).Should().BeLessThan(1e-10);
        Distance(others, model.OtherOutputs).Should().BeLessThan(1e-10);
    }

    [Fact]
    public void Infinite_Training_InterpolatesAndPredictsByKernelRegression()
    {
        var model = new LinearModel(8);
        var exact = new FunctionSpaceTraining(model.Kernel, 7);
        Distance(exact.Train(TrainingHorizon.Infinite, model.Outputs, model.Targets), model.Targets).Should().BeLessThan(Tolerance);

        var coefficients = (model.Targets - model.Outputs) * model.Kernel.Inverse();
        var regression = model.OtherOutputs + coefficients.TransposeAndMultiply(model.CrossKernel);
        Distance(Predict(exact, TrainingHorizon.Infinite, model), regression).Should().BeLessThan(1e-9);
    }

    [Fact]
    public void SingularKernel_InItsNullSpace_LeavesTheResidual()
    {
        // 4 features for 7 samples: three directions that no parameter reaches
        var model = new LinearModel(9, features: 4);
        var exact = new FunctionSpaceTraining(model.Kernel, 7);
        exact.Eigenvalues.Skip(4).Should().OnlyContain(value => value == 0);
        exact.Eigenvalues.Take(4).Should().OnlyContain(value => value > 0);

        var horizon = TrainingHorizon.Descent(0.5 * exact.LargestStableRate, 40);
        var (train, others) = (exact.Train(horizon, model.Outputs, model.Targets), Predict(exact, horizon, model));
        model.Descend(Loss.SquaredError, Data(model), horizon.LearningRate, 40);
        Distance(train, model.Outputs).Should().BeLessThan(Tolerance);
        Distance(others, model.OtherOutputs).Should().BeLessThan(Tolerance);

        var end = exact.Train(TrainingHorizon.Infinite, model.Outputs, model.Targets) - model.Targets;
        Distance(end * model.Kernel, end * 0).Should().BeLessThan(1e-9);
        end.FrobeniusNorm().Should().BeGreaterThan(0.1);
    }

    [Fact]
    public void BlockKernel_OfIndependentOutputs_GivesTheSame()
    {
        var model = new LinearModel(10);
        var shared = new FunctionSpaceTraining(model.Kernel, 7);
        var blocks = new FunctionSpaceTraining(LinearModel.Blocks(model.Kernel, 3), 7);
        foreach (var horizon in new[] { TrainingHorizon.Flow(0.2, 3), TrainingHorizon.Descent(0.05, 20), TrainingHorizon.Infinite })
        {
            Distance(
                blocks.Train(horizon, model.Outputs, model.Targets), shared.Train(horizon, model.Outputs, model.Targets))
                .Should().BeLessThan(Tolerance);
            Distance(
                blocks.Predict(
                    horizon, model.Outputs, model.Targets, LinearModel.Blocks(model.CrossKernel, 3), model.OtherOutputs),
                Predict(shared, horizon, model)).Should().BeLessThan(1e-9);
        }
    }

    [Fact]
    public void LargestStableRate_OnEitherSide_ConvergesOrDiverges()
    {
        var model = new LinearModel(11);
        var exact = new FunctionSpaceTraining(model.Kernel, 7);
        double Left(double factor) =>
            (exact.Train(TrainingHorizon.Descent(factor * exact.LargestStableRate, 3000), model.Outputs, model.Targets) - model.Targets)
                .FrobeniusNorm();
        var first = (model.Outputs - model.Targets).FrobeniusNorm();
        Left(0.99).Should().BeLessThan(first);
        Left(1.01).Should().BeGreaterThan(1e3 * first);

        model.Descend(Loss.SquaredError, Data(model), 1.01 * exact.LargestStableRate, 1000);
        (model.Outputs - model.Targets).FrobeniusNorm().Should().BeGreaterThan(1e3 * first);
    }

    [Fact]
    public void DecayRates_OfAnEigenDirection_AreTheRatesOfItsResidual()
    {
        var model = new LinearModel(12, outputs: 1);
        var exact = new FunctionSpaceTraining(model.Kernel, 7);
        var shares = exact.ResidualShares(model.Outputs, model.Targets);
        shares.Sum().Should().BeApproximately(1, 1e-12);

        // the squared residual decays as the sum of its shares, each at twice its rate
        var first = Math.Pow((model.Outputs - model.Targets).FrobeniusNorm(), 2);
        foreach (var time in new[] { 0.1, 1, 10 })
        {
            var left = exact.Train(TrainingHorizon.Flow(0.1, time), model.Outputs, model.Targets) - model.Targets;
            var predicted = shares.Zip(exact.DecayRates(0.1), (share, rate) => share * Math.Exp(-2 * rate * time)).Sum();
            (Math.Pow(left.FrobeniusNorm(), 2) / first).Should().BeApproximately(predicted, 1e-11);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(2.0)]
    [InlineData(double.PositiveInfinity)]
    public void Ensemble_OfLinearModels_HasTheMomentsOfTheAffineMap(double time)
    {
        // theta ~ N(0, I): f is Gaussian with K = Theta, and f*_t = f*_0 + A (y - f_0) for the A that Predict applies
        var model = new LinearModel(13, outputs: 1);
        var exact = new FunctionSpaceTraining(model.Kernel, 7);
        var horizon = TrainingHorizon.Flow(0.1, time);
        var a = Matrix<double>.Build.DenseOfColumns(Enumerable.Range(0, 7).Select(i =>
        {
            var unit = Matrix<double>.Build.Dense(1, 7);
            unit[0, i] = 1;
            return exact.Predict(horizon, 0 * unit, unit, model.CrossKernel, Matrix<double>.Build.Dense(1, 4)).Row(0);
        }));
        var joint = model.OtherFeatures.Transpose() - (a * model.Features.Transpose());

        var (mean, covariance) = exact.Ensemble(
            horizon, model.Targets, model.CrossKernel, model.Kernel, model.CrossKernel, model.OthersKernel);

        Distance(mean, (a * model.Targets.Transpose()).Transpose()).Should().BeLessThan(1e-9);
        Distance(covariance, joint.TransposeAndMultiply(joint)).Should().BeLessThan(1e-9);
    }

    [Fact]
    public void BadInput_IsNamedWithWhatWasExpected()
    {
        var model = new LinearModel(14);
        var exact = new FunctionSpaceTraining(model.Kernel, 7);
        Throws<ArgumentException>(() => new FunctionSpaceTraining(model.CrossKernel, 7), "*4 x 7*square*");
        Throws<ArgumentException>(() => new FunctionSpaceTraining(model.Kernel, 3), "*order 7*multiple of the 3*");
        Throws<ArgumentException>(() => new FunctionSpaceTraining(-model.Kernel, 7), "*eigenvalue*expected*");
        Throws<ArgumentException>(() => new FunctionSpaceTraining(0 * model.Kernel, 7), "*eigenvalue of the kernel is 0*");
        var shifted = model.Kernel - (exact.Eigenvalues[0] / 2 * Matrix<double>.Build.DenseIdentity(7));
        Throws<ArgumentException>(() => new FunctionSpaceTraining(shifted, 7), "*positive semidefinite*");
        Throws<ArgumentException>(() => exact.Train(TrainingHorizon.Infinite, model.OtherOutputs, model.Targets), "*3 x 4*3 x 7*");
        Throws<ArgumentException>(() => exact.Train(TrainingHorizon.Infinite, model.Outputs, model.Targets * double.NaN), "*targets*NaN*");
        Throws<ArgumentException>(
            () => exact.Predict(TrainingHorizon.Infinite, model.Outputs, model.Targets, model.Kernel, model.OtherOutputs), "*7 x 7*4 x 7*");
        Throws<ArgumentOutOfRangeException>(() => TrainingHorizon.Flow(0, 1), "*learning rate is 0*");
        Throws<ArgumentOutOfRangeException>(() => TrainingHorizon.Flow(1, double.NaN), "*time is NaN*");
        Throws<ArgumentOutOfRangeException>(() => TrainingHorizon.Descent(1, -1), "*steps*");
    }

    private static void Throws<T>(Func<object> action, string message)
        where T : Exception => action.Should().Throw<T>().WithMessage(message);

    private static Matrix<double> Predict(FunctionSpaceTraining exact, TrainingHorizon horizon, LinearModel model) =>
        exact.Predict(horizon, model.Outputs, model.Targets, model.CrossKernel, model.OtherOutputs);

    private static TrainingData<double> Data(LinearModel model) => TrainingData<double>.Regression(model.Features, model.Targets);

    private static double Distance(Matrix<double> a, Matrix<double> b) => (a - b).FrobeniusNorm() / Math.Max(1, b.FrobeniusNorm());
}
