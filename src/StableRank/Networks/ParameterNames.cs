using System.Numerics;

namespace StableRank.Networks;

/// <summary>The names that <see cref="Network{T}"/> describes: those of PyTorch's state dict.</summary>
internal static class ParameterNames
{
    public static Parameter<T>[] Of<T>(Layer<T>[] layers)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var result = new List<Parameter<T>>();
        // AdaptiveAvgPool and Flatten come first
        var position = layers[0] is PooledDenseLayer<T> ? 2 : 0;
        var runs = 0;
        for (var l = 0; l < layers.Length;)
        {
            if (layers[l] is ElmanLayer<T>)
            {
                runs++;
                var module = runs == 1 ? "rnn" : $"rnn{runs}";
                for (var depth = 0; l < layers.Length && layers[l] is ElmanLayer<T>; depth++, l++)
                {
                    result.AddRange(layers[l].Parameters.Select(parameter => parameter.Named($"{module}.{parameter.Name}_l{depth}")));
                }

                position++;
                continue;
            }

            result.AddRange(layers[l].Parameters.Select(parameter => parameter.Named($"{position}.{parameter.Name}")));
            position += layers[l].Activation == Activation.Linear ? 1 : 2;
            var flattens = layers[l] is ConvolutionLayer<T> && l + 1 < layers.Length && layers[l + 1] is not ConvolutionLayer<T>;
            position += flattens ? 1 : 0;
            position += flattens && layers[l + 1] is PooledDenseLayer<T> ? 1 : 0;
            l++;
        }

        return [.. result];
    }
}
