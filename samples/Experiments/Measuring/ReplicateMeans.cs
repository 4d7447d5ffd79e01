using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Replication;

namespace StableRank.Experiments.Measuring;

/// <summary>Means, with standard errors over networks, of whatever numbers a network's forward pass gives.</summary>
internal static class ReplicateMeans
{
    /// <summary>Samples networks and measures; the same arguments give the same numbers whatever the number of threads.</summary>
    /// <param name="model">What networks are drawn from.</param>
    /// <param name="inputs">Inputs, features x samples.</param>
    /// <param name="replicates">Networks to sample, at least 2.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="quantities">How many numbers each network gives.</param>
    /// <param name="measure">Fills them from a forward pass.</param>
    /// <param name="done">Told after every replicate.</param>
    /// <param name="cancellation">Stops the measurement.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Estimate[] Run(
        Model model,
        Matrix<double> inputs,
        int replicates,
        ulong seed,
        int quantities,
        Action<ForwardPass<double>, Span<double>> measure,
        Action done,
        CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 2);
        var samples = new double[checked(replicates * quantities)];
        var size = ReplicateSize.Of<double>(model, inputs.ColumnCount);
        ReplicateLoop.Run(
            replicates,
            size,
            replicate =>
            {
                var pass = model.Sample<double>(seed, (ulong)replicate).Forward(inputs);
                measure(pass, samples.AsSpan(replicate * quantities, quantities));
                done();
            },
            cancellationToken: cancellation);
        return [.. Enumerable.Range(0, quantities).Select(q => Of(samples, q, quantities))];
    }

    /// <summary>
    /// The inner product of two columns, summed in the order of the entries: the same to the last bit whatever provider MathNet has.
    /// </summary>
    public static double Dot(Matrix<double> columns, int a, int b)
    {
        ReadOnlySpan<double> flat = columns.AsColumnMajorArray() ?? columns.ToColumnMajorArray();
        var (rows, sum) = (columns.RowCount, 0.0);
        for (var i = 0; i < rows; i++)
        {
            sum += flat[a * rows + i] * flat[b * rows + i];
        }

        return sum;
    }

    private static Estimate Of(double[] samples, int first, int stride)
    {
        var count = samples.Length / stride;
        double mean = 0, squares = 0;
        for (var i = first; i < samples.Length; i += stride)
        {
            mean += samples[i] / count;
        }

        for (var i = first; i < samples.Length; i += stride)
        {
            squares += (samples[i] - mean) * (samples[i] - mean);
        }

        return new Estimate(mean, Math.Sqrt(squares / (count - 1.0) / count), count);
    }
}
