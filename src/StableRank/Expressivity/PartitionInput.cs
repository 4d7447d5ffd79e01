using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Expressivity;

/// <summary>Points of the input space, in double precision.</summary>
internal static class PartitionInput
{
    /// <summary>A copy of the entries.</summary>
    /// <exception cref="ArgumentException">Their number is not <paramref name="size"/>, or one is not finite.</exception>
    public static double[] Of<T>(Vector<T> point, int? size, string name)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(point, name);
        if (size is { } expected && point.Count != expected)
        {
            throw new ArgumentException($"The point has {point.Count} entries; expected {expected}.", name);
        }

        var result = new double[point.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = double.CreateTruncating(point[i]);
            if (!double.IsFinite(result[i]))
            {
                throw new ArgumentException($"Entry {i} of the point is {result[i]}; expected finite numbers.", name);
            }
        }

        return result;
    }
}
