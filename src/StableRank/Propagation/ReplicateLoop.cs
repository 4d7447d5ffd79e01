using System.Numerics;
using System.Runtime.ExceptionServices;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>
/// Runs replicates in parallel, each with one BLAS thread; where a weight matrix has 2^22 entries or more one after the other, with the
/// threads inside BLAS. The choice depends on the model alone, so that results do not depend on the number of workers.
/// </summary>
internal static class ReplicateLoop
{
    private const long ThreadsInsideFrom = 1L << 22;

    /// <summary>Calls <see cref="ReplicateWorker{T}.Run"/> once for each replicate, on as many workers as run at a time.</summary>
    public static void Run<T>(
        Model model,
        int replicates,
        ulong seed,
        int? workers,
        IProgress<PropagationProgress>? progress,
        CancellationToken cancellationToken,
        Func<ReplicateWorker<T>> makeWorker)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        model.RequireDense();
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 2);
        if (workers is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(workers));
        }

        var threadsInside = model.Layers.Any(layer => (long)layer.OutputSize * layer.InputSize >= ThreadsInsideFrom);
        var parallel = threadsInside ? 1 : Math.Min(workers ?? Backend.Threads, replicates);
        var counter = new ProgressCounter(replicates, progress);
        var next = -1;

        void Work(int index, ParallelLoopState state)
        {
            using var scope = threadsInside ? null : Backend.SingleThreaded();
            var worker = makeWorker();
            int i;
            while ((i = Interlocked.Increment(ref next)) < replicates && !state.ShouldExitCurrentIteration)
            {
                worker.Run(seed, i, cancellationToken);
                counter.Completed();
            }
        }

        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };
            Parallel.For(0, parallel, options, Work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>
    /// The entries of a matrix of inputs or tangents, column-major, once it is found to have the shape and no zero column.
    /// </summary>
    public static T[] Checked<T>(Matrix<T>? matrix, string name, int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(matrix, name);
        Precision.Require<T>();
        if (matrix.RowCount != rows || matrix.ColumnCount != columns)
        {
            throw new ArgumentException(
                $"The {name} are {matrix.RowCount} x {matrix.ColumnCount}; expected {rows} x {columns} (the model's features x inputs).",
                name);
        }

        MatrixGuard.RequireFinite(matrix, name);
        var values = matrix.ToColumnMajorArray();
        for (var j = 0; j < columns; j++)
        {
            if (double.IsNegativeInfinity(ColumnNorms.LogSquared<T>(values.AsSpan(j * rows, rows))))
            {
                throw new ArgumentException($"Column {j} of the {name} is zero; norms relative to it are not defined.", name);
            }
        }

        return values;
    }
}
