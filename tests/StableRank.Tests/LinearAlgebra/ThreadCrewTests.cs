using System.Collections.Concurrent;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

public sealed class ThreadCrewTests
{
    [Fact]
    public void Run_OfManyRunsOfDifferentLengths_DoesEveryPieceOnce()
    {
        var counts = new int[40];
        var crew = new ThreadCrew(piece => Interlocked.Increment(ref counts[piece]), threads: 4);
        for (var run = 0; run < 500; run++)
        {
            Array.Clear(counts);
            var pieces = 1 + (run * 7 % counts.Length);
            crew.Run(pieces);
            counts.AsSpan(0, pieces).IndexOfAnyExcept(1).Should().Be(-1);
            counts.AsSpan(pieces).IndexOfAnyExcept(0).Should().Be(-1);
        }
    }

    [Fact]
    public void Run_WhereAPieceFails_ThrowsItsFaultAndStaysUsable()
    {
        var done = 0;
        var crew = new ThreadCrew(
            piece =>
            {
                Interlocked.Increment(ref done);
                if (piece == 3)
                {
                    throw new ArithmeticException("of piece 3");
                }
            },
            threads: 2);
        var run = () => crew.Run(8);
        run.Should().Throw<ArithmeticException>().WithMessage("of piece 3");
        done.Should().Be(8);
        crew.Run(3);
        done.Should().Be(11);
    }

    [Fact]
    public void Run_InsideASingleThreadedScope_StaysOnTheThread()
    {
        var caller = Environment.CurrentManagedThreadId;
        var threads = new ConcurrentDictionary<int, bool>();
        var crew = new ThreadCrew(
            _ =>
            {
                threads.TryAdd(Environment.CurrentManagedThreadId, true);
                Thread.Sleep(1);
            },
            threads: 2);
        using var alone = Backend.SingleThreaded();
        for (var run = 0; run < 20; run++)
        {
            crew.Run(4);
        }

        threads.Keys.Should().Equal(caller);
    }
}
