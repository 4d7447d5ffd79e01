using System.Numerics;

namespace StableRank.Networks;

/// <summary>Layers that fit on one another, in networks and in models.</summary>
internal static class LayerChain
{
    /// <summary>The layers of a network as an array.</summary>
    /// <exception cref="ArgumentException">
    /// There is none, one is null, or one does not fit the one below; the message names both.
    /// </exception>
    public static Layer<T>[] Of<T>(IEnumerable<Layer<T>> layers)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Checked(layers, "network", Fault);

    /// <summary>The same of a model.</summary>
    public static LayerSpecification[] Of(IEnumerable<LayerSpecification> layers) => Checked(layers, "model", Fault);

    private static TLayer[] Checked<TLayer>(IEnumerable<TLayer> layers, string whole, Func<TLayer, TLayer, int, string?> fault)
        where TLayer : class
    {
        ArgumentNullException.ThrowIfNull(layers);
        TLayer[] chain = [.. layers];
        if (chain.Length == 0)
        {
            throw new ArgumentException($"A {whole} needs at least one layer.", nameof(layers));
        }

        for (var l = 0; l < chain.Length; l++)
        {
            if (chain[l] is null)
            {
                throw new ArgumentException($"Layer {l + 1} is null.", nameof(layers));
            }

            if (l > 0 && fault(chain[l - 1], chain[l], l) is { } reason)
            {
                throw new ArgumentException(reason, nameof(layers));
            }
        }

        return chain;
    }

    /// <summary>Why layer l + 1 (above) does not fit on layer l (below), or null where it does.</summary>
    public static string? Fault<T>(Layer<T> below, Layer<T> above, int l)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Sizes(below.OutputSize, above.InputSize, l)
        ?? ((below, above) switch
        {
            (ConvolutionLayer<T> b, ConvolutionLayer<T> a) => Images(b.Shape, b.OutputChannels, a.Shape, l),
            (ElmanLayer<T> b, ElmanLayer<T> a) => TimeSteps(b.Steps, a.Steps, l),
            (ConvolutionLayer<T> b, PooledDenseLayer<T> a) => Pooled(b.Shape.Positions, a.Positions, l),
            (_, PooledDenseLayer<T>) => Unpoolable(l),
            _ => null,
        });

    /// <summary>The same for specifications.</summary>
    public static string? Fault(LayerSpecification below, LayerSpecification above, int l) =>
        Sizes(below.OutputSize, above.InputSize, l)
        ?? ((below, above) switch
        {
            (ConvolutionSpecification b, ConvolutionSpecification a) => Images(b.Shape, b.Weights.Rows, a.Shape, l),
            (ElmanSpecification b, ElmanSpecification a) => TimeSteps(b.Steps, a.Steps, l),
            (ConvolutionSpecification b, PooledDenseSpecification a) => Pooled(b.Shape.Positions, a.Positions, l),
            (_, PooledDenseSpecification) => Unpoolable(l),
            _ => null,
        });

    private static string? Sizes(int outputs, int inputs, int l) => inputs == outputs
        ? null
        : $"Layer {l + 1} takes {inputs} inputs but layer {l} gives {outputs} outputs; expected the same number.";

    private static string? Images(ConvolutionShape below, int channels, ConvolutionShape above, int l) =>
        (channels, below.Vertical.Positions, below.Horizontal.Positions)
        == (above.Channels, above.Vertical.Size, above.Horizontal.Size)
            ? null
            : $"Layer {l + 1} takes images of {above.Channels} x {above.Vertical.Size} x {above.Horizontal.Size} but layer {l} gives "
            + $"{channels} x {below.Vertical.Positions} x {below.Horizontal.Positions} (channels x height x width); expected the same.";

    private static string? Pooled(int below, int above, int l) => below == above
        ? null
        : $"Layer {l + 1} takes the means over {above} positions but layer {l} has {below}; expected the same number.";

    private static string Unpoolable(int l) =>
        $"Layer {l + 1} takes the means over the positions of an image but layer {l} is no convolution; expected one, or the inputs.";

    private static string? TimeSteps(int below, int above, int l) => below == above
        ? null
        : $"Layer {l + 1} has {above} time steps but layer {l} has {below}; expected the same number.";
}
