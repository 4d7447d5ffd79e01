using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>What an activation does to tangent vectors: multiplication by phi' at each input's pre-activations.</summary>
internal static class TangentKernel
{
    /// <summary>slopes = phi'(pre), and V_j = diag(slopes_j) V_j for every input j; nothing is done for the linear activation.</summary>
    /// <param name="activation">phi.</param>
    /// <param name="pre">Pre-activations, rows x batch.</param>
    /// <param name="rows">The layer's width.</param>
    /// <param name="slopes">Room for rows x batch numbers.</param>
    /// <param name="tangents">rows x (directions batch), the directions of one input after those of the other; changed in place.</param>
    /// <param name="directions">The tangent vectors of each input.</param>
    public static void ApplySlopes<T>(
        Activation activation, ReadOnlySpan<T> pre, int rows, Span<T> slopes, Span<T> tangents, int directions)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (activation == Activation.Linear)
        {
            return;
        }

        activation.Derivative(pre, slopes);
        for (var j = 0; j < tangents.Length / rows; j++)
        {
            var tangent = tangents.Slice(j * rows, rows);
            TensorPrimitives.Multiply(tangent, slopes.Slice(j / directions * rows, rows), tangent);
        }
    }
}
