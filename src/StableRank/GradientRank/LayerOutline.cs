using System.Numerics;
using StableRank.Networks;

namespace StableRank.GradientRank;

/// <summary>What bounds need to know of a layer, of a network or of a model: its kind and shapes, no weights.</summary>
internal sealed record LayerOutline(int Layer, LayerKind Kind, Activation Activation, bool HasBias, WeightOutline[] Weights)
{
    /// <summary>The shape of a convolution.</summary>
    public ConvolutionShape? Shape { get; init; }

    /// <summary>The time steps of a recurrent layer, the positions of a convolution's output; 1 of a dense one.</summary>
    public int Places { get; init; } = 1;

    /// <summary>The same of the inputs.</summary>
    public int InputPlaces { get; init; } = 1;

    /// <summary>The rows of one of the places.</summary>
    public int Features => Weights[0].Rows;

    /// <summary>The rows of one of the places of the inputs.</summary>
    public int InputFeatures => Shape?.Channels ?? Weights[0].Columns;

    public int InputSize => checked(InputFeatures * InputPlaces);

    public int OutputSize => checked(Features * Places);

    /// <summary>tau where it is below T; T otherwise.</summary>
    public int Window { get; init; } = 1;

    public bool IsLinear => Activation.IsPiecewiseLinear(out var slope) && slope == 1;

    public static LayerOutline[] Of(Model model)
    {
        var names = ParameterNames.Around([.. model.Layers.Select(layer => (LayerKinds.Of(layer), layer.Activation == Activation.Linear))]);
        return [.. model.Layers.Select((layer, l) => Of(layer, l + 1, names[l]))];
    }

    public static LayerOutline[] Of<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var names = ParameterNames.Around(
            [.. network.Layers.Select(layer => (LayerKinds.Of(layer), layer.Activation == Activation.Linear))]);
        return [.. network.Layers.Select((layer, l) => Of(layer, l + 1, names[l]))];
    }

    private static LayerOutline Of(LayerSpecification layer, int l, (string Prefix, string Suffix) name)
    {
        var (rows, columns) = (layer.Weights.Rows, layer.Weights.Columns);
        return layer switch
        {
            ConvolutionSpecification c => Convolution(c.Shape, rows, l, c.Activation, c.HasBias, name),
            ElmanSpecification e => Elman(e.Steps, e.Truncation, rows, columns, l, e.Activation, e.HasBias, name),
            PooledDenseSpecification p => Dense(LayerKind.Pooled, p.Positions, rows, columns, l, p.Activation, p.HasBias, name),
            _ => Dense(LayerKind.Dense, 1, rows, columns, l, layer.Activation, layer.HasBias, name),
        };
    }

    private static LayerOutline Of<T>(Layer<T> layer, int l, (string Prefix, string Suffix) name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (rows, columns, hasBias) = (layer.Weights.RowCount, layer.Weights.ColumnCount, layer.Bias is not null);
        return layer switch
        {
            ConvolutionLayer<T> c => Convolution(c.Shape, rows, l, c.Activation, hasBias, name),
            ElmanLayer<T> e => Elman(e.Steps, e.Truncation, rows, columns, l, e.Activation, hasBias, name),
            PooledDenseLayer<T> p => Dense(LayerKind.Pooled, p.Positions, rows, columns, l, p.Activation, hasBias, name),
            _ => Dense(LayerKind.Dense, 1, rows, columns, l, layer.Activation, hasBias, name),
        };
    }

    private static LayerOutline Dense(
        LayerKind kind, int positions, int rows, int columns, int l, Activation activation, bool hasBias, (string, string) name) =>
        new(l, kind, activation, hasBias, [WeightOutline.Of(name, "weight", $"W_{l}", rows, columns)]) { InputPlaces = positions };

    private static LayerOutline Convolution(
        ConvolutionShape shape, int rows, int l, Activation activation, bool hasBias, (string, string) name) =>
        new(l, LayerKind.Convolution, activation, hasBias, [WeightOutline.Of(name, "weight", $"K_{l}", rows, shape.PatchSize)])
        {
            Shape = shape,
            Places = shape.Positions,
            InputPlaces = checked(shape.Vertical.Size * shape.Horizontal.Size),
        };

    private static LayerOutline Elman(
        int steps, int? truncation, int rows, int columns, int l, Activation activation, bool hasBias, (string, string) name) =>
        new(
            l, LayerKind.Elman, activation, hasBias,
            [WeightOutline.Of(name, "weight_ih", $"U_{l}", rows, columns), WeightOutline.Of(name, "weight_hh", $"V_{l}", rows, rows)])
        {
            Places = steps,
            InputPlaces = steps,
            Window = Math.Min(truncation ?? steps, steps),
        };
}
