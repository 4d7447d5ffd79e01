using System.Numerics;

namespace StableRank.Networks;

/// <summary>The kind of a layer or of its specification.</summary>
internal static class LayerKinds
{
    public static LayerKind Of<T>(Layer<T> layer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => layer switch
        {
            DenseLayer<T> => LayerKind.Dense,
            ConvolutionLayer<T> => LayerKind.Convolution,
            ElmanLayer<T> => LayerKind.Elman,
            PooledDenseLayer<T> => LayerKind.Pooled,
            _ => throw new NotSupportedException($"{layer.GetType().Name} is no known kind of layer."),
        };

    public static LayerKind Of(LayerSpecification layer) => layer switch
    {
        DenseSpecification => LayerKind.Dense,
        ConvolutionSpecification => LayerKind.Convolution,
        ElmanSpecification => LayerKind.Elman,
        PooledDenseSpecification => LayerKind.Pooled,
        _ => throw new NotSupportedException($"{layer.GetType().Name} is no known kind of layer."),
    };
}
