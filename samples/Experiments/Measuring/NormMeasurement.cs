using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Replication;

namespace StableRank.Experiments.Measuring;

/// <summary>Pushes inputs through sampled networks and keeps what <see cref="NormSamples"/> holds.</summary>
internal static class NormMeasurement
{
    /// <summary>Samples networks and measures; the same arguments give the same numbers whatever the number of threads.</summary>
    /// <param name="model">What networks are drawn from.</param>
    /// <param name="batches">Inputs, features x samples, all of one size; replicate j takes batch j modulo their number.</param>
    /// <param name="replicates">Networks to sample.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="firstReplicate">The number of the first replicate: measurements whose ranges do not overlap are independent.</param>
    /// <param name="done">Told after every replicate.</param>
    /// <param name="cancellation">Stops the measurement.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static NormSamples Run(
        Model model,
        IReadOnlyList<Matrix<double>> batches,
        int replicates,
        ulong seed,
        ulong firstReplicate,
        Action done,
        CancellationToken cancellation)
    {
        var samples = new NormSamples(replicates, model.Depth);
        var initial = batches.Select(SquaredNorms).ToArray();
        ReplicateLoop.Run(
            replicates,
            ReplicateSize.Of<double>(model, batches[0].ColumnCount),
            () => new Worker(),
            (worker, replicate) =>
            {
                var network = model.Sample<double>(seed, firstReplicate + (ulong)replicate);
                var batch = replicate % batches.Count;
                worker.Measure(network, batches[batch], initial[batch], samples, replicate);
                done();
            },
            cancellationToken: cancellation);
        return samples;
    }

    /// <summary>Cuts a data set into batches of a size, features x samples; what is left over at the end is not used.</summary>
    /// <exception cref="ArgumentException">There are fewer samples than one batch takes.</exception>
    public static IReadOnlyList<Matrix<double>> Batches(Matrix<double> features, int size)
    {
        if (features.ColumnCount < size)
        {
            throw new ArgumentException($"{features.ColumnCount} samples do not fill a batch of {size}", nameof(features));
        }

        return [.. Enumerable.Range(0, features.ColumnCount / size).Select(i => features.SubMatrix(0, features.RowCount, i * size, size))];
    }

    private static double[] SquaredNorms(Matrix<double> columns)
    {
        var norms = new double[columns.ColumnCount];
        SquaredNorms(columns, norms);
        return norms;
    }

    private static void SquaredNorms(Matrix<double> columns, Span<double> norms)
    {
        ReadOnlySpan<double> flat = columns.AsColumnMajorArray() ?? columns.ToColumnMajorArray();
        for (var i = 0; i < norms.Length; i++)
        {
            norms[i] = TensorPrimitives.SumOfSquares(flat.Slice(i * columns.RowCount, columns.RowCount));
        }
    }

    private sealed class Worker
    {
        private ForwardPass<double>? _pass;
        private double[] _before = [];
        private double[] _here = [];

        public void Measure(Network<double> network, Matrix<double> inputs, double[] initial, NormSamples samples, int replicate)
        {
            if (_pass is null)
            {
                _pass = network.Forward(inputs);
                (_before, _here) = (new double[initial.Length], new double[initial.Length]);
            }
            else
            {
                network.Forward(inputs, _pass);
            }

            initial.CopyTo(_before, 0);
            for (var layer = 1; layer <= samples.Depth; layer++)
            {
                SquaredNorms(_pass.PostActivations[layer - 1], _here);
                samples.Store(replicate, layer, initial, _before, _here);
                (_before, _here) = (_here, _before);
            }
        }
    }
}
