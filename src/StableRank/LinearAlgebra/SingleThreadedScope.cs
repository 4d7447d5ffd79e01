namespace StableRank.LinearAlgebra;

/// <summary>
/// What <see cref="Backend.SingleThreaded"/> returns: takes the confinement back when disposed, once, on the thread that opened it.
/// </summary>
internal sealed class SingleThreadedScope : IDisposable
{
    private readonly int owner = Environment.CurrentManagedThreadId;
    private Action? leave;

    /// <param name="leave">Takes the confinement of the library back.</param>
    public SingleThreadedScope(Action leave)
    {
        this.leave = leave;
        Depth++;
    }

    /// <summary>Open scopes of the calling thread.</summary>
    [field: ThreadStatic]
    public static int Depth { get; private set; }

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
        Depth--;
        leave = null;
    }
}
