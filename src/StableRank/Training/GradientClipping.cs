using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>Bounds gradients before a step.</summary>
public static class GradientClipping
{
    /// <summary>What PyTorch's clip_grad_norm_ adds to the norm before it divides.</summary>
    private const double Cushion = 1e-6;

    /// <summary>Elements whose squares are summed in T before the sum goes on in double.</summary>
    private const int BlockLength = 1024;

    /// <summary>
    /// Scales all gradients by min(1, maximum / (norm + 1e-6)), norm being the Euclidean norm of all gradients together: PyTorch's
    /// clip_grad_norm_. A norm that is not finite leaves the gradients as they are.
    /// </summary>
    /// <param name="parameters">The parameters whose gradients are scaled in place.</param>
    /// <param name="maximum">The largest norm allowed, finite and above 0.</param>
    /// <returns>The norm before scaling.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is outside its range.</exception>
    public static double ByNorm<T>(IReadOnlyList<Parameter<T>> parameters, double maximum)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.RequirePositive(maximum, nameof(maximum));
        var norm = Norm(parameters);
        var factor = maximum / (norm + Cushion);
        if (double.IsFinite(norm) && factor < 1)
        {
            for (var p = 0; p < parameters.Count; p++)
            {
                TensorPrimitives.Multiply(
                    parameters[p].Gradient, T.CreateChecked(factor), parameters[p].Gradient);
            }
        }

        return norm;
    }

    /// <summary>The Euclidean norm of all gradients together; infinite or NaN where a gradient is.</summary>
    /// <param name="parameters">The parameters.</param>
    public static double Norm<T>(IReadOnlyList<Parameter<T>> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var sum = 0.0;
        for (var p = 0; p < parameters.Count; p++)
        {
            sum += SumOfSquares<T>(parameters[p].Gradient);
        }

        return double.IsFinite(sum) ? Math.Sqrt(sum) : ScaledNorm(parameters);
    }

    /// <summary>The sum of squares in one order whatever the alignment of the array: a resumed run must see the same bits.</summary>
    private static double SumOfSquares<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var sum = 0.0;
        for (; !values.IsEmpty; values = values[Math.Min(BlockLength, values.Length)..])
        {
            var block = values[..Math.Min(BlockLength, values.Length)];
            ref var start = ref MemoryMarshal.GetReference(block);
            var (even, odd) = (Vector<T>.Zero, Vector<T>.Zero);
            var i = 0;
            for (; i <= block.Length - (2 * Vector<T>.Count); i += 2 * Vector<T>.Count)
            {
                var (a, b) = (Vector.LoadUnsafe(ref start, (nuint)i), Vector.LoadUnsafe(ref start, (nuint)(i + Vector<T>.Count)));
                even += a * a;
                odd += b * b;
            }

            var rest = Vector.Sum(even + odd);
            for (; i < block.Length; i++)
            {
                rest += block[i] * block[i];
            }

            sum += double.CreateChecked(rest);
        }

        return sum;
    }

    /// <summary>The norm where squares overflow: relative to the largest entry.</summary>
    private static double ScaledNorm<T>(IReadOnlyList<Parameter<T>> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var largest = 0.0;
        foreach (var parameter in parameters)
        {
            foreach (var entry in parameter.Gradient)
            {
                // Max passes NaN on
                largest = Math.Max(largest, Math.Abs(double.CreateChecked(entry)));
            }
        }

        if (!double.IsFinite(largest))
        {
            return largest;
        }

        var sum = 0.0;
        foreach (var parameter in parameters)
        {
            foreach (var entry in parameter.Gradient)
            {
                var scaled = double.CreateChecked(entry) / largest;
                sum += scaled * scaled;
            }
        }

        return largest * Math.Sqrt(sum);
    }
}
