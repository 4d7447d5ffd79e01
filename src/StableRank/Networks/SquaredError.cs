using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>L = 1/(2N) sum (f - y)^2, dL/df = (f - y)/N.</summary>
internal sealed class SquaredError : Loss
{
    public override string Name => "squared-error";

    private protected override double OfTargets<T>(ReadOnlySpan<T> outputs, int rows, ReadOnlySpan<T> targets, Span<T> gradient)
    {
        TensorPrimitives.Subtract(outputs, targets, gradient);
        return Finish(rows, gradient);
    }

    private protected override double OfLabels<T>(ReadOnlySpan<T> outputs, int rows, ReadOnlySpan<int> labels, Span<T> gradient)
    {
        outputs.CopyTo(gradient);
        for (var j = 0; j < labels.Length; j++)
        {
            gradient[j * rows + labels[j]] -= T.One;
        }

        return Finish(rows, gradient);
    }

    /// <summary>The loss of the differences f - y, which become the gradient.</summary>
    private static double Finish<T>(int rows, Span<T> differences)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var samples = differences.Length / rows;
        var sum = 0.0;
        foreach (var difference in differences)
        {
            var d = double.CreateTruncating(difference);
            sum += d * d;
        }

        TensorPrimitives.Divide(differences, T.CreateTruncating(samples), differences);
        return sum / (2.0 * samples);
    }
}
