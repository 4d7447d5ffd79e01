using MathNet.Numerics.LinearAlgebra;
using StableRank.GradientRank;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Tests.GradientRank;

/// <summary>
/// Small random networks with batches and losses, data and weights of prescribed rank (products of thin factors), and assumptions that
/// state these ranks or leave them out. In integers, whose gradients and ranks come without rounding, or in Gaussians.
/// </summary>
internal sealed class RandomRankCases(ulong seed, bool isInteger)
{
    private static readonly string[] OfIntegers = ["relu", "leaky-relu:2", "abs", "linear"];
    private static readonly string[] OfGaussians = ["relu", "leaky-relu:0.3", "tanh", "linear"];
    private readonly RandomStream _stream = new(seed, 77);
    private readonly List<(Matrix<double> Weights, int Rank)> _prescribed = [];

    public RankCase Draw(RankNetworkKind kind, bool? isLinear = null)
    {
        var linear = isLinear ?? Coin();
        var layers = Layers(kind, linear);
        var network = new Network<double>(layers);
        var batch = Integer(1, 8);
        var (inputs, assumptions) = Data(layers[0], batch);
        var weightRanks = RanksOf(network);
        assumptions = assumptions with { WeightRanks = Coin(0.7) ? weightRanks : null };
        if (layers[^1] is ElmanLayer<double> last && Coin())
        {
            assumptions = assumptions with { LossSteps = Integer(1, last.Steps) };
        }

        var (gradient, completed) = Gradient(layers[^1], batch, assumptions);
        return new RankCase(network, inputs, gradient, completed, isInteger);
    }

    private List<Layer<double>> Layers(RankNetworkKind kind, bool linear)
    {
        var layers = new List<Layer<double>>();
        switch (kind)
        {
            case RankNetworkKind.Dense:
                AddDense(layers, Integer(1, 8), Integer(1, 4), linear);
                break;
            case RankNetworkKind.Convolution:
                AddConvolutions(layers, Integer(1, 3), linear);
                break;
            case RankNetworkKind.Recurrent:
                AddElmans(layers, Integer(1, 4), Integer(1, 5), Integer(1, 3), linear);
                break;
            default:
                AddMixture(layers, linear);
                break;
        }

        return layers;
    }

    private void AddMixture(List<Layer<double>> layers, bool linear)
    {
        switch (Integer(0, 4))
        {
            case 0:
                AddConvolutions(layers, Integer(1, 2), linear);
                AddDense(layers, layers[^1].OutputSize, Integer(1, 2), linear);
                break;
            case 1:
                AddElmans(layers, Integer(1, 4), Integer(1, 5), Integer(1, 2), linear);
                AddDense(layers, layers[^1].OutputSize, Integer(1, 2), linear);
                break;
            case 2:
                AddDense(layers, Integer(1, 6), Integer(1, 2), linear, lastWidth: 4);
                AddElmans(layers, layers[^1].OutputSize / 2, 2, Integer(1, 2), linear);
                break;
            case 3 when !isInteger:
                AddConvolutions(layers, Integer(1, 2), linear);
                var below = (ConvolutionLayer<double>)layers[^1];
                var width = Integer(1, 6);
                layers.Add(new PooledDenseLayer<double>(
                    below.Shape.Positions, Weights(width, below.OutputChannels), Bias(width), Phi(linear)));
                AddDense(layers, width, Integer(0, 1), linear);
                break;
            default:
                AddDense(layers, Integer(1, 6), Integer(1, 2), linear, lastWidth: 8);
                layers.Add(Convolution(new ConvolutionShape(2, new ConvolutionAxis(4, 2, Integer(1, 2), Integer(0, 1))), linear));
                AddElmans(layers, layers[^1].OutputSize, 1, 1, linear);
                break;
        }
    }

    private void AddDense(List<Layer<double>> layers, int inputs, int count, bool linear, int? lastWidth = null)
    {
        for (var i = 0; i < count; i++)
        {
            var width = i == count - 1 && lastWidth is { } given ? given : Integer(1, 8);
            layers.Add(new DenseLayer<double>(Weights(width, inputs), Bias(width), Phi(linear)));
            inputs = width;
        }
    }

    private void AddElmans(List<Layer<double>> layers, int features, int steps, int count, bool linear)
    {
        for (var i = 0; i < count; i++)
        {
            var width = Integer(1, 8);
            layers.Add(new ElmanLayer<double>(
                steps, Weights(width, features), Weights(width, width), Bias(width), Phi(linear), Coin() ? Integer(1, steps) : null));
            features = width;
        }
    }

    private void AddConvolutions(List<Layer<double>> layers, int count, bool linear)
    {
        ConvolutionLayer<double>? below = null;
        var flat = Coin();
        for (var i = 0; i < count; i++)
        {
            var channels = below?.OutputChannels ?? Integer(1, 3);
            var shape = flat
                ? new ConvolutionShape(channels, Axis(below?.Shape.Horizontal.Positions ?? Integer(1, 6)))
                : new ConvolutionShape(
                    channels, Axis(below?.Shape.Vertical.Positions ?? Integer(1, 4)),
                    Axis(below?.Shape.Horizontal.Positions ?? Integer(1, 4)));
            below = Convolution(shape, linear);
            layers.Add(below);
        }
    }

    private ConvolutionLayer<double> Convolution(ConvolutionShape shape, bool linear)
    {
        var channels = Integer(1, 5);
        return new ConvolutionLayer<double>(shape, Weights(channels, shape.PatchSize), Bias(channels), Phi(linear));
    }

    private ConvolutionAxis Axis(int size)
    {
        while (true)
        {
            var (kernel, stride, padding, dilation) = (Integer(1, 3), Integer(1, 3), Coin() ? 0 : Integer(0, 2), Coin(0.8) ? 1 : 2);
            if ((dilation * (kernel - 1)) + 1 <= size + (2 * padding))
            {
                return new ConvolutionAxis(size, kernel, stride, padding, dilation);
            }
        }
    }

    private (Matrix<double> Inputs, RankAssumptions Assumptions) Data(Layer<double> first, int batch)
    {
        var assumptions = new RankAssumptions { Batch = batch };
        var (steps, features) = first is ElmanLayer<double> elman ? (elman.Steps, elman.StepSize) : (1, first.InputSize);
        if (steps == 1 || Coin(0.3))
        {
            var rank = Integer(Coin(0.1) ? 0 : 1, Math.Min(first.InputSize, batch));
            return (Thin(first.InputSize, batch, rank), assumptions with { DataRank = Coin(0.8) ? rank : null });
        }

        var (own, joined) = (Integer(1, Math.Min(features, batch)), Integer(1, features));
        var byFrame = Coin();
        var frame = Numbers(features, joined);
        var inputs = Matrix<double>.Build.Dense(first.InputSize, batch);
        for (var t = 0; t < steps; t++)
        {
            inputs.SetSubMatrix(t * features, 0, byFrame ? frame * Numbers(joined, batch) : Thin(features, batch, own));
        }

        return (inputs, byFrame ? assumptions with { JoinedDataRank = joined } : assumptions with { StepDataRank = own });
    }

    private (Func<Matrix<double>, Matrix<double>> Gradient, RankAssumptions Assumptions) Gradient(
        Layer<double> last, int batch, RankAssumptions assumptions)
    {
        var read = assumptions.LossSteps is { } steps ? steps * last.Weights.RowCount : last.OutputSize;
        var unread = last.OutputSize - read;
        Func<Matrix<double>, Matrix<double>> Of(Func<Matrix<double>, Matrix<double>> gradient) => outputs =>
        {
            var all = Matrix<double>.Build.Dense(outputs.RowCount, outputs.ColumnCount);
            all.SetSubMatrix(unread, 0, gradient(outputs.SubMatrix(unread, read, 0, batch)));
            return all;
        };
        if (Coin(0.2))
        {
            var rank = Integer(1, Math.Min(read, batch));
            var fixedGradient = Thin(read, batch, rank);
            return (Of(_ => fixedGradient), assumptions with { LossRank = rank });
        }

        var targets = Numbers(read, batch);
        if (isInteger)
        {
            return (Of(outputs => outputs - targets), assumptions);
        }

        var loss = Coin() ? Loss.SquaredError : Loss.SoftmaxCrossEntropy;
        var labels = Enumerable.Range(0, batch).Select(_ => Integer(0, read - 1)).ToArray();
        var gradient = new double[read * batch];
        return (
            Of(outputs =>
            {
                _ = loss == Loss.SquaredError
                    ? loss.Evaluate(outputs, targets, gradient)
                    : loss.Evaluate<double>(outputs, labels, gradient);
                return Matrix<double>.Build.Dense(read, batch, gradient);
            }),
            assumptions with { Loss = Coin(0.9) ? loss : null });
    }

    /// <summary>Ranks as small as the factors made them; in Gaussians, those that the prescribed ones are with probability one.</summary>
    private Dictionary<string, int> RanksOf(Network<double> network)
    {
        var ranks = new Dictionary<string, int>();
        foreach (var parameter in network.Parameters.Where(parameter => parameter.IsWeight))
        {
            var rank = _prescribed.First(pair => pair.Weights.Equals(parameter.Matrix)).Rank;
            ranks[parameter.Name] = isInteger ? ExactRank.Of(parameter.Matrix) : rank;
        }

        _prescribed.Clear();
        return ranks;
    }

    private Activation Phi(bool linear)
    {
        var names = isInteger ? OfIntegers : OfGaussians;
        return linear ? Activation.Linear : Activation.Parse(names[Integer(0, names.Length - 1)]);
    }

    private Matrix<double> Weights(int rows, int columns)
    {
        var rank = Coin(0.4) ? Integer(Coin(0.1) ? 0 : 1, Math.Min(rows, columns)) : Math.Min(rows, columns);
        var weights = rank == Math.Min(rows, columns) ? Numbers(rows, columns) : Thin(rows, columns, rank);
        _prescribed.Add((weights, rank));
        return weights;
    }

    private Matrix<double> Thin(int rows, int columns, int rank) =>
        rank == 0 ? Matrix<double>.Build.Dense(rows, columns) : Numbers(rows, rank) * Numbers(rank, columns);

    private Matrix<double> Numbers(int rows, int columns) =>
        Matrix<double>.Build.Dense(rows, columns, (_, _) => isInteger ? Integer(-2, 2) : _stream.NextGaussian());

    private Vector<double>? Bias(int size) => Coin() ? Numbers(size, 1).Column(0) : null;

    private int Integer(int from, int to) => from + _stream.NextInt32(to - from + 1);

    private bool Coin(double probability = 0.5) => _stream.NextDouble() < probability;
}
