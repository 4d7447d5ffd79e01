using StableRank.Propagation;
using StableRank.Replication;

namespace StableRank.Experiments.Measuring;

/// <summary>
/// What the layers of sampled networks did to the squared norms of a batch of inputs: for every replicate (an independent network) and
/// every layer l the batch means of q = ||x_l||^2 / ||x_0||^2, of q^2, of log q, of f = ||x_l||^2 / ||x_(l-1)||^2 and of f^2. Inputs of one
/// network are not independent; networks are, and all errors come from them.
/// </summary>
internal sealed class NormSamples
{
    private readonly double[] _means;
    private readonly double[] _squares;
    private readonly double[] _logs;
    private readonly double[] _factors;
    private readonly double[] _factorSquares;

    /// <summary>Room for the replicates.</summary>
    public NormSamples(int replicates, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        (Replicates, Depth) = (replicates, depth);
        var size = checked(replicates * depth);
        (_means, _squares, _logs) = (new double[size], new double[size], new double[size]);
        (_factors, _factorSquares) = (new double[size], new double[size]);
    }

    /// <summary>Independent networks.</summary>
    public int Replicates { get; }

    /// <summary>Layers.</summary>
    public int Depth { get; }

    /// <summary>Stores one replicate's layer.</summary>
    /// <param name="replicate">From 0.</param>
    /// <param name="layer">From 1.</param>
    /// <param name="initial">Squared norms of the inputs.</param>
    /// <param name="before">Squared norms one layer below.</param>
    /// <param name="here">Squared norms at the layer.</param>
    /// <exception cref="InvalidOperationException">A signal died: its logarithm is not finite.</exception>
    public void Store(int replicate, int layer, ReadOnlySpan<double> initial, ReadOnlySpan<double> before, ReadOnlySpan<double> here)
    {
        double mean = 0, square = 0, log = 0, factor = 0, factorSquare = 0;
        for (var i = 0; i < here.Length; i++)
        {
            var q = here[i] / initial[i];
            mean += q;
            square += q * q;
            log += Math.Log(q);
            var f = here[i] / before[i];
            factor += f;
            factorSquare += f * f;
        }

        if (!double.IsFinite(log))
        {
            throw new InvalidOperationException(
                $"a signal died at layer {layer} of replicate {replicate}; widths of 32 and more make that next to impossible");
        }

        var at = Index(replicate, layer);
        (_means[at], _squares[at], _logs[at]) = (mean / here.Length, square / here.Length, log / here.Length);
        (_factors[at], _factorSquares[at]) = (factor / here.Length, factorSquare / here.Length);
    }

    /// <summary>E q at a layer.</summary>
    public Estimate Mean(int layer) => MeanOf(_means, layer);

    /// <summary>E log q at a layer.</summary>
    public Estimate Log(int layer) => MeanOf(_logs, layer);

    /// <summary>log(E q^2 / (E q)^2) at a layer: the logarithm of 1 + the relative variance of q.</summary>
    public Estimate LogSpread(int layer) => Jackknifed(layer, layer, _means, _squares);

    /// <summary>
    /// The mean over the layers of log E f: the slope of log E q with depth, estimated from the layers' own factors. They are independent
    /// of each other and mild where the products of many of them have tails too heavy for a sample mean.
    /// </summary>
    public Estimate Slope() => Jackknifed(1, Depth, _factors, null);

    /// <summary>
    /// The mean over the layers of log(E f^2 / (E f)^2): the slope of <see cref="LogSpread"/>, from the layers' own factors.
    /// </summary>
    public Estimate SpreadSlope() => Jackknifed(1, Depth, _factors, _factorSquares);

    /// <summary>The mean over layers of log E z, or of log(E z^2 / (E z)^2) where squares are given.</summary>
    private Estimate Jackknifed(int firstLayer, int lastLayer, double[] values, double[]? squares)
    {
        var layers = lastLayer - firstLayer + 1;
        var without = new double[Replicates];
        double all = 0;
        for (var layer = firstLayer; layer <= lastLayer; layer++)
        {
            var (first, second) = (Sum(values, layer), squares is null ? 0 : Sum(squares, layer));
            all += (squares is null ? Math.Log(first / Replicates) : LogSpreadOf(first, second, Replicates)) / layers;
            for (var j = 0; j < Replicates; j++)
            {
                var at = Index(j, layer);
                without[j] += (squares is null
                    ? Math.Log((first - values[at]) / (Replicates - 1))
                    : LogSpreadOf(first - values[at], second - squares[at], Replicates - 1)) / layers;
            }
        }

        return Jackknife.Of(all, without);
    }

    private static double LogSpreadOf(double first, double second, int count) => Math.Log(second / count) - 2 * Math.Log(first / count);

    private Estimate MeanOf(double[] values, int layer)
    {
        var mean = Sum(values, layer) / Replicates;
        double squares = 0;
        for (var j = 0; j < Replicates; j++)
        {
            var off = values[Index(j, layer)] - mean;
            squares += off * off;
        }

        return new Estimate(mean, Math.Sqrt(squares / (Replicates - 1.0) / Replicates), Replicates);
    }

    private double Sum(double[] values, int layer)
    {
        double sum = 0;
        for (var j = 0; j < Replicates; j++)
        {
            sum += values[Index(j, layer)];
        }

        return sum;
    }

    private int Index(int replicate, int layer) => checked(replicate * Depth + layer - 1);
}
