using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>
/// The probabilists' Hermite polynomial of degree d, normalised to E h_d(z)^2 = 1 for a standard Gaussian z, as the product over its roots
/// h_d(z) = z^(d mod 2) (z^2 - r_1^2) (z^2 - r_2^2) ... / sqrt(d!): accurate near every root, and free of differences of infinities.
/// </summary>
internal sealed class HermitePolynomial
{
    private readonly double[] _squaredRoots;
    private readonly double _leading;

    public HermitePolynomial(int degree)
    {
        Degree = degree;
        _squaredRoots = [.. Roots(degree).Where(r => r > 0).Select(r => r * r)];
        _leading = 1;
        for (var k = 2; k <= degree; k++)
        {
            _leading /= Math.Sqrt(k);
        }
    }

    /// <summary>d.</summary>
    public int Degree { get; }

    /// <summary>factor h_d(z_i), entry by entry; the result may be z itself.</summary>
    public void Evaluate<T>(ReadOnlySpan<T> z, Span<T> result, double factor = 1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Degree == 0)
        {
            // 1, or NaN where z is
            SlopeSelection.Derivative(z, result, T.One);
            TensorPrimitives.Multiply(result, T.CreateTruncating(factor), result);
            return;
        }

        Span<T> scratch = stackalloc T[3 * Chunk.Length];
        var leading = T.CreateTruncating(factor * _leading);
        for (var start = 0; start < z.Length; start += Chunk.Length)
        {
            var input = z.Slice(start, Math.Min(Chunk.Length, z.Length - start));
            var square = scratch[..input.Length];
            var difference = scratch.Slice(Chunk.Length, input.Length);
            var product = scratch.Slice(2 * Chunk.Length, input.Length);
            TensorPrimitives.Multiply(input, input, square);
            if (Degree % 2 == 1)
            {
                TensorPrimitives.Multiply(input, leading, product);
            }
            else
            {
                product.Fill(leading);
            }

            foreach (var root in _squaredRoots)
            {
                TensorPrimitives.Subtract(square, T.CreateTruncating(root), difference);
                TensorPrimitives.Multiply(product, difference, product);
            }

            product.CopyTo(result.Slice(start, input.Length));
        }
    }

    /// <summary>Every root, in increasing order: those of one degree lie between those of the degree below, and within 2 sqrt(d).</summary>
    private static double[] Roots(int degree)
    {
        double[] roots = [];
        for (var d = 1; d <= degree; d++)
        {
            var bound = 2 * Math.Sqrt(d);
            double[] ends = [-bound, .. roots, bound];
            roots = [.. Enumerable.Range(0, d).Select(i => 2 * i + 1 == d ? 0 : Bisect(d, ends[i], ends[i + 1]))];
        }

        return roots;
    }

    private static double Bisect(int degree, double low, double high)
    {
        var sign = Math.Sign(Value(degree, low));
        while (true)
        {
            var middle = low + (high - low) / 2;
            if (middle <= low || middle >= high)
            {
                return middle;
            }

            if (Math.Sign(Value(degree, middle)) == sign)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }
    }

    /// <summary>h_d by its recurrence, sqrt(k + 1) h_(k+1) = z h_k - sqrt(k) h_(k-1).</summary>
    private static double Value(int degree, double z)
    {
        var (previous, current) = (0.0, 1.0);
        for (var k = 0; k < degree; k++)
        {
            (previous, current) = (current, (z * current - Math.Sqrt(k) * previous) / Math.Sqrt(k + 1));
        }

        return current;
    }
}
