using System.Numerics;

namespace StableRank.Networks;

/// <summary>The names that <see cref="Network{T}"/> describes: those of PyTorch's state dict.</summary>
internal static class ParameterNames
{
    public static Parameter<T>[] Of<T>(Layer<T>[] layers)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var around = Around([.. layers.Select(layer => (LayerKinds.Of(layer), layer.Activation == Activation.Linear))]);
        return
        [
            .. layers.SelectMany((layer, l) =>
                layer.Parameters.Select(parameter => parameter.Named($"{around[l].Prefix}.{parameter.Name}{around[l].Suffix}"))),
        ];
    }

    /// <summary>What stands before and after the local names of each layer's parameters, a point left out.</summary>
    public static (string Prefix, string Suffix)[] Around(IReadOnlyList<(LayerKind Kind, bool IsLinear)> layers)
    {
        var result = new (string, string)[layers.Count];
        // AdaptiveAvgPool and Flatten come first
        var position = layers[0].Kind == LayerKind.Pooled ? 2 : 0;
        var runs = 0;
        for (var l = 0; l < layers.Count;)
        {
            if (layers[l].Kind == LayerKind.Elman)
            {
                runs++;
                var module = runs == 1 ? "rnn" : $"rnn{runs}";
                for (var depth = 0; l < layers.Count && layers[l].Kind == LayerKind.Elman; depth++, l++)
                {
                    result[l] = (module, $"_l{depth}");
                }

                position++;
                continue;
            }

            result[l] = ($"{position}", string.Empty);
            position += layers[l].IsLinear ? 1 : 2;
            var flattens = layers[l].Kind == LayerKind.Convolution && l + 1 < layers.Count && layers[l + 1].Kind != LayerKind.Convolution;
            position += flattens ? 1 : 0;
            position += flattens && layers[l + 1].Kind == LayerKind.Pooled ? 1 : 0;
            l++;
        }

        return result;
    }
}
