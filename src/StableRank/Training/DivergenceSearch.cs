using System.Numerics;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>Finds the numbers that are not finite, and the layer where they came from.</summary>
internal sealed class DivergenceSearch<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Network<T> _network;
    private readonly int[] _layerOf;

    public DivergenceSearch(Network<T> network)
    {
        _network = network;
        _layerOf = [.. network.Parameters.Select(LayerOf)];
    }

    /// <summary>A place where something is not finite.</summary>
    /// <param name="Layer">The layer, the first being 1.</param>
    /// <param name="Parameter">The parameter, or null for none.</param>
    /// <param name="Value">The value found.</param>
    public readonly record struct Place(int Layer, string? Parameter, double Value);

    /// <summary>The lowest layer whose pre-activations are not finite, or the last one.</summary>
    public Place OfLoss(ForwardPass<T> pass, double loss)
    {
        for (var l = 0; l < pass.PreActivations.Count; l++)
        {
            if (FirstNonFinite(pass.PreActivations[l].AsColumnMajorArray()) is not null)
            {
                return new(l + 1, null, loss);
            }
        }

        return new(pass.PreActivations.Count, null, loss);
    }

    /// <summary>The highest layer with a gradient that is not finite; null where there is none.</summary>
    public Place? OfGradients()
    {
        for (var p = _layerOf.Length - 1; p >= 0; p--)
        {
            if (FirstNonFinite(_network.Parameters[p].Gradient) is { } value)
            {
                return new(_layerOf[p], _network.Parameters[p].Name, value);
            }
        }

        return null;
    }

    /// <summary>The lowest layer with a parameter that is not finite; null where there is none.</summary>
    public Place? OfWeights()
    {
        for (var p = 0; p < _layerOf.Length; p++)
        {
            if (FirstNonFinite(_network.Parameters[p].Values) is { } value)
            {
                return new(_layerOf[p], _network.Parameters[p].Name, value);
            }
        }

        return null;
    }

    private static double? FirstNonFinite(ReadOnlySpan<T> values)
    {
        // 0 x is 0 for a finite x and NaN for any other
        var zeros = Vector<T>.Zero;
        var i = 0;
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            zeros += new Vector<T>(values[i..]) * Vector<T>.Zero;
        }

        var zero = Vector.Sum(zeros);
        for (; i < values.Length; i++)
        {
            zero += values[i] * T.Zero;
        }

        if (zero == T.Zero)
        {
            return null;
        }

        foreach (var value in values)
        {
            if (!T.IsFinite(value))
            {
                return double.CreateChecked(value);
            }
        }

        return null;
    }

    private int LayerOf(Parameter<T> parameter)
    {
        for (var l = 0; l < _network.Layers.Count; l++)
        {
            if (_network.Layers[l].Parameters.Any(own => ReferenceEquals(own.Values, parameter.Values)))
            {
                return l + 1;
            }
        }

        throw new ArgumentException($"The parameter {parameter.Name} belongs to no layer of the network.", nameof(parameter));
    }
}
