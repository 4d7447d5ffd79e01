using MathNet.Numerics.LinearAlgebra;
using StableRank.Kernels;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Experiments.Learning;

/// <summary>One network trained by full-batch gradient descent on the squared loss, beside what its kernel at the start predicts.</summary>
/// <param name="Error">
/// The greatest distance of the outputs (training and test, root mean square) from the prediction over all marks, relative to the
/// residual at the start.
/// </param>
/// <param name="Drift">||Theta - Theta_0|| / ||Theta_0|| (Frobenius) from the start to the end.</param>
/// <param name="Alignment">The cosine of the two.</param>
/// <param name="OwnRates">
/// Measured decay rate over that of the kernel at the start, less 1, for the directions with the greatest shares of the residual.
/// </param>
/// <param name="LimitRates">The same against the limit kernel.</param>
/// <param name="Marks">Losses at the marked steps.</param>
internal sealed record LazyRun(
    double Error, double Drift, double Alignment, IReadOnlyList<double> OwnRates, IReadOnlyList<double> LimitRates,
    IReadOnlyList<LazyRun.Mark> Marks)
{
    /// <summary>Directions whose decay is measured.</summary>
    public const int Directions = 4;

    /// <summary>They are taken from so many leading ones: those beyond hardly move in the time of a run.</summary>
    public const int Candidates = 8;

    /// <summary>Trains one network, on the calling thread alone: the same arguments give the same bits.</summary>
    /// <param name="task">The data.</param>
    /// <param name="model">What the network is drawn from.</param>
    /// <param name="share">The learning rate over the largest stable one of the limit kernel.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="seed">The experiment's seed.</param>
    /// <param name="replicate">Which network.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LazyRun Of(
        FewDigits task, Model model, double share, int steps, ulong seed, int replicate, CancellationToken cancellation)
    {
        using var alone = Backend.SingleThreaded();
        var limit = LimitKernel.Of(model, KernelParameterization.Standard).Compute(task.Inputs, cancellationToken: cancellation).Ntk;
        var limitDirections = EigenDirections.OfShared(limit, task.Outputs, Candidates);
        var rate = share * 2 * task.Count / limitDirections.Largest;

        var network = model.Sample<double>(seed, (ulong)replicate);
        var kernel = new EmpiricalKernel<double>(network, ParameterMultipliers.Standard(network));
        var first = kernel.Ntk(task.Inputs, cancellationToken: cancellation).Kernel;
        var cross = kernel.Ntk(task.TestInputs, task.Inputs, cancellationToken: cancellation).Kernel;
        var theory = new FunctionSpaceTraining(first, task.Count);
        var (start, testStart) = (Outputs(network, task.Inputs), Outputs(network, task.TestInputs));

        var optimizer = new GradientDescent<double>();
        var pass = new ForwardPass<double>(network, task.Count);
        var back = new BackwardPass<double>(network, task.Count);
        var gradient = new double[task.Targets.RowCount * task.Count];
        var residuals = new List<double[]>(steps + 1);
        var marks = new List<Mark>();
        for (var step = 0; ; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            network.Forward(task.Inputs, pass);
            residuals.Add((pass.Outputs - task.Targets).ToColumnMajorArray());
            if (IsMarked(step, steps))
            {
                var horizon = TrainingHorizon.Descent(rate, step);
                marks.Add(Mark.Of(
                    step, task, pass.Outputs, Outputs(network, task.TestInputs), theory.Train(horizon, start, task.Targets),
                    theory.Predict(horizon, start, task.Targets, cross, testStart)));
            }

            if (step == steps)
            {
                break;
            }

            Loss.SquaredError.Evaluate(pass.Outputs, task.Targets, gradient);
            network.Backward(pass, gradient, back);
            optimizer.Step(network.Parameters, rate);
        }

        var last = kernel.Ntk(task.Inputs, cancellationToken: cancellation).Kernel;
        var scale = Math.Sqrt(2 * marks[0].Loss);
        return new LazyRun(
            marks.Max(mark => mark.Distance) / scale,
            KernelComparison.RelativeDistance(last, first),
            KernelComparison.Alignment(last, first),
            EigenDirections.OfBlocks(first, task.Outputs, Candidates).RateErrors(residuals, rate, task.Count, Directions),
            limitDirections.RateErrors(residuals, rate, task.Count, Directions),
            marks);
    }

    private static Matrix<double> Outputs(Network<double> network, Matrix<double> inputs) => network.Forward(inputs).Outputs.Clone();

    /// <summary>0, 1, 2, 3, 4, 6, 8, 12, 16 and so on, and the last one.</summary>
    private static bool IsMarked(int step, int steps)
    {
        var part = step;
        while (part > 3 && part % 2 == 0)
        {
            part /= 2;
        }

        return part <= 3 || step == steps;
    }

    /// <summary>Where training and prediction stand after some steps. Losses are 1/(2 N) ||f - y||^2.</summary>
    /// <param name="Step">Steps taken.</param>
    /// <param name="Loss">On the training set.</param>
    /// <param name="TestLoss">On the test set.</param>
    /// <param name="PredictedLoss">Predicted on the training set.</param>
    /// <param name="PredictedTestLoss">Predicted on the test set.</param>
    /// <param name="Distance">Root mean square over all samples of the distance between outputs and prediction.</param>
    internal sealed record Mark(
        int Step, double Loss, double TestLoss, double PredictedLoss, double PredictedTestLoss, double Distance)
    {
        /// <summary>From the outputs and the predicted outputs.</summary>
        public static Mark Of(
            int step, FewDigits task, Matrix<double> outputs, Matrix<double> test, Matrix<double> predicted, Matrix<double> predictedTest)
        {
            var squares = SquaredDistance(outputs, predicted) + SquaredDistance(test, predictedTest);
            return new Mark(
                step, LossOf(outputs, task.Targets), LossOf(test, task.TestTargets), LossOf(predicted, task.Targets),
                LossOf(predictedTest, task.TestTargets), Math.Sqrt(squares / (outputs.ColumnCount + test.ColumnCount)));
        }

        private static double LossOf(Matrix<double> outputs, Matrix<double> targets) =>
            SquaredDistance(outputs, targets) / (2 * targets.ColumnCount);

        private static double SquaredDistance(Matrix<double> one, Matrix<double> other) => Math.Pow((one - other).FrobeniusNorm(), 2);
    }
}
