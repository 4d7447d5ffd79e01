using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Kernels;

/// <summary>A set of samples on its way through the layers: every K^l(x, x), and both kernels of each sample with itself.</summary>
internal sealed class SampleVariances
{
    /// <param name="layers">The layers.</param>
    /// <param name="inputs">n_0 x N, column-major.</param>
    /// <param name="features">n_0.</param>
    /// <param name="name">What the caller knows the inputs as.</param>
    /// <exception cref="OverflowException">A variance exceeds the range of double.</exception>
    public SampleVariances(KernelLayer[] layers, double[] inputs, int features, string name)
    {
        Inputs = inputs;
        Features = features;
        Count = inputs.Length / features;
        // so that whole vectors can be read wherever a tile starts
        var padded = Count + DualTile.Lanes;
        Roots = new double[layers.Length][];
        Inverses = new double[layers.Length][];
        Nngp = new double[Count];
        Ntk = new double[Count];
        for (var i = 0; i < Count; i++)
        {
            Nngp[i] = TensorPrimitives.SumOfSquares<double>(inputs.AsSpan(i * features, features)) / features;
        }

        for (var l = 0; l < layers.Length; l++)
        {
            Roots[l] = layers[l].Dual is null ? [] : new double[padded];
            Inverses[l] = layers[l].Dual is null ? [] : new double[padded];
            Step(layers[l], l, name);
        }
    }

    /// <summary>n_0 x N, column-major.</summary>
    public double[] Inputs { get; }

    /// <summary>n_0.</summary>
    public int Features { get; }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>sqrt K^l(x, x) at index l - 1, with a vector's padding; empty where the activation is the identity.</summary>
    public double[][] Roots { get; }

    /// <summary>1/sqrt K^l(x, x), 0 where that is 0.</summary>
    public double[][] Inverses { get; }

    /// <summary>The NNGP of each sample with itself.</summary>
    public double[] Nngp { get; }

    /// <summary>The NTK of each sample with itself.</summary>
    public double[] Ntk { get; }

    /// <summary>The greatest estimated error of an expectation.</summary>
    public double Error { get; private set; }

    private void Step(KernelLayer layer, int l, string name)
    {
        for (var i = 0; i < Count; i++)
        {
            var variance = layer.Gain * Nngp[i] + layer.BiasVariance;
            var tangent = layer.WeightMultiplier * Nngp[i] + layer.BiasMultiplier + layer.Gain * Ntk[i];
            if (!double.IsFinite(variance) || !double.IsFinite(tangent))
            {
                throw new OverflowException(
                    $"Sample {i} of {name} (0-based) has the variance {variance} and the tangent kernel {tangent} at layer {l + 1}, beyond "
                    + "the range of double; expected smaller inputs or gains.");
            }

            (Nngp[i], Ntk[i]) = (variance, tangent);
            if (layer.Dual is null)
            {
                continue;
            }

            var root = Math.Sqrt(variance);
            Roots[l][i] = root;
            Inverses[l][i] = root == 0 ? 0 : 1 / root;
            var square = layer.Activation.Dual.Square(variance);
            var slope = layer.Activation.Dual.DerivativeSquare(variance);
            (Nngp[i], Ntk[i]) = (square.Value, slope.Value * tangent);
            Error = Math.Max(Error, Math.Max(square.Error, slope.Error));
        }
    }
}
