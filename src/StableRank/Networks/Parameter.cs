using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// A trainable array of a network: a weight matrix or a bias vector, with the gradient of the last backward pass. Values and gradient are
/// flat column-major arrays of <see cref="Rows"/> x <see cref="Columns"/> entries; the matrices are views of the same numbers.
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class Parameter<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Parameter<T>? _origin;

    /// <summary>A parameter over the given column-major values, which it keeps.</summary>
    internal Parameter(string name, int rows, int columns, T[] values, int[] shape)
    {
        Name = name;
        Rows = rows;
        Columns = columns;
        Values = values;
        Shape = shape;
        Matrix = Matrix<T>.Build.Dense(rows, columns, values);
    }

    private Parameter(string name, Parameter<T> origin)
    {
        _origin = origin;
        Name = name;
        Rows = origin.Rows;
        Columns = origin.Columns;
        Values = origin.Values;
        Shape = origin.Shape;
        Matrix = origin.Matrix;
    }

    /// <summary>
    /// The name. In <see cref="Network{T}.Parameters"/> it is the one that PyTorch's state dict gives (see <see cref="Network{T}"/>); in
    /// <see cref="Layer{T}.Parameters"/> it is local: "weight", "bias", "weight_ih", "weight_hh".
    /// </summary>
    public string Name { get; }

    /// <summary>Rows: the fan-out.</summary>
    public int Rows { get; }

    /// <summary>Columns: the fan-in of a weight matrix, 1 for a bias.</summary>
    public int Columns { get; }

    /// <summary>Whether it is a weight matrix; false for a bias.</summary>
    public bool IsWeight => Shape.Count > 1;

    /// <summary>
    /// The shape that PyTorch gives the tensor: (out, in), (out, in, k), (out, in, k, k) or, for a bias, (out). Its elements in C order are
    /// the rows of <see cref="Matrix"/> one after the other.
    /// </summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The values, entry (i, j) at i + j Rows: changes to them change the network.</summary>
    public T[] Values { get; }

    /// <summary>
    /// The gradient that the last <see cref="Network{T}.Backward(ForwardPass{T}, ReadOnlySpan{T}, BackwardPass{T})"/> wrote (overwritten,
    /// not added to), laid out as <see cref="Values"/>; zeros before the first. Made at its first use.
    /// </summary>
    public T[] Gradient => _origin is null ? field ??= new T[Values.Length] : _origin.Gradient;

    /// <summary>The values as a matrix over the same array.</summary>
    public Matrix<T> Matrix { get; }

    /// <summary>The gradient as a matrix over the same array.</summary>
    public Matrix<T> GradientMatrix =>
        _origin is null ? field ??= Matrix<T>.Build.Dense(Rows, Columns, Gradient) : _origin.GradientMatrix;

    /// <summary>The name and the shape.</summary>
    public override string ToString() => $"{Name} ({string.Join(", ", Shape)})";

    /// <summary>The same values and gradient under another name.</summary>
    internal Parameter<T> Named(string name) => new(name, this);
}
