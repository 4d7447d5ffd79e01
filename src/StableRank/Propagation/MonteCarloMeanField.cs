using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Replication;

namespace StableRank.Propagation;

/// <summary>
/// Measures what <see cref="MeanField"/> predicts: lengths and correlations of pre-activations, and chi, in random networks of a model.
/// Parallel and reproducible as <see cref="MonteCarloPropagation"/> is.
/// </summary>
public static class MonteCarloMeanField
{
    /// <summary>Draws <paramref name="replicates"/> networks from a model and measures every layer.</summary>
    /// <typeparam name="T">The precision of the networks: double or float. Estimates are double.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="pairs">
    /// n_0 x (2 pairs): columns 2j and 2j + 1 are the two inputs of pair j, none of them 0 (<see cref="InputPairs"/> makes some).
    /// </param>
    /// <param name="replicates">The number of networks, at least 2.</param>
    /// <param name="seed">Replicate i is <c>model.Sample(seed, i)</c>.</param>
    /// <param name="workers">The greatest number of replicates at a time; left out: as many as the backend has threads.</param>
    /// <param name="progress">Told of about every hundredth of the replicates, in increasing order, from the working threads.</param>
    /// <param name="cancellationToken">Looked at before every layer of every replicate.</param>
    /// <exception cref="ArgumentException">
    /// Inputs of other shape, an odd number of them or none, not finite, or a column of zeros; the message names it.
    /// </exception>
    /// <exception cref="ArithmeticException">A signal left the range of T (only where the model is not positively homogeneous).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static MeanFieldRun Run<T>(
        Model model,
        Matrix<T> pairs,
        int replicates,
        ulong seed,
        int? workers = null,
        IProgress<ReplicationProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkReplicates.RequireDense(model, replicates);
        ArgumentNullException.ThrowIfNull(pairs);
        var batch = pairs.ColumnCount;
        if (batch < 2 || batch % 2 != 0)
        {
            throw new ArgumentException($"There are {batch} inputs; expected an even number, two columns for each pair.", nameof(pairs));
        }

        var inputs = SignalGuard.Require(pairs, nameof(pairs), model.InputSize, batch);
        var table = new PairTable(replicates, model.Depth);
        NetworkReplicates.Run(
            ReplicateSize.OfOneLayer<T>(model, 2 * batch), replicates, seed, workers, progress, cancellationToken,
            () => new PairWorker<T>(model, inputs, batch, table));
        return new MeanFieldRun([.. Enumerable.Range(0, model.Depth).Select(l => Reduce<T>(model, table, l))], replicates, batch / 2, seed);
    }

    private static MeanFieldMeasurement Reduce<T>(Model model, PairTable table, int l)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var rounding = ReplicateStatistics.RoundingOf<T>(l + 1);
        return new MeanFieldMeasurement(
            l + 1,
            model.Layers[l].OutputSize,
            ReplicateStatistics.LogOfMean(table.Column(table.LogLengthA, l), rounding),
            ReplicateStatistics.LogOfMean(table.Column(table.LogLengthB, l), rounding),
            ReplicateStatistics.MeanOverAlive(table.Column(table.CosineSum, l), table.Column(table.CosineCount, l), rounding),
            ReplicateStatistics.MeanOverAlive(table.Column(table.SlopeSum, l), table.Column(table.SlopeCount, l), rounding));
    }
}
