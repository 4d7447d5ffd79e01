namespace StableRank.LinearAlgebra;

/// <summary>
/// Where the threads go when many matrices are decomposed: one to each matrix, or all into one after the other. Depends on the sizes and
/// the number of threads alone.
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

    /// <summary>How many pieces are under way at a time.</summary>
    public int Workers { get; }

    /// <summary>Whether a piece has one thread of the backend; otherwise all.</summary>
    public bool SingleThreaded { get; }
}
