using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>The guard of sets of inputs to a network.</summary>
internal static class KernelInputs
{
    /// <exception cref="ArgumentException">The set has not the network's features, is empty, or an entry is not finite.</exception>
    public static void Require<T>(Network<T> network, Matrix<T> inputs, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(inputs, name);
        if (inputs.RowCount != network.InputSize)
        {
            throw new ArgumentException(
                $"The inputs are {inputs.RowCount} x {inputs.ColumnCount} but the network takes {network.InputSize} features; "
                + $"expected {network.InputSize} rows, one sample a column.",
                name);
        }

        if (inputs.ColumnCount == 0)
        {
            throw new ArgumentException("The set of inputs is empty; expected at least one sample, a column each.", name);
        }

        MatrixGuard.RequireFinite(inputs, name);
    }
}
