using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Tests.Training;

public sealed class FunctionSpaceFlowTests
{
    [Fact]
    public void Integrate_TheSquaredLoss_IsTheClosedForm()
    {
        var model = new LinearModel(21);
        var exact = new FunctionSpaceTraining(model.Kernel, 7);
        var flow = FunctionSpaceFlow.Integrate(
            model.Kernel, Loss.SquaredError, TrainingData<double>.Regression(model.Features, model.Targets), model.Outputs, 0.3, 5,
            model.CrossKernel, model.OtherOutputs);

        var horizon = TrainingHorizon.Flow(0.3, 5);
        Distance(flow.Train, exact.Train(horizon, model.Outputs, model.Targets)).Should().BeLessThan(1e-7);
        Distance(
            flow.Others!, exact.Predict(horizon, model.Outputs, model.Targets, model.CrossKernel, model.OtherOutputs))
            .Should().BeLessThan(1e-7);
        flow.Loss.Should().BeApproximately(Math.Pow((flow.Train - model.Targets).FrobeniusNorm(), 2) / 14, 1e-12);
        flow.Steps.Should().BePositive();
    }

    [Theory]
    [InlineData(22, false)]
    [InlineData(23, true)]
    public void Integrate_TheCrossEntropy_IsTheFlowOfTheParameters(ulong seed, bool blocks)
    {
        var model = new LinearModel(seed);
        var data = TrainingData<double>.Labelled(model.Features, [0, 1, 2, 2, 1, 0, 1]);
        var (kernel, cross) = blocks
            ? (LinearModel.Blocks(model.Kernel, 3), LinearModel.Blocks(model.CrossKernel, 3))
            : (model.Kernel, model.CrossKernel);
        var flow = FunctionSpaceFlow.Integrate(
            kernel, Loss.SoftmaxCrossEntropy, data, model.Outputs, 0.5, 4, cross, model.OtherOutputs);

        model.Flow(Loss.SoftmaxCrossEntropy, data, 0.5, 4, 2000);

        Distance(flow.Train, model.Outputs).Should().BeLessThan(1e-7);
        Distance(flow.Others!, model.OtherOutputs).Should().BeLessThan(1e-7);
    }

    [Fact]
    public void Tolerance_MadeSmaller_BringsTheErrorDownWithIt()
    {
        var model = new LinearModel(24);
        var horizon = TrainingHorizon.Flow(0.3, 5);
        var exact = new FunctionSpaceTraining(model.Kernel, 7).Train(horizon, model.Outputs, model.Targets);
        double Error(double tolerance) => Distance(
            FunctionSpaceFlow.Integrate(
                model.Kernel, Loss.SquaredError, TrainingData<double>.Regression(model.Features, model.Targets), model.Outputs, 0.3, 5,
                tolerance: tolerance).Train,
            exact);
        Error(1e-10).Should().BeLessThan(0.01 * Error(1e-6));
    }

    [Fact]
    public void BadInput_IsNamedWithWhatWasExpected()
    {
        var model = new LinearModel(25);
        var data = TrainingData<double>.Regression(model.Features, model.Targets);
        var cases = new (Action Action, string Message)[]
        {
            (() => Run(model.Kernel.SubMatrix(0, 5, 0, 5), data, model.Outputs, 1), "*order 5*expected 7*"),
            (() => Run(model.Kernel, data, model.OtherOutputs, 1), "*order 7*expected 4*"),
            (() => Run(model.Kernel, data, model.Outputs, -1), "*time is -1*"),
            (() => Run(model.Kernel, data, model.Outputs, double.PositiveInfinity), "*time is*finite*"),
            (() => Run(model.Kernel, data, model.Outputs * double.NaN, 1), "*initial*NaN*"),
        };
        foreach (var (action, message) in cases)
        {
            action.Should().Throw<ArgumentException>().WithMessage(message);
        }
    }

    [Fact]
    public void Cancelled_BeforeTheEnd_Stops()
    {
        var model = new LinearModel(26);
        var action = () => FunctionSpaceFlow.Integrate(
            model.Kernel, Loss.SquaredError, TrainingData<double>.Regression(model.Features, model.Targets), model.Outputs, 0.3, 5,
            cancellationToken: new CancellationToken(true));
        action.Should().Throw<OperationCanceledException>();
    }

    private static void Run(Matrix<double> kernel, TrainingData<double> data, Matrix<double> initial, double time) =>
        FunctionSpaceFlow.Integrate(kernel, Loss.SquaredError, data, initial, 1, time);

    private static double Distance(Matrix<double> a, Matrix<double> b) => (a - b).FrobeniusNorm() / Math.Max(1, b.FrobeniusNorm());
}
