using System.Numerics.Tensors;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// A set of samples on its way through the layers: every K^l(x, x), position by position, and both kernels of each sample with itself.
/// </summary>
internal sealed class SampleVariances : IPairDual
{
    private const int Chunk = 64;
    private readonly KernelChain _chain;
    private readonly string _name;
    private int _first;

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
        Channels = features / chain.InputPositions.Positions;
        Inputs = chain.ChannelsFirst ? PositionsFirst(inputs) : inputs;

        // so that whole vectors can be read wherever a tile starts
        var padded = (Count / DualTile.Lanes + 2) * DualTile.Lanes;
        Roots = Make(chain, padded);
        Inverses = Make(chain, padded);
        (Nngp, Ntk) = (new double[Count], new double[Count]);
        var from = new PairState(chain.Pairs, Chunk);
        var to = new PairState(chain.Pairs, Chunk);
        for (_first = 0; _first < Count; _first += Chunk)
        {
            Run(ref from, ref to);
        }
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

    /// <summary>At one position c = 1, and the roots are kept; two positions of a sample are a pair like others.</summary>
    void IPairDual.Apply(int l, int pair, Span<double> covariance, Span<double> tangent)
    {
        var layer = _chain.Layers[l];
        var (row, column) = layer.Map.Outputs[pair];
        var dual = layer.Activation.Dual;
        for (var j = 0; j < Math.Min(Chunk, Count - _first); j++)
        {
            var (i, variance) = (_first + j, covariance[j]);
            if (!double.IsFinite(variance) || !double.IsFinite(tangent[j]))
            {
                throw new OverflowException(
                    $"Sample {i} of {_name} (0-based) has the variance {variance} and the tangent kernel {tangent[j]} at layer {l + 1}, "
                    + "beyond the range of double; expected smaller inputs or gains.");
            }

            if (layer.Dual is null)
            {
                continue;
            }

            if (row == column)
            {
                var root = Math.Sqrt(variance);
                Roots[l][row][i] = root;
                Inverses[l][row][i] = root == 0 ? 0 : 1 / root;
                Set(ref covariance[j], ref tangent[j], dual.Square(variance), dual.DerivativeSquare(variance));
                continue;
            }

            var (rootA, rootB) = (Roots[l][row][i], Roots[l][column][i]);
            var c = DualTile.Correlation(variance, Inverses[l][row][i], Inverses[l][column][i]);
            Set(
                ref covariance[j], ref tangent[j], dual.Product(rootA * rootA, rootB * rootB, c),
                dual.DerivativeProduct(rootA * rootA, rootB * rootB, c));
        }
    }

    private void Set(ref double covariance, ref double tangent, GaussianExpectation product, GaussianExpectation derivative)
    {
        covariance = product.Value;
        tangent *= derivative.Value;
        Error = Math.Max(Error, Math.Max(product.Error, derivative.Error));
    }

    /// <summary>A chunk of samples through all layers.</summary>
    private void Run(ref PairState from, ref PairState to)
    {
        var count = Math.Min(Chunk, Count - _first);
        for (var p = 0; p < _chain.InputPositions.Count; p++)
        {
            var (row, column) = _chain.InputPositions[p];
            var a = from.A(p);
            a.Clear();
            from.H(p).Clear();
            for (var j = 0; j < count; j++)
            {
                ReadOnlySpan<double> sample = Inputs.AsSpan((_first + j) * Features, Features);
                a[j] = TensorPrimitives.Dot(sample.Slice(row * Channels, Channels), sample.Slice(column * Channels, Channels)) / Channels;
            }
        }

        for (var l = 0; l < _chain.Layers.Length; l++)
        {
            _chain.Layers[l].Forward(l, from, to, this);
            (from, to) = (to, from);
        }

        var outputs = _chain.Layers[^1].Map.Outputs.Count;
        for (var j = 0; j < count; j++)
        {
            var (nngp, ntk) = (0.0, 0.0);
            for (var p = 0; p < outputs; p++)
            {
                (nngp, ntk) = (nngp + from.A(p)[j], ntk + from.H(p)[j]);
            }

            (Nngp[_first + j], Ntk[_first + j]) = (nngp / outputs, ntk / outputs);
        }
    }

    private static double[][][] Make(KernelChain chain, int length) =>
    [
        .. chain.Layers.Select(layer =>
            Enumerable.Range(0, layer.Dual is null ? 0 : layer.Map.Outputs.Positions).Select(_ => new double[length]).ToArray()),
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
