using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// Which positions below a layer (pixels of an image, steps of a sequence; one for a dense layer's output) each of its own positions sees.
/// Only covariances of a position with the same position of another sample are needed: a dense layer on top weights each position
/// independently, and what a convolution or a recurrent layer makes of them involves no others.
/// </summary>
internal sealed class PositionMap
{
    private PositionMap(int[][] sources, double share)
    {
        Sources = sources;
        Share = share;
    }

    /// <summary>For each own position the positions below that it sums over.</summary>
    public int[][] Sources { get; }

    /// <summary>The weight of each: one over the number of taps, padding included.</summary>
    public double Share { get; }

    /// <summary>The positions of the layer.</summary>
    public int Outputs => Sources.Length;

    /// <summary>The positions of the model's inputs.</summary>
    public static int OfInputs(LayerSpecification first) => first switch
    {
        ConvolutionSpecification convolution => convolution.Shape.Vertical.Size * convolution.Shape.Horizontal.Size,
        ElmanSpecification elman => elman.Steps,
        _ => 1,
    };

    /// <summary>The map of a layer on so many positions; 1 position below serves as all that the layer looks at.</summary>
    public static PositionMap Of(LayerSpecification layer, int below) => layer switch
    {
        ConvolutionSpecification convolution => OfConvolution(convolution.Shape, below),
        ElmanSpecification elman => new PositionMap(
            [.. Enumerable.Range(0, elman.Steps).Select(t => new[] { below == 1 ? 0 : t })], 1),
        _ => new PositionMap([[.. Enumerable.Range(0, below)]], 1.0 / below),
    };

    private static PositionMap OfConvolution(ConvolutionShape shape, int below)
    {
        var (v, h) = (shape.Vertical, shape.Horizontal);
        var sources = new int[shape.Positions][];
        for (var p = 0; p < sources.Length; p++)
        {
            var (rows, columns) = (Pixels(v, p / h.Positions), Pixels(h, p % h.Positions));
            sources[p] = [.. rows.SelectMany(_ => columns, (y, x) => below == 1 ? 0 : y * h.Size + x)];
        }

        return new PositionMap(sources, 1.0 / ((double)v.Kernel * h.Kernel));
    }

    /// <summary>The pixels that a position of the kernel sees, the padding left out.</summary>
    private static int[] Pixels(ConvolutionAxis axis, int position) =>
    [
        .. Enumerable.Range(0, axis.Kernel)
            .Select(tap => position * axis.Stride - axis.Padding + tap * axis.Dilation)
            .Where(pixel => pixel >= 0 && pixel < axis.Size),
    ];
}
