using System.Numerics;
using StableRank.Networks;
using StableRank.Replication;

namespace StableRank.Expressivity;

/// <summary>
/// Measures the image of one curve in many random networks of a model. Replicates run in parallel, each with streams of its own, and sums
/// are taken in their order: on a given backend results do not depend on the number of workers.
/// </summary>
public static class MonteCarloCurve
{
    /// <summary>Draws networks from a model and sends a curve through each.</summary>
    /// <typeparam name="T">The precision of the networks: double or float.</typeparam>
    /// <param name="model">The model, of dense layers.</param>
    /// <param name="curve">A curve in its space of inputs.</param>
    /// <param name="replicates">The number of networks, at least 2.</param>
    /// <param name="seed">Replicate i is <c>model.Sample(seed, i)</c>.</param>
    /// <param name="options">How finely; left out: the defaults.</param>
    /// <param name="workers">The greatest number of replicates at a time; left out: as many as the backend has threads.</param>
    /// <param name="progress">Told of about every hundredth of the replicates, in increasing order, from the working threads.</param>
    /// <param name="cancellationToken">Looked at before every replicate.</param>
    /// <exception cref="ArgumentException">A layer is not dense, or the curve has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two replicates, or an option is outside its range.</exception>
    /// <exception cref="ArithmeticException">A signal left the range of T.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static CurveRun Run<T>(
        Model model,
        Curve curve,
        int replicates,
        ulong seed,
        CurveOptions? options = null,
        int? workers = null,
        IProgress<ReplicationProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkReplicates.RequireDense(model, replicates);
        ArgumentNullException.ThrowIfNull(curve);
        Precision.Require<T>();
        options ??= new CurveOptions();
        options.Validate();
        if (curve.Size != model.InputSize)
        {
            throw new ArgumentException(
                $"The points of the curve have {curve.Size} entries; expected {model.InputSize}, as the model's inputs.", nameof(curve));
        }

        var measured = new CurveMeasurement[replicates];
        NetworkReplicates.Run(
            ReplicateSize.Of<T>(model), replicates, seed, workers, progress, cancellationToken,
            () => new CurveWorker<T>(model, curve, options, measured));
        var layers = Enumerable.Range(0, model.Depth).Select(l => Reduce<T>(model, measured, l)).ToArray();
        return new CurveRun(
            measured[0].Input, layers, measured[0].Step, replicates, measured.Count(one => !one.Converged),
            measured.Average(one => (double)one.Points), seed);
    }

    private static CurveLayerEstimate Reduce<T>(Model model, CurveMeasurement[] measured, int l)
    {
        // 4 eps a layer: the scale of the weights rounds to one side in all of them
        var rounding = 4 * (l + 1) * Math.ScaleB(1, typeof(T) == typeof(float) ? -23 : -52);
        Estimate Over(Func<CurveLayer, double> quantity) => Mean([.. measured.Select(one => quantity(one.Layers[l]))], rounding);
        return new CurveLayerEstimate(
            l + 1,
            model.Layers[l].OutputSize,
            Over(layer => layer.Length),
            Over(layer => layer.Length * layer.Length),
            measured.Average(one => one.Layers[l].LengthError),
            Over(layer => layer.TotalCurvature),
            measured.Average(one => one.Layers[l].TotalCurvatureError),
            Over(layer => layer.MeanCurvature),
            Over(layer => layer.MeanSquareSpeed),
            [.. Enumerable.Range(0, measured[0].Layers[l].SelfSimilarity.Count).Select(lag => Over(layer => layer.SelfSimilarity[lag]))]);
    }

    /// <summary>The mean of the values that are numbers; where there are fewer than two, an infinite error.</summary>
    private static Estimate Mean(double[] values, double rounding)
    {
        var mean = Estimate.OfReplicates(Array.FindAll(values, value => !double.IsNaN(value)));
        return mean.Count < 2 ? mean : mean with { Rounding = rounding * Math.Abs(mean.Mean) };
    }
}
