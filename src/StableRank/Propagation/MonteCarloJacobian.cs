using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Replication;

namespace StableRank.Propagation;

/// <summary>
/// Measures what <see cref="JacobianMoments"/> and <see cref="LinearProduct"/> predict: forms the Jacobians of random networks by matrix
/// products and takes the traces of J J^T and of its square. Parallel and reproducible as <see cref="MonteCarloPropagation"/> is.
/// </summary>
public static class MonteCarloJacobian
{
    /// <summary>Draws <paramref name="replicates"/> networks from a model and measures the Jacobian behind every layer.</summary>
    /// <typeparam name="T">The precision of the networks: double or float. Estimates are double.</typeparam>
    /// <param name="model">The model. A worker holds two arrays of (1 + n_0) batch times the greatest width.</param>
    /// <param name="inputs">n_0 x batch, one input a column, none of them 0: where the Jacobians are taken.</param>
    /// <param name="replicates">The number of networks, at least 2.</param>
    /// <param name="seed">Replicate i is <c>model.Sample(seed, i)</c>.</param>
    /// <param name="workers">The greatest number of replicates at a time; left out: as many as the backend has threads.</param>
    /// <param name="progress">Told of about every hundredth of the replicates, in increasing order, from the working threads.</param>
    /// <param name="cancellationToken">Looked at before every layer of every replicate.</param>
    /// <exception cref="ArgumentException">Inputs of other shape, not finite, or a column of zeros; the message names it.</exception>
    /// <exception cref="ArithmeticException">A signal left the range of T (only where the model is not positively homogeneous).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static JacobianRun Run<T>(
        Model model,
        Matrix<T> inputs,
        int replicates,
        ulong seed,
        int? workers = null,
        IProgress<ReplicationProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkReplicates.RequireDense(model, replicates);
        var columns = SignalGuard.Require(inputs, nameof(inputs), model.InputSize, inputs?.ColumnCount ?? 0);
        var batch = inputs!.ColumnCount;
        var table = new JacobianTable(replicates, model.Depth);
        NetworkReplicates.Run(
            ReplicateSize.OfOneLayer<T>(model, batch * (1L + model.InputSize)), replicates, seed, workers, progress, cancellationToken,
            () => new JacobianWorker<T>(model, columns, batch, table));
        return new JacobianRun([.. Enumerable.Range(0, model.Depth).Select(l => Reduce<T>(model, table, l))], replicates, batch, seed);
    }

    private static JacobianMeasurement Reduce<T>(Model model, JacobianTable table, int l)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var rounding = ReplicateStatistics.RoundingOf<T>(l + 1);
        var squared = table.Column(table.LogSquaredTrace, l);
        var ofSquare = table.Column(table.LogTraceOfSquare, l);
        return new JacobianMeasurement(
            l + 1,
            model.Layers[l].OutputSize,
            ReplicateStatistics.LogOfMean(table.Column(table.LogTrace, l), rounding),
            ReplicateStatistics.LogOfMean(squared, 2 * rounding),
            ReplicateStatistics.LogOfMean(ofSquare, 2 * rounding),
            ReplicateStatistics.LogOfRatio(squared, 1, ofSquare, 1, 2 * rounding, 2 * rounding),
            ReplicateStatistics.MeanOverAlive(
                table.Column(table.InverseSum, l), table.Column(table.InverseCount, l), 2 * rounding));
    }
}
