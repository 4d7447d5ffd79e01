using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// The linearisation of a network in its parameters at theta_0, f_lin(x; theta) = f(x; theta_0) + J(x) (theta - theta_0): exact at
/// theta_0, off by the second order of the step elsewhere. Products with J are taken by forward and backward passes; no Jacobian is formed.
/// </summary>
/// <remarks>Theta_0 is copied: what happens to the network later changes nothing. Calls may run on several threads.</remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed class LinearizedNetwork<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Network<T> _origin;

    /// <summary>Linearises a network at its present parameters, which are copied.</summary>
    public LinearizedNetwork(Network<T> network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _origin = network.WithOwnGradients(copyWeights: true);
    }

    /// <summary>f_lin(X; theta), O x N, at the parameters of a network of the same architecture.</summary>
    /// <param name="inputs">X, n_0 x N, a sample a column.</param>
    /// <param name="at">The network that holds theta.</param>
    /// <exception cref="ArgumentException">
    /// The inputs have not n_0 rows, are none or not finite, or the network's parameters are of other shapes.
    /// </exception>
    public Matrix<T> Outputs(Matrix<T> inputs, Network<T> at)
    {
        ArgumentNullException.ThrowIfNull(at);
        var displacement = Arrays([.. at.Parameters.Select(parameter => parameter.Matrix)], nameof(at));
        for (var p = 0; p < displacement.Length; p++)
        {
            var values = displacement[p];
            displacement[p] = new T[values.Length];
            TensorPrimitives.Subtract<T>(values, _origin.Parameters[p].Values, displacement[p]);
        }

        var x = Columns(inputs);
        var outputs = new T[checked(_origin.OutputSize * inputs.ColumnCount)];
        var step = new JacobianProducts<T>(_origin).Apply(x, inputs.ColumnCount, displacement, outputs);
        TensorPrimitives.Add<T>(outputs, step, outputs);
        return MatrixStorage.Dense(_origin.OutputSize, inputs.ColumnCount, outputs);
    }

    /// <summary>J(X) u, O x N: the derivative of the outputs along a direction of the parameters.</summary>
    /// <param name="inputs">X, n_0 x N.</param>
    /// <param name="direction">u, one matrix a parameter, in order and shapes of <see cref="Network{T}.Parameters"/>.</param>
    /// <exception cref="ArgumentException">The inputs or the direction have other shapes, or the inputs are none or not finite.</exception>
    public Matrix<T> Tangent(Matrix<T> inputs, IReadOnlyList<Matrix<T>> direction)
    {
        ArgumentNullException.ThrowIfNull(direction);
        var arrays = Arrays(direction, nameof(direction));
        var x = Columns(inputs);
        return MatrixStorage.Dense(
            _origin.OutputSize, inputs.ColumnCount, new JacobianProducts<T>(_origin).Apply(x, inputs.ColumnCount, arrays));
    }

    /// <summary>
    /// J(X)^T G summed over the samples, one matrix a parameter: the gradient of a loss of f_lin, whatever theta, from its gradient G at
    /// the outputs.
    /// </summary>
    /// <param name="inputs">X, n_0 x N.</param>
    /// <param name="outputGradient">G, O x N.</param>
    /// <exception cref="ArgumentException">The inputs or the gradient have other shapes, or the inputs are none or not finite.</exception>
    public IReadOnlyList<Matrix<T>> Gradient(Matrix<T> inputs, Matrix<T> outputGradient)
    {
        ArgumentNullException.ThrowIfNull(outputGradient);
        var x = Columns(inputs);
        if (outputGradient.RowCount != _origin.OutputSize || outputGradient.ColumnCount != inputs.ColumnCount)
        {
            throw new ArgumentException(
                $"The output gradient is {outputGradient.RowCount} x {outputGradient.ColumnCount}; "
                + $"expected {_origin.OutputSize} x {inputs.ColumnCount}.",
                nameof(outputGradient));
        }

        var gradient = outputGradient.AsColumnMajorArray() ?? outputGradient.ToColumnMajorArray();
        var sums = new JacobianProducts<T>(_origin).ApplyTransposed(x, inputs.ColumnCount, gradient);
        return [.. sums.Select((sum, p) => MatrixStorage.Dense(_origin.Parameters[p].Rows, _origin.Parameters[p].Columns, sum))];
    }

    private T[] Columns(Matrix<T> inputs)
    {
        KernelInputs.Require(_origin, inputs, nameof(inputs));
        return inputs.AsColumnMajorArray() ?? inputs.ToColumnMajorArray();
    }

    private T[][] Arrays(IReadOnlyList<Matrix<T>> matrices, string name)
    {
        var parameters = _origin.Parameters;
        if (matrices.Count != parameters.Count)
        {
            throw new ArgumentException(
                $"There are {matrices.Count} arrays of parameters; expected {parameters.Count}, as the linearised network has.", name);
        }

        for (var p = 0; p < matrices.Count; p++)
        {
            if (matrices[p].RowCount != parameters[p].Rows || matrices[p].ColumnCount != parameters[p].Columns)
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Array {p} is {matrices[p].RowCount} x {matrices[p].ColumnCount}; expected {parameters[p].Rows} x ")
                    + $"{parameters[p].Columns}, that of {parameters[p].Name} of the linearised network.",
                    name);
            }
        }

        return [.. matrices.Select(matrix => matrix.AsColumnMajorArray() ?? matrix.ToColumnMajorArray())];
    }
}

/// <summary>Linearising a network where it stands.</summary>
public static class LinearizedNetwork
{
    /// <summary>The linearisation of a network at its present parameters, which are copied.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    public static LinearizedNetwork<T> Linearize<T>(this Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new(network);
}
