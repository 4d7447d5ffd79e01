using System.Collections.Concurrent;
using StableRank.LinearAlgebra;
using StableRank.Training;

namespace StableRank.Tests.Training;

public sealed class ElementwiseSweepTests
{
    private const int Length = (8 * ElementwiseSweep.ChunkLength) + 5;

    /// <summary>Sweeps in which a helping thread may come late, or help another test.</summary>
    private const int Attempts = 1000;

    [Fact]
    public void Run_InsideASingleThreadedScope_StaysOnTheCallingThreadAsItDoesNotOutside()
    {
        var caller = Environment.CurrentManagedThreadId;
        var threads = new ConcurrentDictionary<int, bool>();
        var counts = new int[Length];
        var sweep = new ElementwiseSweep(
            (start, length) =>
            {
                threads.TryAdd(Environment.CurrentManagedThreadId, true);
                foreach (ref var count in counts.AsSpan(start, length))
                {
                    count++;
                }

                // long enough for a helper to wake
                Thread.Sleep(1);
            },
            threads: 2);

        var sweeps = 0;
        using (Backend.SingleThreaded())
        {
            for (; sweeps < 5; sweeps++)
            {
                sweep.Run(Length);
            }
        }

        threads.Keys.Should().Equal(caller);
        for (var attempt = 0; attempt < Attempts && threads.Count == 1; attempt++, sweeps++)
        {
            sweep.Run(Length);
        }

        threads.Should().HaveCount(2);
        counts.AsSpan().IndexOfAnyExcept(sweeps).Should().Be(-1);
    }
}
