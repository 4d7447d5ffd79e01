using System.Numerics.Tensors;

namespace StableRank.Kernels;

/// <summary>
/// A set of samples on its way through the layers: every K^l(x, x), position by position, and both kernels of each sample with itself.
/// </summary>
internal sealed class SampleVariances : IPairDual
{
    private readonly KernelChain _chain;
    private readonly string _name;

    /// <param name="chain">The layers.</param>
    /// <param name="inputs">n_0 x N, column-major.</param>
    /// <param name="features">n_0.</param>
    /// <param name="name">What the caller knows the inputs as.</param>
    /// <exception cref="OverflowException">A variance exceeds the range of double.</exception>
    public SampleVariances(KernelChain chain, double[] inputs, int features, string name)
    {
        (_chain, _name) = (chain, name);
        Features = features;
        Count = inputs.Length / features;
        Channels = features / chain.InputPositions;
        Inputs = chain.ChannelsFirst && Channels > 1 && chain.InputPositions > 1 ? PositionsFirst(inputs) : inputs;

        // so that whole vectors can be read wherever a tile starts
        var padded = (Count / DualTile.Lanes + 2) * DualTile.Lanes;
        Roots = Make(chain, padded);
        Inverses = Make(chain, padded);
        var from = new PairState(chain.Positions, padded);
        var to = new PairState(chain.Positions, padded);
        for (var p = 0; p < chain.InputPositions; p++)
        {
            var a = from.A(p);
            for (var i = 0; i < Count; i++)
            {
                a[i] = TensorPrimitives.SumOfSquares<double>(Inputs.AsSpan(i * features + p * Channels, Channels)) / Channels;
            }
        }

        for (var l = 0; l < chain.Layers.Length; l++)
        {
            chain.Layers[l].Forward(l, from, to, this);
            (from, to) = (to, from);
        }

        (Nngp, Ntk) = (new double[Count], new double[Count]);
        var outputs = chain.Layers[^1].Map.Outputs;
        for (var p = 0; p < outputs; p++)
        {
            TensorPrimitives.Add(Nngp, from.A(p)[..Count], Nngp);
            TensorPrimitives.Add(Ntk, from.H(p)[..Count], Ntk);
        }

        TensorPrimitives.Divide(Nngp, outputs, Nngp);
        TensorPrimitives.Divide(Ntk, outputs, Ntk);
    }

    /// <summary>n_0 x N, column-major, the channels of a position together.</summary>
    public double[] Inputs { get; }

    /// <summary>n_0.</summary>
    public int Features { get; }

    /// <summary>The features of one position.</summary>
    public int Channels { get; }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>sqrt K^l(x, x) at index [l - 1][position], with a vector's padding; empty where the activation is the identity.</summary>
    public double[][][] Roots { get; }

    /// <summary>1/sqrt K^l(x, x), 0 where that is 0.</summary>
    public double[][][] Inverses { get; }

    /// <summary>The NNGP of each sample with itself.</summary>
    public double[] Nngp { get; }

    /// <summary>The NTK of each sample with itself.</summary>
    public double[] Ntk { get; }

    /// <summary>The greatest estimated error of an expectation.</summary>
    public double Error { get; private set; }

    /// <summary>c = 1, and the roots kept.</summary>
    void IPairDual.Apply(int l, int position, Span<double> covariance, Span<double> tangent)
    {
        var layer = _chain.Layers[l];
        for (var i = 0; i < Count; i++)
        {
            var variance = covariance[i];
            if (!double.IsFinite(variance) || !double.IsFinite(tangent[i]))
            {
                throw new OverflowException(
                    $"Sample {i} of {_name} (0-based) has the variance {variance} and the tangent kernel {tangent[i]} at layer {l + 1}, "
                    + "beyond the range of double; expected smaller inputs or gains.");
            }

            if (layer.Dual is null)
            {
                continue;
            }

            var root = Math.Sqrt(variance);
            Roots[l][position][i] = root;
            Inverses[l][position][i] = root == 0 ? 0 : 1 / root;
            var square = layer.Activation.Dual.Square(variance);
            var slope = layer.Activation.Dual.DerivativeSquare(variance);
            covariance[i] = square.Value;
            tangent[i] *= slope.Value;
            Error = Math.Max(Error, Math.Max(square.Error, slope.Error));
        }
    }

    private static double[][][] Make(KernelChain chain, int length) =>
    [
        .. chain.Layers.Select(layer =>
            Enumerable.Range(0, layer.Dual is null ? 0 : layer.Map.Outputs).Select(_ => new double[length]).ToArray()),
    ];

    private double[] PositionsFirst(double[] inputs)
    {
        var result = new double[inputs.Length];
        var positions = Features / Channels;
        for (var i = 0; i < Count; i++)
        {
            for (var channel = 0; channel < Channels; channel++)
            {
                for (var p = 0; p < positions; p++)
                {
                    result[i * Features + p * Channels + channel] = inputs[i * Features + channel * positions + p];
                }
            }
        }

        return result;
    }
}
