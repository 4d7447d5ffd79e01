using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// Which covariances below a layer each of its own is made of. They belong to pairs of positions (pixels of an image, steps of a sequence;
/// a dense layer's output has one). A dense layer weights each position independently and so needs each with itself only, and what
/// convolutions and recurrent layers below make of those involves no others; global average pooling needs all pairs.
/// </summary>
internal sealed class PositionMap
{
    private PositionMap(PositionPairs outputs, int[][] sources, double share)
    {
        Outputs = outputs;
        Sources = sources;
        Share = share;
    }

    /// <summary>The pairs of the layer's own positions.</summary>
    public PositionPairs Outputs { get; }

    /// <summary>For each own pair the pairs below that it sums over.</summary>
    public int[][] Sources { get; }

    /// <summary>Whether pre-activations at different positions are independent, as the outputs of a dense layer are.</summary>
    public bool IsIndependent { get; private init; }

    /// <summary>The weight of each: one over the number of taps, padding included.</summary>
    public double Share { get; }

    /// <summary>The pairs of positions of the model's inputs.</summary>
    public static PositionPairs OfInputs(IReadOnlyList<LayerSpecification> layers) => layers[0] switch
    {
        ConvolutionSpecification { Shape: { } shape } => new(shape.Vertical.Size * shape.Horizontal.Size, IsPooled(layers, 0)),
        PooledDenseSpecification pooled => new(pooled.Positions, true),
        ElmanSpecification elman => new(elman.Steps, false),
        _ => new(1, false),
    };

    /// <summary>The map of layer l (0-based) on the pairs of the layer below.</summary>
    public static PositionMap Of(IReadOnlyList<LayerSpecification> layers, int l, PositionPairs below) => layers[l] switch
    {
        ConvolutionSpecification { Shape: { } shape } => OfConvolution(
            shape, below, l > 0 && layers[l - 1] is not ConvolutionSpecification, IsPooled(layers, l)),
        ElmanSpecification elman => new PositionMap(
            new(elman.Steps, false), [.. Enumerable.Range(0, elman.Steps).Select(t => new[] { below.Positions == 1 ? 0 : t })], 1),
        _ => OfDense(below, l + 1 < layers.Count && layers[l + 1] is ConvolutionSpecification && IsPooled(layers, l + 1)),
    };

    /// <summary>Whether the convolutions from layer l on end in a global average.</summary>
    private static bool IsPooled(IReadOnlyList<LayerSpecification> layers, int l)
    {
        while (l < layers.Count && layers[l] is ConvolutionSpecification)
        {
            l++;
        }

        return l < layers.Count && layers[l] is PooledDenseSpecification;
    }

    /// <summary>
    /// One output, which stands for all; or two, which are independent, where pairs of them are asked for: their activations have a
    /// covariance about 0 all the same.
    /// </summary>
    private static PositionMap OfDense(PositionPairs below, bool paired)
    {
        int[] all = [.. Enumerable.Range(0, below.Count)];
        return paired
            ? new PositionMap(new(2, true), [all, all, [], []], 1.0 / below.Count) { IsIndependent = true }
            : new PositionMap(new(1, false), [all], 1.0 / below.Count);
    }

    private static PositionMap OfConvolution(ConvolutionShape shape, PositionPairs below, bool onDense, bool all)
    {
        var (v, h) = (shape.Vertical, shape.Horizontal);
        var pixels = Enumerable.Range(0, shape.Positions).Select(p => Pixels(v, p / h.Positions)
            .SelectMany(_ => Pixels(h, p % h.Positions), (y, x) => y < 0 || x < 0 ? -1 : y * h.Size + x).ToArray()).ToArray();
        var outputs = new PositionPairs(shape.Positions, all);
        var sources = new int[outputs.Count][];
        for (var q = 0; q < sources.Length; q++)
        {
            var (row, column) = outputs[q];
            // the same tap at both positions; of a dense layer below, any two outputs stand for two different pixels
            var seen = pixels[row].Zip(pixels[column]).Where(pair => pair is { First: >= 0, Second: >= 0 });
            sources[q] =
            [
                .. seen.Select(pair => !onDense ? below.IndexOf(pair.First, pair.Second)
                    : pair.First == pair.Second ? 0 : below.IndexOf(0, 1)),
            ];
        }

        return new PositionMap(outputs, sources, 1.0 / ((double)v.Kernel * h.Kernel));
    }

    /// <summary>The pixels that the taps see at a position of the kernel; -1 in the padding.</summary>
    private static IEnumerable<int> Pixels(ConvolutionAxis axis, int position) =>
        Enumerable.Range(0, axis.Kernel)
            .Select(tap => position * axis.Stride - axis.Padding + tap * axis.Dilation)
            .Select(pixel => pixel >= 0 && pixel < axis.Size ? pixel : -1);
}
