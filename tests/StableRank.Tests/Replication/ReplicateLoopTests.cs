using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Tests.Replication;

public sealed class ReplicateLoopTests
{
    /// <summary>Width and depth of the models: products large enough for a native library to share them out where it may.</summary>
    private const int Width = 96, Depth = 3, Batch = 20;

    private static readonly ReplicateSize Small = ReplicateSize.Of<double>(Square(Width), Batch), Large = new(1 << 22);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_OneTwoOrManyWorkers_GivesTheSameBits(bool large)
    {
        var size = large ? Large : Small;
        var one = Outputs(12, size, workers: 1);

        foreach (var workers in new int?[] { 2, 5, null })
        {
            Outputs(12, size, workers).Should().Equal(one);
        }

        // what is compared distinguishes replicates
        one.Distinct().Should().HaveCount(12);
    }

    [Fact]
    public void Run_SmallReplicates_GiveTheBitsOfOneThread()
    {
        var loop = Outputs(6, Small, workers: 2);
        using var alone = Backend.SingleThreaded();
        var model = Square(Width);
        for (var i = 0; i < loop.Length; i++)
        {
            loop[i].Should().Be(Output(model, i));
        }
    }

    [Fact]
    public void Run_SmallReplicates_AreEachConfinedAndLargeOnesNot()
    {
        var confined = new bool[2][];
        foreach (var large in new[] { 0, 1 })
        {
            confined[large] = new bool[8];
            ReplicateLoop.Run(8, large == 1 ? Large : Small, i => confined[large][i] = SingleThreadedScope.IsOpen, workers: 2);
        }

        confined[0].Should().OnlyContain(open => open);
        confined[1].Should().OnlyContain(open => !open);
    }

    [Fact]
    public void Run_LoopInALoop_StaysOnItsThread()
    {
        var apart = 0;
        ReplicateLoop.Run(
            4,
            Small,
            _ =>
            {
                var outer = Environment.CurrentManagedThreadId;
                ReplicateLoop.Run(
                    8, Small, _ => Interlocked.Add(ref apart, Environment.CurrentManagedThreadId == outer ? 0 : 1), workers: 8);
            },
            workers: 2);

        apart.Should().Be(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_CancelledAndRunAgain_GivesTheSameBits(bool large)
    {
        var (size, model) = (large ? Large : Small, Square(Width));
        var expected = Outputs(30, size, workers: 1);
        foreach (var workers in new[] { 1, 2 })
        {
            using var source = new CancellationTokenSource();
            var results = new double[30];
            var run = () => ReplicateLoop.Run(
                30,
                size,
                i =>
                {
                    results[i] = Output(model, i);
                    if (i == 6)
                    {
                        source.Cancel();
                    }
                },
                workers,
                cancellationToken: source.Token);

            run.Should().Throw<OperationCanceledException>();
            var done = results.Count(result => result != 0);
            done.Should().BeInRange(7, 29, "the rest was not begun");
            for (var i = 0; i < 30; i++)
            {
                results[i].Should().BeOneOf(0, expected[i]);
            }

            results[..7].Should().Equal(expected[..7], "those below had been begun, and what was begun is finished");
        }
    }

    [Fact]
    public void Run_FaultsInAModel_NameTheSameReplicateWhateverTheWorkers()
    {
        // exp(exp) leaves the range of double in about every eighth network
        var model = Model.Dense([4, 4, 1], Activation.Exp, (_, m, n) => Ensemble.Gaussian(m, n, 4));
        var messages = new List<string>();
        var x = Matrix<double>.Build.Dense(4, 2, 1);
        foreach (var seed in Enumerable.Range(1, 20))
        {
            string Fault(int workers) => FluentActions
                .Invoking(() => MonteCarloMeanField.Run(model, x, 100, (ulong)seed, workers)).Should().Throw<ArithmeticException>()
                .Which.Message;

            var one = Fault(1);
            Fault(2).Should().Be(one);
            Fault(4).Should().Be(one);
            messages.Add(one);
        }

        messages.Distinct().Should().HaveCountGreaterThan(4, "the lowest faulty replicate is another from seed to seed");
    }

    [Fact]
    public void Run_Worker_IsMadeOncePerThreadAndKept()
    {
        var made = 0;
        var kept = new List<int>[40];
        ReplicateLoop.Run(
            40,
            Small,
            () =>
            {
                Interlocked.Increment(ref made);
                return new List<int>();
            },
            (worker, i) =>
            {
                worker.Add(i);
                kept[i] = worker;
            },
            workers: 3);

        made.Should().BeInRange(1, 3);
        kept.Distinct().SelectMany(list => list).Order().Should().Equal(Enumerable.Range(0, 40));
    }

    [Fact]
    public void Run_Progress_RisesToTheLast()
    {
        var seen = new List<int>();
        ReplicateLoop.Run(250, Small, _ => { }, 2, new Collect(seen));
        seen.Should().HaveCountGreaterThan(90).And.BeInAscendingOrder().And.EndWith(250);
    }

    [Fact]
    public void Run_BadArguments_AreNamed()
    {
        FluentActions.Invoking(() => ReplicateLoop.Run(-1, Small, _ => { })).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => ReplicateLoop.Run(1, Small, _ => { }, workers: 0)).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("workers");
        FluentActions.Invoking(() => ReplicateLoop.Run(1, Small, null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => ReplicateSize.Of<double>(Square(4), -1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => ReplicateLoop.Run(0, Small, _ => throw new InvalidDataException())).Should().NotThrow();
    }

    [Fact]
    public void Of_Models_CountsTheLargestMatrixAndAllBytes()
    {
        var dense = Model.Dense([5, 7, 3], Activation.ReLU, (_, m, n) => Ensemble.He(m, n));
        ReplicateSize.Of<double>(dense, 2).Should().Be(new ReplicateSize(35, 8 * (35 + 21 + (2 * 5) + (2 * 2 * 10))));
        var elman = new Model([new ElmanSpecification(4, Ensemble.LeCun(6, 2), Ensemble.LeCun(6, 6), Activation.Tanh)]);
        ReplicateSize.Of<float>(elman, 0).Should().Be(new ReplicateSize(36, 4 * (12 + 36)));
        ReplicateSize.Largest([new(1, 9), new(5, 2)]).Should().Be(new ReplicateSize(5, 9));
        ReplicateSize.Largest([]).Should().Be(default(ReplicateSize));
    }

    private static double[] Outputs(int replicates, ReplicateSize size, int? workers)
    {
        var (model, results) = (Square(Width), new double[replicates]);
        ReplicateLoop.Run(replicates, size, i => results[i] = Output(model, i), workers);
        return results;
    }

    private static double Output(Model model, int replicate)
    {
        var x = new double[Width * Batch];
        new RandomStream(3).FillGaussian<double>(x);
        return model.Sample<double>(5, (ulong)replicate).Forward(Matrix<double>.Build.Dense(Width, Batch, x)).Outputs.FrobeniusNorm();
    }

    private static Model Square(int width) => Model.Dense(
        [.. Enumerable.Repeat(width, Depth + 1)], Activation.ReLU,
        (_, m, n) => Ensemble.StableRank(m, n, width / 3.0, SpectralFamily.PowerLaw));

    private sealed class Collect(List<int> seen) : IProgress<ReplicationProgress>
    {
        public void Report(ReplicationProgress value) => seen.Add(value.Completed);
    }
}
