using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Replication;
using StableRank.Tests.LinearAlgebra;

namespace StableRank.Tests.Replication;

/// <summary>Live memory of the process: not beside other tests.</summary>
[Collection(BackendSwitching.Name)]
public sealed class ReplicateMemoryTests
{
    private const int Few = 100, Many = 1000, Width = 16, Depth = 3;

    private static readonly Model Network = Model.Dense(
        [.. Enumerable.Repeat(Width, Depth + 1)], Activation.ReLU, (_, m, n) => Ensemble.He(m, n));

    [Fact]
    public void MonteCarloKernel_TenTimesTheReplicates_TakesNoMoreLiveMemory()
    {
        const int samples = 64;
        const long kernel = samples * samples * sizeof(double);
        var x = Matrix<double>.Build.Dense(Width, samples, (i, j) => Math.Cos(i + (3 * j)));

        // the two averages themselves, five arrays each, and what is under way or waits: nothing for a replicate that is done
        Growth(replicates => heap =>
        {
            // the first network is held up for so long that the other worker could do hundreds meanwhile
            var held = 0;
            var slow = Activation.Custom(
                "slow",
                z =>
                {
                    if (Interlocked.Increment(ref held) == 1)
                    {
                        Thread.Sleep(300);
                    }

                    return Math.Tanh(z);
                },
                z => 1 - (Math.Tanh(z) * Math.Tanh(z)));
            var model = Model.Dense([Width, Width, 1], slow, (_, m, n) => Ensemble.LeCun(m, n));
            MonteCarloKernel.Run(model, x, replicates, 1, workers: 2, progress: heap);
        }).Should().BeLessThan((Many - Few) * kernel / 20);
    }

    [Fact]
    public void MonteCarloMeanField_TenTimesTheReplicates_TakesItsTableOfNumbersAlone()
    {
        var x = Matrix<double>.Build.Dense(Width, 64, (i, j) => Math.Cos(i + (3 * j)));

        // six numbers a replicate and layer; one network is 6 KB, its signals 24 KB a layer
        Growth(replicates => heap => MonteCarloMeanField.Run(Network, x, replicates, 1, workers: 2, progress: heap))
            .Should().BeLessThan(((Many - Few) * Depth * 6 * sizeof(double)) + (1 << 20));
    }

    [Fact]
    public void Growth_OfALoopThatKeepsItsNetworks_IsSeen()
    {
        var kept = new List<Network<double>>();

        Growth(replicates => heap =>
        {
            kept.Clear();
            ReplicateLoop.Run(replicates, ReplicateSize.Of<double>(Network), i => Keep(kept, i), 2, heap);
        }).Should().BeGreaterThan((Many - Few) * Depth * Width * Width * sizeof(double) / 2);
    }

    private static void Keep(List<Network<double>> kept, int replicate)
    {
        var network = Network.Sample<double>(1, (ulong)replicate);
        lock (kept)
        {
            kept.Add(network);
        }
    }

    /// <summary>The greatest live memory of many replicates less that of few.</summary>
    private static long Growth(Func<int, Action<IProgress<ReplicationProgress>>> run)
    {
        long PeakOf(int replicates)
        {
            var heap = new PeakOfLiveHeap(replicates / 10);
            run(replicates)(heap);
            return heap.Bytes;
        }

        PeakOf(Few);
        return -PeakOf(Few) + PeakOf(Many);
    }

    /// <summary>The most live memory at the reports that are looked at.</summary>
    private sealed class PeakOfLiveHeap(int every) : IProgress<ReplicationProgress>
    {
        public long Bytes { get; private set; }

        public void Report(ReplicationProgress value)
        {
            if (value.Completed % every == 0)
            {
                Bytes = Math.Max(Bytes, GC.GetTotalMemory(forceFullCollection: true));
            }
        }
    }
}
