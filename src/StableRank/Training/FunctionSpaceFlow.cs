using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>
/// Gradient flow in function space under any loss: d f / dt = -eta Theta(., X) dL/df(X), integrated from the tangent kernel of a model that
/// is linear in its parameters. For the squared loss <see cref="FunctionSpaceTraining"/> has the closed form.
/// </summary>
/// <param name="Train">f_t on the training set, O x N.</param>
/// <param name="Others">f_t on the other inputs, O x M; null where none were given.</param>
/// <param name="Loss">The loss on the training set.</param>
/// <param name="Steps">Steps of the integration.</param>
/// <param name="Rejected">Steps that were tried and refused.</param>
public sealed record FunctionSpaceFlow(Matrix<double> Train, Matrix<double>? Others, double Loss, int Steps, int Rejected)
{
    private const int GreatestSteps = 1_000_000;

    /// <summary>Integrates with the pair of Dormand and Prince.</summary>
    /// <param name="kernel">Theta(X, X), symmetric: N x N, one for all outputs, or (N O) x (N O), entry (i O + o, j O + o').</param>
    /// <param name="loss">L, a mean over the samples.</param>
    /// <param name="data">Targets or labels of the training set; its inputs are not used, the kernel stands for them.</param>
    /// <param name="initial">f_0, O x N.</param>
    /// <param name="learningRate">eta, above 0.</param>
    /// <param name="time">t, at least 0, finite.</param>
    /// <param name="otherKernel">Theta(X*, X), M x N or (M O) x (N O); null for none.</param>
    /// <param name="otherInitial">f_0 on the other inputs, O x M; with <paramref name="otherKernel"/>.</param>
    /// <param name="tolerance">Error allowed to a step, relative to max(1, |f|); above 0.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or an entry is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    /// <exception cref="InvalidOperationException">
    /// More than a million steps are needed, or the outputs leave the range of double.
    /// </exception>
    public static FunctionSpaceFlow Integrate(
        Matrix<double> kernel, Loss loss, TrainingData<double> data, Matrix<double> initial, double learningRate, double time,
        Matrix<double>? otherKernel = null, Matrix<double>? otherInitial = null, double tolerance = 1e-9,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(data);
        MatrixGuard.RequireSquare(kernel, nameof(kernel));
        MatrixGuard.RequireFinite(kernel, nameof(kernel));
        MatrixGuard.RequireFinite(initial, nameof(initial));
        RequirePositive(learningRate, nameof(learningRate));
        RequirePositive(tolerance, nameof(tolerance));
        if (!double.IsFinite(time) || time < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(time), time, $"The time is {time}; expected a finite number of at least 0.");
        }

        int outputs = initial.RowCount, samples = initial.ColumnCount, order = kernel.RowCount;
        if (order != samples && order != samples * outputs)
        {
            throw new ArgumentException(
                $"The kernel is of order {order}; expected {samples}, one for all outputs, or {samples} x {outputs}.", nameof(kernel));
        }

        if (data.Count != samples)
        {
            throw new ArgumentException(
                $"There are {data.Count} targets and {samples} columns of outputs; expected as many.", nameof(data));
        }

        var others = CheckOthers(otherKernel, otherInitial, order, outputs, order / samples);
        var rows = order == samples ? outputs : 1;
        var gradient = new double[outputs * samples];
        double[] theta = kernel.ToColumnMajorArray(), cross = otherKernel?.ToColumnMajorArray() ?? [];
        var trained = new double[outputs * samples];
        var f = Matrix<double>.Build.Dense(outputs, samples, trained);
        double Gradient() => data.LabelArray is { } labels
            ? loss.Evaluate<double>(f, labels, gradient)
            : loss.Evaluate<double>(f, data.TargetArray.AsSpan(), gradient);

        void Slope(double[] state, double[] slope)
        {
            state.AsSpan(0, trained.Length).CopyTo(trained);
            Gradient();
            Blas.Gemm<double>(
                Transpose.No, Transpose.No, rows, order, order, -learningRate, gradient, rows, theta, order, 0, slope, rows);
            if (others > 0)
            {
                Blas.Gemm<double>(
                    Transpose.No, Transpose.Yes, rows, others, order, -learningRate, gradient, rows, cross, others, 0,
                    slope.AsSpan(trained.Length), rows);
            }
        }

        double[] y = [.. initial.ToColumnMajorArray(), .. otherInitial?.ToColumnMajorArray() ?? []];
        var method = new DormandPrince(y.Length, Slope);
        method.Integrate(y, time, tolerance, GreatestSteps, cancellationToken);
        y.AsSpan(0, trained.Length).CopyTo(trained);
        return new FunctionSpaceFlow(
            f,
            otherInitial is null ? null : Matrix<double>.Build.Dense(outputs, otherInitial.ColumnCount, y[trained.Length..]),
            Gradient(),
            method.Steps,
            method.Rejected);
    }

    private static int CheckOthers(Matrix<double>? kernel, Matrix<double>? initial, int order, int outputs, int perSample)
    {
        if (kernel is null != initial is null)
        {
            throw new ArgumentException("Other inputs need their kernel and their first outputs; expected both or none.", nameof(kernel));
        }

        if (kernel is null)
        {
            return 0;
        }

        MatrixGuard.RequireFinite(kernel, "otherKernel");
        MatrixGuard.RequireFinite(initial!, "otherInitial");
        if (kernel.ColumnCount != order || initial!.RowCount != outputs || kernel.RowCount != initial.ColumnCount * perSample)
        {
            throw new ArgumentException(
                $"The other inputs' kernel is {kernel.RowCount} x {kernel.ColumnCount} and their outputs "
                + $"{initial!.RowCount} x {initial.ColumnCount}; expected {initial.ColumnCount * perSample} x {order} and {outputs} rows.",
                "otherKernel");
        }

        return kernel.RowCount;
    }

    private static void RequirePositive(double value, string name)
    {
        if (!double.IsFinite(value) || value <= 0)
        {
            throw new ArgumentOutOfRangeException(name, value, $"The {name} is {value}; expected a finite number above 0.");
        }
    }
}
