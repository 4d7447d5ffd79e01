using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Replication;

namespace StableRank.Propagation;

/// <summary>
/// Measures how random networks propagate norms: draws networks, sends the same inputs and tangent vectors through each, and estimates
/// with standard errors what <see cref="ExactPropagation"/> predicts. Any activation, with or without biases.
/// </summary>
/// <remarks>
/// Replicates run in parallel, each with one BLAS thread; where a weight matrix has 2^22 entries or more they run one after the other with
/// the threads inside BLAS instead. The choice depends on the model alone, replicate i draws from streams of its own, and sums are taken in
/// the order of the replicates: on a given backend (of a given thread count, for such large matrices) results are the same to the last
/// bit whatever the number of workers.
/// </remarks>
public static class MonteCarloPropagation
{
    // above this relative standard error of a mean of positive numbers, fewer than 1/0.2^2 = 25 replicates carry it
    private const double UntrustedRelativeError = 0.2;

    /// <summary>Draws <paramref name="replicates"/> networks from a model and measures every layer.</summary>
    /// <typeparam name="T">The precision of the networks: double or float. Norms and estimates are double.</typeparam>
    /// <param name="model">The model, of dense layers.</param>
    /// <param name="inputs">n_0 x batch, one input a column, none of them 0.</param>
    /// <param name="replicates">The number of networks, at least 2 (one has no standard error).</param>
    /// <param name="seed">Replicate i is <c>model.Sample(seed, i)</c>.</param>
    /// <param name="tangents">
    /// One tangent vector v an input, n_0 x batch, none 0; left out: a Gaussian direction for each input and replicate (theory (4.5)
    /// holds for any).
    /// </param>
    /// <param name="workers">The greatest number of replicates at a time; left out: as many as the backend has threads.</param>
    /// <param name="progress">Told of about every hundredth of the replicates, in increasing order, from the working threads.</param>
    /// <param name="cancellationToken">Looked at before every layer of every replicate.</param>
    /// <exception cref="ArgumentException">
    /// Inputs or tangents of other shape, not finite, or with a column of zeros (the message names it), or layers that are not dense.
    /// </exception>
    /// <exception cref="ArithmeticException">A signal left the range of T (only where the model is not positively homogeneous).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static MonteCarloResult Run<T>(
        Model model,
        Matrix<T> inputs,
        int replicates,
        ulong seed,
        Matrix<T>? tangents = null,
        int? workers = null,
        IProgress<ReplicationProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkReplicates.RequireDense(model, replicates);
        var signals = SignalGuard.Require(inputs, nameof(inputs), model.InputSize, inputs?.ColumnCount ?? 0);
        var batch = inputs!.ColumnCount;
        var directions = tangents is null ? null : SignalGuard.Require(tangents, nameof(tangents), model.InputSize, batch);
        var table = new ReplicateTable(replicates, model.Depth);
        NetworkReplicates.Run(
            ReplicateSize.OfOneLayer<T>(model, 2 * batch), replicates, seed, workers, progress, cancellationToken,
            () => new NormWorker<T>(model, signals, directions, batch, table));
        var layers = Enumerable.Range(0, model.Depth).Select(l => Reduce<T>(model, table, batch, l)).ToArray();
        return new MonteCarloResult(layers, replicates, batch, seed, Warnings(layers, replicates));
    }

    private static LayerMeasurement Reduce<T>(Model model, ReplicateTable table, int batch, int l)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var rounding = ReplicateStatistics.RoundingOf<T>(l + 1);
        var second = table.Column(table.LogSecond, l);
        var fourth = table.Column(table.LogFourth, l);
        var alive = table.Column(table.Alive, l);
        var share = ReplicateStatistics.AliveShare(alive, batch, out var dead);
        return new LayerMeasurement(
            l + 1,
            model.Layers[l].OutputSize,
            model.Layers[l].InputSize,
            ReplicateStatistics.LogOfMean(second, rounding),
            ReplicateStatistics.LogOfMean(fourth, 2 * rounding),
            ReplicateStatistics.LogOfMean(table.Column(table.LogTangent, l), rounding),
            ReplicateStatistics.MeanOverAlive(table.Column(table.LogSum, l), alive, rounding),
            ReplicateStatistics.RelativeVariance(second, fourth, rounding),
            share,
            dead);
    }

    private static string[] Warnings(LayerMeasurement[] layers, int replicates)
    {
        var warnings = new List<string>();
        if (layers.FirstOrDefault(layer => layer.DeadCount > 0) is { } dying)
        {
            warnings.Add(
                $"Signals die from layer {dying.Layer} on ({layers[^1].DeadCount} at the end): mean log-norms are over those alive.");
        }

        if (layers.FirstOrDefault(layer => layer.LogSecondMoment.StandardError > UntrustedRelativeError) is { } untrusted)
        {
            warnings.Add(
                $"From layer {untrusted.Layer} on a few of the {replicates} replicates carry the mean square norm (relative standard error "
                + $"{untrusted.LogSecondMoment.StandardError:G2}): its standard error is not to be trusted; "
                + "compare mean log-norms, or draw more.");
        }

        return [.. warnings];
    }
}
