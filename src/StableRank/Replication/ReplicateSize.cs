using System.Numerics;
using System.Runtime.CompilerServices;
using StableRank.Networks;

namespace StableRank.Replication;

/// <summary>How large a replicate is: what <see cref="ReplicateLoop"/> chooses by where the threads go.</summary>
/// <param name="MatrixEntries">The number of entries of the largest matrix that a replicate draws, multiplies or decomposes.</param>
/// <param name="Bytes">The memory that a replicate takes while it is under way, in bytes; an estimate will do.</param>
public readonly record struct ReplicateSize(long MatrixEntries, long Bytes = 0)
{
    /// <summary>
    /// The size of a network of a model with the signals of a batch behind every layer: its largest weight matrix (a recurrent layer's V
    /// included), and the bytes of its weights and signals. For a training run multiply <see cref="Bytes"/> by three: gradients, the
    /// optimiser's state, signals on the way back.
    /// </summary>
    /// <typeparam name="T">The precision: double or float.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="batch">The number of inputs, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batch"/> is negative.</exception>
    public static ReplicateSize Of<T>(Model model, int batch = 1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        var all = (long)model.InputSize * batch;
        foreach (var layer in model.Layers)
        {
            all = checked(all + Weights(layer) + Recurrent(layer) + (2L * layer.OutputSize * batch));
        }

        return new ReplicateSize(LargestMatrix(model), checked(all * Unsafe.SizeOf<T>()));
    }

    /// <summary>The size of a network that is drawn, used and forgotten layer by layer, with columns of signals going in and out.</summary>
    internal static ReplicateSize OfOneLayer<T>(Model model, long columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long largest = LargestMatrix(model), widest = Math.Max(model.InputSize, model.Layers.Max(layer => layer.OutputSize));
        return new ReplicateSize(largest, checked((largest + (3 * widest * columns)) * Unsafe.SizeOf<T>()));
    }

    /// <summary>The greatest of each number: of replicates of different sizes. Of none: 0.</summary>
    public static ReplicateSize Largest(IEnumerable<ReplicateSize> sizes) => sizes.Aggregate(
        default(ReplicateSize), (a, b) => new(Math.Max(a.MatrixEntries, b.MatrixEntries), Math.Max(a.Bytes, b.Bytes)));

    private static long LargestMatrix(Model model) => model.Layers.Max(layer => Math.Max(Weights(layer), Recurrent(layer)));

    private static long Weights(LayerSpecification layer) => (long)layer.Weights.Rows * layer.Weights.Columns;

    private static long Recurrent(LayerSpecification layer) =>
        layer is ElmanSpecification ? (long)layer.Weights.Rows * layer.Weights.Rows : 0;
}
