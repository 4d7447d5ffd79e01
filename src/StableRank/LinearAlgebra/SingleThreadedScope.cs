namespace StableRank.LinearAlgebra;

/// <summary>
/// What <see cref="Backend.SingleThreaded"/> returns: takes the confinement back when disposed, once, on the thread that opened it.
/// </summary>
internal sealed class SingleThreadedScope(Action leave) : IDisposable
{
    private readonly int owner = Environment.CurrentManagedThreadId;
    private Action? leave = leave;

    /// <summary>Open scopes of the calling thread over managed kernels.</summary>
    [field: ThreadStatic]
    public static int ManagedDepth { get; private set; }

    public static Action EnterManaged()
    {
        ManagedDepth++;
        return () => ManagedDepth--;
    }

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
    }
}
