namespace StableRank.LinearAlgebra;

/// <summary>
/// What <see cref="Backend.SingleThreaded"/> returns: takes the confinement back when disposed, once, on the thread that opened it.
/// </summary>
internal sealed class SingleThreadedScope : IDisposable
{
    [ThreadStatic]
    private static int open;

    private readonly int owner = Environment.CurrentManagedThreadId;
    private Action? leave;

    /// <param name="leave">Takes the confinement of the library back.</param>
    public SingleThreadedScope(Action leave)
    {
        this.leave = leave;
        open++;
    }

    /// <summary>Whether the calling thread has a scope open, over whatever backend.</summary>
    public static bool IsOpen => open > 0;

    public void Dispose()
    {
        if (leave is null)
        {
            return;
        }

        if (Environment.CurrentManagedThreadId != owner)
        {
            throw new InvalidOperationException(
                $"A single-threaded scope was opened on thread {owner} and disposed on thread {Environment.CurrentManagedThreadId}; " +
                "it belongs to one thread and must not cross an await.");
        }

        leave();
        leave = null;
        open--;
    }
}
