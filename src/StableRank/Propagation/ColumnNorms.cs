using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.Propagation;

/// <summary>Squared norms of columns as logarithms, and the exact rescaling that keeps deep signals inside the range of T.</summary>
internal static class ColumnNorms
{
    // a column is rescaled when its norm leaves 2^-32 .. 2^32: far inside the range of single precision, where squares overflow at 2^64
    public const double RescaleBeyond = 32;

    /// <summary>log ||x||^2; -infinity for 0, and +infinity or NaN where x is not finite. Squares neither overflow nor underflow.</summary>
    public static double LogSquared<T>(ReadOnlySpan<T> column)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // inside these limits no square that matters has overflowed or become subnormal
        var (low, high) = typeof(T) == typeof(float) ? (1e-27, 1e36) : (1e-270, 1e300);
        var squares = double.CreateTruncating(TensorPrimitives.SumOfSquares(column));
        if (squares > low && squares < high)
        {
            return Math.Log(squares);
        }

        var largest = Largest(column);
        if (largest == 0 || !double.IsFinite(largest))
        {
            return 2 * Math.Log(largest);
        }

        var sum = 0.0;
        foreach (var entry in column)
        {
            var scaled = double.CreateTruncating(entry) / largest;
            sum += scaled * scaled;
        }

        return Math.Log(sum) + 2 * Math.Log(largest);
    }

    /// <summary>The cosine of the angle between two columns; NaN where one is 0 or not finite.</summary>
    public static double Cosine<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (scaleA, scaleB) = (Largest(a), Largest(b));
        double dot = 0, squareA = 0, squareB = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (double.CreateTruncating(a[i]) / scaleA, double.CreateTruncating(b[i]) / scaleB);
            dot += x * y;
            squareA += x * x;
            squareB += y * y;
        }

        var cosine = dot / (Math.Sqrt(squareA) * Math.Sqrt(squareB));
        return double.IsNaN(cosine) ? cosine : Math.Clamp(cosine, -1, 1);
    }

    /// <summary>
    /// Multiplies a column by a power of two, which rounds nothing, where its norm is extreme; returns the power taken out.
    /// </summary>
    public static int Rescale<T>(Span<T> column, double logSquared, double beyond = RescaleBeyond)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var exponent = logSquared / (2 * double.Log(2));
        if (!double.IsFinite(exponent) || Math.Abs(exponent) <= beyond)
        {
            return 0;
        }

        // at most 2^96 at a time: the factor itself stays in the range of single precision
        var power = (int)Math.Clamp(Math.Round(exponent), -96, 96);
        TensorPrimitives.Multiply(column, T.ScaleB(T.One, -power), column);
        return power;
    }

    /// <summary>The greatest magnitude: MaxMagnitude keeps the sign of the entry it finds.</summary>
    private static double Largest<T>(ReadOnlySpan<T> column)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Math.Abs(double.CreateTruncating(TensorPrimitives.MaxMagnitude(column)));
}
