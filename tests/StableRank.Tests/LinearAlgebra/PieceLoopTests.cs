using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

public sealed class PieceLoopTests
{
    private const int Pieces = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Run_AnyNumberOfWorkers_DoesEveryPieceOnce(int workers)
    {
        var done = new int[Pieces];
        var made = 0;

        PieceLoop.Run(Pieces, workers, true, CancellationToken.None, () =>
        {
            Interlocked.Increment(ref made);
            return piece => Interlocked.Increment(ref done[piece]);
        });

        done.Should().OnlyContain(times => times == 1);
        made.Should().BeInRange(1, workers);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_SeveralPiecesFault_ThrowsTheFaultOfTheLowestAndLeavesNoLowerPieceUndone(int workers)
    {
        foreach (var seed in Enumerable.Range(0, 20))
        {
            // the higher pieces fault at once, the lowest late: a race that the first in time would win wrongly
            var (lowest, others) = (5 + (7 * seed % 15), 1 + (seed % 4));
            var done = new int[Pieces];
            var run = () => PieceLoop.Run(Pieces, workers, true, CancellationToken.None, () => piece =>
            {
                if (piece == lowest)
                {
                    Thread.Sleep(2);
                    throw new InvalidDataException($"{piece}");
                }

                if (piece > lowest && piece % others == 0)
                {
                    throw new InvalidDataException($"{piece}");
                }

                Interlocked.Increment(ref done[piece]);
            });

            run.Should().ThrowExactly<InvalidDataException>("it is thrown as it was").WithMessage($"{lowest}");
            done[..lowest].Should().OnlyContain(times => times == 1);
            done.Sum().Should().BeLessThan(Pieces);
        }
    }

    [Fact]
    public void Run_AWorkerThatCannotBeMade_ThrowsWhy() =>
        FluentActions.Invoking(() => PieceLoop.Run(Pieces, 3, true, CancellationToken.None, () => throw new InvalidDataException("no")))
            .Should().ThrowExactly<InvalidDataException>().WithMessage("no");

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Run_CancelledInPiece_DrawsNoMoreAndThrows(int workers)
    {
        using var source = new CancellationTokenSource();
        var done = 0;
        var run = () => PieceLoop.Run(1_000_000, workers, true, source.Token, () => piece =>
        {
            if (Interlocked.Increment(ref done) == 10)
            {
                source.Cancel();
            }
        });

        run.Should().ThrowExactly<OperationCanceledException>().Which.CancellationToken.Should().Be(source.Token);
        done.Should().BeInRange(10, 10 + workers);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 8)]
    [InlineData(3, 5)]
    [InlineData(2, null)]
    public void Run_FirstPieceIsSlow_NoMoreThanTheWindowIsDoneMeanwhile(int workers, int? window)
    {
        using var first = new ManualResetEventSlim();
        var (expected, others, highest) = ((window ?? Pieces) - 1, 0, 0L);

        PieceLoop.Run(
            Pieces, workers, true, CancellationToken.None,
            () => piece =>
            {
                if (piece == 0)
                {
                    first.Wait(TimeSpan.FromSeconds(30)).Should().BeTrue("the others go on up to the window's end");
                    Thread.Sleep(20);
                    highest = Volatile.Read(ref others);
                }
                else if (Interlocked.Increment(ref others) == expected)
                {
                    first.Set();
                }
            },
            window);

        highest.Should().Be(expected, "without a window it is all of them");
        others.Should().Be(Pieces - 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Run_FaultsAndCancellationInAWindow_NeitherHangsNorLosesTheLowestFault(int window)
    {
        var runs = Task.Run(() =>
        {
            foreach (var seed in Enumerable.Range(0, 400))
            {
                using var source = new CancellationTokenSource();
                var (lowest, others, cancelled) = (seed % 9, 1 + (seed % 4), seed % 3 == 0);
                var run = () => PieceLoop.Run(
                    Pieces, 4, true, source.Token,
                    () => piece =>
                    {
                        // the lowest late, so that others wait at the window's end when it faults
                        Thread.SpinWait(piece == lowest ? 2000 : 20);
                        if (cancelled && piece == lowest)
                        {
                            source.Cancel();
                        }
                        else if (!cancelled && piece >= lowest && (piece - lowest) % others == 0)
                        {
                            throw new InvalidDataException($"{piece}");
                        }
                    },
                    window);

                if (cancelled)
                {
                    run.Should().ThrowExactly<OperationCanceledException>();
                }
                else
                {
                    run.Should().ThrowExactly<InvalidDataException>().WithMessage($"{lowest}");
                }
            }
        });

        await runs.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Run_CancelledWhenTheLastPieceIsDone_HasDoneItsWork()
    {
        using var source = new CancellationTokenSource();

        PieceLoop.Run(3, 1, true, source.Token, () => piece =>
        {
            if (piece == 2)
            {
                source.Cancel();
            }
        });

        source.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public void Run_InsideASingleThreadedScope_StaysOnTheThread()
    {
        var caller = Environment.CurrentManagedThreadId;
        using var alone = Backend.SingleThreaded();
        var threads = new int[Pieces];

        PieceLoop.Run(Pieces, 4, false, CancellationToken.None, () => piece => threads[piece] = Environment.CurrentManagedThreadId);

        threads.Should().OnlyContain(thread => thread == caller);
    }

    [Fact]
    public void IsOpen_NestedScopes_UntilTheLastIsDisposed()
    {
        SingleThreadedScope.IsOpen.Should().BeFalse();
        var outer = Backend.SingleThreaded();
        var inner = Backend.SingleThreaded();
        inner.Dispose();
        inner.Dispose();
        SingleThreadedScope.IsOpen.Should().BeTrue("the outer scope is open");
        outer.Dispose();
        SingleThreadedScope.IsOpen.Should().BeFalse();
    }

    [Theory]
    [InlineData(100, 512 * 512, 1000, null, 2, true)]
    [InlineData(100, 2047 * 2047, 1000, null, 2, true)]
    [InlineData(100, 2048 * 2048, 1000, null, 1, false)]
    [InlineData(3, 512 * 512, 1000, 8, 3, true)]
    [InlineData(100, 512 * 512, 1000, 1, 1, true)] // the bits of one worker are those of many
    [InlineData(100, 2048 * 2048, 1000, 8, 1, false)]
    [InlineData(100, 512 * 512, 1 << 30, null, 1, false)] // a GiB each
    [InlineData(100, 512 * 512, 1 << 29, 8, 4, true)] // a quarter of 8 GiB takes four
    [InlineData(1, 512 * 512, 1000, null, 1, false)] // nothing to share but the inside
    [InlineData(1, 64 * 64, 1000, null, 1, true)]
    [InlineData(0, 1, 0, null, 1, true)]
    public void OfReplicates_Sizes_GiveTheWayAndTheWorkers(
        int replicates, long entries, long bytes, int? workers, int expected, bool singleThreaded)
    {
        var split = BatchSplit.OfReplicates(replicates, entries, bytes, workers, threads: 2, memory: 8L << 30);

        (split.Workers, split.SingleThreaded).Should().Be((expected, singleThreaded));
    }

    [Fact]
    public void OfReplicates_AnyWorkersThreadsAndMemory_ChooseTheSameWay()
    {
        foreach (var size in new long[] { 1, 1 << 16, 1 << 20, (1 << 22) - 1, 1 << 22, 1 << 24 })
        {
            var ways = from workers in new int?[] { null, 1, 2, 64 }
                       from threads in new[] { 1, 2, 64 }
                       from memory in new[] { 1L << 20, 1L << 40 }
                       from replicates in new[] { 2, 1000 }
                       select BatchSplit.OfReplicates(replicates, size, 8 * size, workers, threads, memory).SingleThreaded;
            ways.Distinct().Should().HaveCount(1);
        }
    }
}
