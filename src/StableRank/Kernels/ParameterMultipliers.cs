using System.Numerics;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// The factors eta of theory (5.2), one an array of parameters: Theta = sum over arrays p of eta_p J_p J_p'^T, with J_p the derivatives of
/// the outputs by the entries of p. They are the rates at which gradient flow moves the arrays, relative to one another.
/// </summary>
public sealed class ParameterMultipliers
{
    private readonly double[] _values;

    /// <summary>Takes multipliers as they are.</summary>
    /// <param name="values">
    /// One an array, in the order of <see cref="Network{T}.Parameters"/>: first layer first, in a layer the weights (of a recurrent layer
    /// U, then V), then the bias where there is one.
    /// </param>
    /// <exception cref="ArgumentException">There is none, or one is negative or not finite.</exception>
    public ParameterMultipliers(IEnumerable<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        _values = [.. values];
        if (_values.Length == 0)
        {
            throw new ArgumentException("There are no multipliers; expected one an array of parameters.", nameof(values));
        }

        for (var i = 0; i < _values.Length; i++)
        {
            if (!double.IsFinite(_values[i]) || _values[i] < 0)
            {
                throw new ArgumentException($"Multiplier {i} is {_values[i]}; expected finite numbers, not negative.", nameof(values));
            }
        }
    }

    /// <summary>One an array of parameters, in the order of <see cref="Network{T}.Parameters"/>.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>The 'standard' parameterisation: 1 for weights and biases, the kernel of plain gradient descent.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    public static ParameterMultipliers Standard<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        return new(network.Parameters.Select(_ => 1.0));
    }

    /// <summary>
    /// The 'ntk' parameterisation of the model that networks are drawn from, theory (5.2): g_l / (fan-in) for weights, with the gain
    /// g_l = E||W_l||_F^2/m of theory (2.4), and the bias variance for biases: the kernel under W = sqrt(g/n) omega and b = s_b beta.
    /// </summary>
    /// <param name="model">The model; multipliers are in the order of the parameters of its networks.</param>
    public static ParameterMultipliers Ntk(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var values = new List<double>();
        foreach (var layer in model.Layers)
        {
            values.Add(layer.Weights.Gain / layer.Weights.Columns);
            if (layer is ElmanSpecification elman)
            {
                values.Add(elman.RecurrentWeights.Gain / elman.RecurrentWeights.Columns);
            }

            if (layer.HasBias)
            {
                values.Add(layer.BiasVariance);
            }
        }

        return new(values);
    }

    /// <summary>
    /// The same measured on a network whose law is not known: ||W||_F^2/(m n) for weights of m x n and ||b||^2/m for biases, the mean
    /// squares of the entries. They are those of the model, exactly or as the network grows, where all entries have one variance.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    public static ParameterMultipliers Ntk<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        return new(network.Parameters.Select(parameter => MeanSquare(parameter.Values)));
    }

    /// <exception cref="ArgumentException">There is not one multiplier an array of the network.</exception>
    internal void RequireFor<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (_values.Length != network.Parameters.Count)
        {
            throw new ArgumentException(
                $"There are {_values.Length} multipliers but the network has {network.Parameters.Count} arrays of parameters "
                + $"({string.Join(", ", network.Parameters.Select(parameter => parameter.Name))}); expected one each.",
                "multipliers");
        }
    }

    private static double MeanSquare<T>(T[] values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // sums in double: in single precision a large matrix would lose digits
        var sum = 0.0;
        foreach (var value in values)
        {
            var x = double.CreateTruncating(value);
            sum += x * x;
        }

        return sum / values.Length;
    }
}
