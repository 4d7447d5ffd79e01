using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <summary>
/// Training in function space: what gradient flow and gradient descent on the squared loss 1/(2 N) ||f - y||^2 do to the outputs of a model
/// that is linear in its parameters, in closed form, from its tangent kernel alone, theory (5.4). Wide networks follow it while their
/// kernel stays what it was (the lazy regime).
/// </summary>
/// <remarks>
/// The kernel is N x N, one for all outputs (a limit kernel), or (N O) x (N O) with entry (i O + o, j O + o') for outputs o, o' of samples
/// i, j (an empirical kernel). Outputs and targets are O x N, one sample a column. One eigendecomposition at construction, O(n^3) for a
/// kernel of order n; every horizon after that costs products of O(n^2) for each output. Eigenvalues below n eps lambda_1, negative ones
/// among them, are rounding and count as 0: the residual along them stays.
/// </remarks>
public sealed class FunctionSpaceTraining
{
    private readonly int _order;
    private readonly double[] _vectors;
    private readonly double[] _eigenvalues;

    /// <summary>Decomposes the kernel of the training set.</summary>
    /// <param name="kernel">Theta(X, X), symmetric and positive semidefinite; its lower triangle is read.</param>
    /// <param name="samples">N.</param>
    /// <exception cref="ArgumentNullException"><paramref name="kernel"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// It is not square, its order is no multiple of N, an entry is not finite, it is zero, or an eigenvalue is negative beyond rounding.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">N is below 1.</exception>
    public FunctionSpaceTraining(Matrix<double> kernel, int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        MatrixGuard.RequireSquare(kernel, nameof(kernel));
        _order = kernel.RowCount;
        if (_order % samples != 0)
        {
            throw new ArgumentException(
                $"The kernel is of order {_order}; expected a multiple of the {samples} samples.", nameof(kernel));
        }

        Samples = samples;
        var (values, vectors) = SymmetricEigenvalues.WithVectors(kernel);
        var largest = values[^1];
        var noise = _order * Math.ScaleB(1, -52) * largest;
        if (!(largest > 0))
        {
            throw new ArgumentException($"The greatest eigenvalue of the kernel is {largest}; expected one above 0.", nameof(kernel));
        }

        // Grams computed in blocks are off by some roundings of their own
        if (values[0] < -16 * noise)
        {
            throw new ArgumentException(
                $"The kernel has the eigenvalue {values[0]:E3} beside {largest:E3}; expected a positive semidefinite one.", nameof(kernel));
        }

        _vectors = vectors.AsColumnMajorArray();
        _eigenvalues = [.. values.Select(value => value > noise ? value : 0)];
    }

    /// <summary>N.</summary>
    public int Samples { get; }

    /// <summary>lambda_1 >= lambda_2 >= ... of the kernel, those of rounding's size as 0.</summary>
    public IReadOnlyList<double> Eigenvalues => [.. _eigenvalues.Reverse()];

    /// <summary>2 N / lambda_1: gradient descent converges below this learning rate and diverges above it.</summary>
    public double LargestStableRate => 2 * Samples / _eigenvalues[^1];

    /// <summary>eta lambda_i / N, in the order of the eigenvalues: how fast gradient flow takes the residual off each direction.</summary>
    /// <param name="learningRate">eta.</param>
    public IReadOnlyList<double> DecayRates(double learningRate) =>
        [.. _eigenvalues.Reverse().Select(value => learningRate * value / Samples)];

    /// <summary>
    /// The share of the squared residual ||f - y||^2 in each eigen-direction, in the order of the eigenvalues; they sum to 1.
    /// </summary>
    /// <param name="initial">f_0, O x N.</param>
    /// <param name="targets">y, O x N.</param>
    /// <exception cref="ArgumentException">A shape does not fit, an entry is not finite, or f_0 = y.</exception>
    public IReadOnlyList<double> ResidualShares(Matrix<double> initial, Matrix<double> targets)
    {
        var residual = Residual(initial, targets);
        var rows = residual.Length / _order;
        var rotated = Multiply(residual, rows, _vectors, Transpose.No);
        var shares = new double[_order];
        for (var i = 0; i < _order; i++)
        {
            shares[_order - 1 - i] = TensorPrimitives.SumOfSquares<double>(rotated.AsSpan(i * rows, rows));
        }

        var total = TensorPrimitives.Sum<double>(shares);
        return total > 0
            ? [.. shares.Select(share => share / total)]
            : throw new ArgumentException("The outputs are the targets; expected a residual other than zero.", nameof(initial));
    }

    /// <summary>Outputs on the training set: f = y + (f_0 - y) rho(Theta), O x N.</summary>
    /// <param name="horizon">How long, and by what.</param>
    /// <param name="initial">f_0, O x N.</param>
    /// <param name="targets">y, O x N.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or an entry is not finite.</exception>
    public Matrix<double> Train(TrainingHorizon horizon, Matrix<double> initial, Matrix<double> targets)
    {
        var residual = Residual(initial, targets);
        Filter(residual, value => horizon.Remaining(value, Samples));
        var outputs = targets.ToColumnMajorArray();
        TensorPrimitives.Add(outputs, residual, outputs);
        return Matrix<double>.Build.Dense(targets.RowCount, targets.ColumnCount, outputs);
    }

    /// <summary>Outputs on other inputs: f* = f*_0 + (y - f_0) gamma(Theta) Theta(X, X*), O x M.</summary>
    /// <param name="horizon">How long, and by what.</param>
    /// <param name="initial">f_0 on the training set, O x N.</param>
    /// <param name="targets">y, O x N.</param>
    /// <param name="otherKernel">Theta(X*, X), M x N or (M O) x (N O): rows for the other inputs.</param>
    /// <param name="otherInitial">f*_0, O x M.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or an entry is not finite.</exception>
    public Matrix<double> Predict(
        TrainingHorizon horizon, Matrix<double> initial, Matrix<double> targets, Matrix<double> otherKernel, Matrix<double> otherInitial)
    {
        var residual = Residual(initial, targets);
        RequireFinite(otherInitial, nameof(otherInitial));
        var rows = residual.Length / _order;
        RequireCross(otherKernel, otherInitial.RowCount * otherInitial.ColumnCount / rows, nameof(otherKernel));
        if (otherInitial.RowCount != initial.RowCount)
        {
            throw new ArgumentException(
                $"The other outputs have {otherInitial.RowCount} rows and the training set's {initial.RowCount}; expected the same.",
                nameof(otherInitial));
        }

        Filter(residual, value => -horizon.Gain(value, Samples));
        var outputs = otherInitial.ToColumnMajorArray();
        var cross = otherKernel.AsColumnMajorArray() ?? otherKernel.ToColumnMajorArray();
        var others = otherKernel.RowCount;
        Blas.Gemm(Transpose.No, Transpose.Yes, rows, others, _order, 1.0, residual, rows, cross, others, 1.0, outputs, rows);
        return Matrix<double>.Build.Dense(otherInitial.RowCount, otherInitial.ColumnCount, outputs);
    }

    /// <summary>
    /// Mean and covariance over an ensemble of networks whose outputs at the start are Gaussian of mean 0 and covariance K, the NNGP kernel
    /// (Lee et al. 2019, arXiv 1902.06720, equations 14 and 15): f* = f*_0 + A (y - f_0) with A = Theta(X*, X) gamma(Theta).
    /// </summary>
    /// <param name="horizon">How long, and by what.</param>
    /// <param name="targets">y, O x N.</param>
    /// <param name="otherKernel">Theta(X*, X), M x N.</param>
    /// <param name="nngp">K(X, X), N x N.</param>
    /// <param name="otherNngp">K(X*, X), M x N.</param>
    /// <param name="othersNngp">K(X*, X*), M x M.</param>
    /// <returns>The mean, O x M, and the covariance of an output between the other inputs, M x M, which is every output's.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, an entry is not finite, or the kernel was one of blocks.</exception>
    public (Matrix<double> Mean, Matrix<double> Covariance) Ensemble(
        TrainingHorizon horizon, Matrix<double> targets, Matrix<double> otherKernel, Matrix<double> nngp, Matrix<double> otherNngp,
        Matrix<double> othersNngp)
    {
        RequireFinite(targets, nameof(targets));
        if (_order != Samples || targets.ColumnCount != Samples)
        {
            throw new ArgumentException(
                $"The kernel is of order {_order} and the targets {targets.RowCount} x {targets.ColumnCount}; "
                + $"expected a kernel of one output and {Samples} columns of targets.",
                nameof(targets));
        }

        var others = otherKernel?.RowCount ?? 0;
        RequireCross(otherKernel!, others, nameof(otherKernel));
        RequireCross(otherNngp, others, nameof(otherNngp));
        RequireShape(nngp, _order, _order, nameof(nngp));
        RequireShape(othersNngp, others, others, nameof(othersNngp));

        // A = Theta* Q gamma Q'
        var reach = otherKernel!.ToColumnMajorArray();
        Filter(reach, value => horizon.Gain(value, Samples));
        var a = Matrix<double>.Build.Dense(others, _order, reach);
        var mean = targets.TransposeAndMultiply(a);
        var crossed = a.TransposeAndMultiply(otherNngp);
        var covariance = othersNngp - crossed - crossed.Transpose() + (a * nngp).TransposeAndMultiply(a);
        return (mean, (covariance + covariance.Transpose()) / 2);
    }

    /// <summary>R becomes R Q diag(f(lambda)) Q', R of as many rows as its length says.</summary>
    private void Filter(double[] matrix, Func<double, double> function)
    {
        var rows = matrix.Length / _order;
        var rotated = Multiply(matrix, rows, _vectors, Transpose.No);
        for (var i = 0; i < _order; i++)
        {
            var column = rotated.AsSpan(i * rows, rows);
            TensorPrimitives.Multiply(column, function(_eigenvalues[i]), column);
        }

        Blas.Gemm(Transpose.No, Transpose.Yes, rows, _order, _order, 1.0, rotated, rows, _vectors, _order, 0.0, matrix, rows);
    }

    private double[] Multiply(double[] left, int rows, double[] right, Transpose transpose)
    {
        var result = new double[left.Length];
        Blas.Gemm(Transpose.No, transpose, rows, _order, _order, 1.0, left, rows, right, _order, 0.0, result, rows);
        return result;
    }

    /// <summary>
    /// f_0 - y, whose columns are one sample each, or read as one row where the kernel has an entry for every output.
    /// </summary>
    private double[] Residual(Matrix<double> initial, Matrix<double> targets)
    {
        RequireFinite(initial, nameof(initial));
        RequireFinite(targets, nameof(targets));
        var outputs = _order / Samples;
        if (targets.ColumnCount != Samples || (outputs > 1 && targets.RowCount != outputs))
        {
            throw new ArgumentException(
                $"The targets are {targets.RowCount} x {targets.ColumnCount}; expected {(outputs > 1 ? outputs : "O")} x {Samples}, "
                + "one sample a column.",
                nameof(targets));
        }

        if (initial.RowCount != targets.RowCount || initial.ColumnCount != targets.ColumnCount)
        {
            throw new ArgumentException(
                $"The outputs are {initial.RowCount} x {initial.ColumnCount} and the targets {targets.RowCount} x {targets.ColumnCount}; "
                + "expected the same shape.",
                nameof(initial));
        }

        var residual = initial.ToColumnMajorArray();
        TensorPrimitives.Subtract(residual, targets.AsColumnMajorArray() ?? targets.ToColumnMajorArray(), residual);
        return residual;
    }

    private void RequireCross(Matrix<double> cross, int others, string name) => RequireShape(cross, others, _order, name);

    private static void RequireShape(Matrix<double> matrix, int rows, int columns, string name)
    {
        RequireFinite(matrix, name);
        if (matrix.RowCount != rows || matrix.ColumnCount != columns)
        {
            throw new ArgumentException(
                $"The matrix {name} is {matrix.RowCount} x {matrix.ColumnCount}; expected {rows} x {columns}.", name);
        }
    }

    private static void RequireFinite(Matrix<double> matrix, string name) => MatrixGuard.RequireFinite(matrix, name);
}
