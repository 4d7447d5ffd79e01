using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>
/// The patches of one sample as a matrix of positions x (in k k), column-major, so that a convolution is a product (im2col), and the
/// adjoint of that map. Entry (p, q) is what tap q sees at position p: a column is a shifted copy of one channel.
/// </summary>
internal static class PatchMatrix
{
    /// <summary>Fills the matrix from a sample; zeros where a tap lies in the padding.</summary>
    public static void Gather<T>(ConvolutionShape shape, ReadOnlySpan<T> sample, Span<T> patches)
        where T : unmanaged
    {
        ConvolutionAxis v = shape.Vertical, h = shape.Horizontal;
        var target = 0;
        for (var tap = 0; tap < shape.PatchSize; tap++)
        {
            var channel = sample.Slice(tap / (v.Kernel * h.Kernel) * v.Size * h.Size, v.Size * h.Size);
            var top = (tap / h.Kernel % v.Kernel * v.Dilation) - v.Padding;
            var left = (tap % h.Kernel * h.Dilation) - h.Padding;
            var (first, end) = Inside(h, left);
            for (var i = 0; i < v.Positions; i++, target += h.Positions)
            {
                var row = patches.Slice(target, h.Positions);
                var y = top + (i * v.Stride);
                if (y < 0 || y >= v.Size || first >= end)
                {
                    row.Clear();
                    continue;
                }

                row[..first].Clear();
                row[end..].Clear();
                var pixels = channel.Slice(y * h.Size, h.Size);
                if (h.Stride == 1)
                {
                    pixels.Slice(left + first, end - first).CopyTo(row[first..]);
                    continue;
                }

                for (var j = first; j < end; j++)
                {
                    row[j] = pixels[left + (j * h.Stride)];
                }
            }
        }
    }

    /// <summary>The adjoint of <see cref="Gather"/>: adds every entry to the pixel that it came from.</summary>
    public static void Scatter<T>(ConvolutionShape shape, ReadOnlySpan<T> patches, Span<T> sample)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        ConvolutionAxis v = shape.Vertical, h = shape.Horizontal;
        var source = 0;
        for (var tap = 0; tap < shape.PatchSize; tap++)
        {
            var channel = sample.Slice(tap / (v.Kernel * h.Kernel) * v.Size * h.Size, v.Size * h.Size);
            var top = (tap / h.Kernel % v.Kernel * v.Dilation) - v.Padding;
            var left = (tap % h.Kernel * h.Dilation) - h.Padding;
            var (first, end) = Inside(h, left);
            for (var i = 0; i < v.Positions; i++, source += h.Positions)
            {
                var y = top + (i * v.Stride);
                if (y < 0 || y >= v.Size || first >= end)
                {
                    continue;
                }

                var row = patches.Slice(source, h.Positions);
                var pixels = channel.Slice(y * h.Size, h.Size);
                if (h.Stride == 1)
                {
                    var touched = pixels.Slice(left + first, end - first);
                    TensorPrimitives.Add(touched, row[first..end], touched);
                    continue;
                }

                for (var j = first; j < end; j++)
                {
                    pixels[left + (j * h.Stride)] += row[j];
                }
            }
        }
    }

    /// <summary>The positions j, from first to before end, at which 0 &lt;= left + j stride &lt; size.</summary>
    private static (int First, int End) Inside(ConvolutionAxis axis, int left)
    {
        var first = left >= 0 ? 0 : (-left + axis.Stride - 1) / axis.Stride;
        var last = axis.Size - 1 - left;
        var end = last < 0 ? 0 : Math.Min(axis.Positions, (last / axis.Stride) + 1);
        return (Math.Min(first, axis.Positions), end);
    }
}
