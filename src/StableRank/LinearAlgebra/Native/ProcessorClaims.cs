namespace StableRank.LinearAlgebra.Native;

/// <summary>
/// The processors on which the threads of one piece of work stand, so that no two of them share one while another is free. Linux wakes a
/// thread on the processor of the thread that woke it where it takes no other for idle, and on a virtual machine it takes a halted one
/// for busy; both then share a processor until the system's balance moves one away, some 50 ms later. On other systems nothing is done.
/// </summary>
internal unsafe struct ProcessorClaims
{
    private const int MostProcessors = 1024, WordBits = 64, Words = MostProcessors / WordBits;

    private fixed ulong _taken[Words];

    /// <summary>Claims the processor of the calling thread; where another thread has it, moves the calling thread to a free one.</summary>
    /// <returns>Whether the thread was moved.</returns>
    public bool Claim() =>
        OperatingSystem.IsLinux() && Libc.CurrentProcessor() is >= 0 and < MostProcessors and var here && !TryTake(here) && TryMove();

    private bool TryTake(int processor)
    {
        var bit = 1UL << (processor % WordBits);
        return (Interlocked.Or(ref _taken[processor / WordBits], bit) & bit) == 0;
    }

    /// <summary>The thread may go on running wherever it might before: only the move is forced.</summary>
    private bool TryMove()
    {
        const int bytes = MostProcessors / 8;
        ulong* allowed = stackalloc ulong[Words], one = stackalloc ulong[Words];
        if (Libc.GetAffinity(0, bytes, allowed) != 0)
        {
            return false;
        }

        for (var processor = 0; processor < MostProcessors; processor++)
        {
            var (word, bit) = (processor / WordBits, 1UL << (processor % WordBits));
            if ((allowed[word] & bit) != 0 && TryTake(processor))
            {
                one[word] = bit;
                var moved = Libc.SetAffinity(0, bytes, one) == 0;
                Libc.SetAffinity(0, bytes, allowed);
                return moved;
            }
        }

        return false;
    }
}
