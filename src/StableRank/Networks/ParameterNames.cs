using System.Numerics;

namespace StableRank.Networks;

/// <summary>The names that <see cref="Network{T}"/> describes: those of PyTorch's state dict.</summary>
internal static class ParameterNames
{
    public static Parameter<T>[] Of<T>(Layer<T>[] layers)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var result = new List<Parameter<T>>();
        var position = 0;
        for (var l = 0; l < layers.Length; l++)
        {
            result.AddRange(layers[l].Parameters.Select(parameter => parameter.Named($"{position}.{parameter.Name}")));
            position += layers[l].Activation == Activation.Linear ? 1 : 2;
        }

        return [.. result];
    }
}
