namespace StableRank.LinearAlgebra;

/// <summary>
/// Where the threads go when there are many pieces of work: one to each piece, or all into one after the other. The one rule of the
/// library, in two forms. For pieces of different sizes whose work is known (matrices to decompose) it takes what ends first, by the
/// sizes and the number of threads. For replicates (<see cref="OfReplicates"/>) it goes by their size alone, so that results depend
/// neither on the number of threads nor of workers as long as replicates are small.
/// <para>
/// Measured on two cores with MKL (double; the time of replicates one after the other with both threads inside, over that of one thread
/// each), at widths 64, 128, 256, 512, 1024, 2048: sampling a prescribed spectrum 2.8, 2.1, 2.1, 1.3, 1.2, 1.05; sampling four layers and
/// passing 32 inputs through 2.4, 2.0, 1.8, 1.4, 1.2, 1.1; singular values 1.9, 2.1, 2.0, 1.6, 1.0, 1.1. Gaussian matrices 1.9 at all
/// sizes: filling them is not shared. Passing 128 inputs through weights that stay 2.1, 1.4, 1.3, 1.05, 0.8, 0.7: two networks do not fit
/// the cache that one fits. So whatever samples or decomposes is done a thread a replicate up to width 2048, where the two ways meet.
/// </para>
/// </summary>
internal readonly struct BatchSplit
{
    /// <summary>
    /// What all threads inside one decomposition reach of their number: part of it is bound by memory or has one thread.
    /// </summary>
    public const double EfficiencyInside = 0.6;

    /// <summary>The copies that workers may hold together, in bytes.</summary>
    public const long MemoryLimit = 1L << 30;

    /// <summary>
    /// Work that one thread does in a millisecond or so: sharing less than that out inside costs more in waiting for one another than it
    /// saves, all the more on a busy machine.
    /// </summary>
    public const double SmallWork = 3e7;

    /// <summary>From so many entries of its largest matrix on a replicate has all threads: 2048 x 2048, where the two ways meet.</summary>
    public const long ThreadsInsideFrom = 1L << 22;

    /// <summary>
    /// The part of the machine's memory that workers may take together; the number of workers changes no result of small replicates.
    /// </summary>
    private const int MemoryDivisor = 4;

    /// <param name="work">
    /// The work of each piece, in floating-point operations at the rate of a matrix product, in the order in which pieces are drawn.
    /// </param>
    /// <param name="largestBytes">The memory that the largest piece takes.</param>
    /// <param name="threads">The threads to use; left out: <see cref="Backend.Threads"/>.</param>
    public BatchSplit(ReadOnlySpan<double> work, long largestBytes, int? threads = null)
    {
        var available = threads ?? Backend.Threads;
        var workers = Math.Max(1, Math.Min(available, work.Length));
        Span<double> busy = new double[workers];
        var total = 0.0;
        foreach (var piece in work)
        {
            // whoever is free first draws the next piece
            var first = 0;
            for (var w = 1; w < workers; w++)
            {
                first = busy[w] < busy[first] ? w : first;
            }

            busy[first] += piece;
            total += piece;
        }

        var last = 0.0;
        foreach (var end in busy)
        {
            last = Math.Max(last, end);
        }

        var each = workers > 1 && last <= total / (available * EfficiencyInside) && largestBytes <= MemoryLimit / workers;
        Workers = each ? workers : 1;
        SingleThreaded = each || total <= SmallWork;
    }

    private BatchSplit(int workers, bool singleThreaded) => (Workers, SingleThreaded) = (workers, singleThreaded);

    /// <summary>
    /// The split of replicates of one size: a thread each, on as many workers as may be and their memory allows; all threads inside one
    /// after the other where a matrix has <see cref="ThreadsInsideFrom"/> entries or a replicate takes <see cref="MemoryLimit"/>, and where
    /// there is one replicate of more than <see cref="SmallWork"/>. Which of the two does not depend on the workers, the threads or the
    /// machine.
    /// </summary>
    /// <param name="replicates">Their number.</param>
    /// <param name="matrixEntries">Entries of the largest matrix of a replicate.</param>
    /// <param name="bytes">The memory that one takes.</param>
    /// <param name="workers">The greatest number at a time; left out: the threads.</param>
    /// <param name="threads">The threads to use; left out: <see cref="Backend.Threads"/>.</param>
    /// <param name="memory">The memory of the machine in bytes; left out: what this process may have.</param>
    public static BatchSplit OfReplicates(
        int replicates, long matrixEntries, long bytes, int? workers = null, int? threads = null, long? memory = null)
    {
        // a matrix of n x n that is decomposed or sampled takes some n^3 operations
        var alone = replicates == 1 && Math.Pow(matrixEntries, 1.5) > SmallWork;
        if (alone || matrixEntries >= ThreadsInsideFrom || bytes >= MemoryLimit)
        {
            return new BatchSplit(1, false);
        }

        var fit = (memory ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) / MemoryDivisor / Math.Max(1, bytes);
        return new BatchSplit((int)Math.Clamp(Math.Min(fit, replicates), 1, workers ?? threads ?? Backend.Threads), true);
    }

    /// <summary>How many pieces are under way at a time.</summary>
    public int Workers { get; }

    /// <summary>Whether a piece has one thread of the backend; otherwise all.</summary>
    public bool SingleThreaded { get; }
}
