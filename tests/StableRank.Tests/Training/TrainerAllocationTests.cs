using System.Numerics;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Tests.Training;

public sealed class TrainerAllocationTests
{
    [Theory]
    [InlineData("momentum")]
    [InlineData("adamw_decay")]
    public void Steps_AfterTheFirstEpoch_AllocateNothing(string optimizer)
    {
        Measure<double>(optimizer, allocating: false).Should().Be(0);
        Measure<float>(optimizer, allocating: false).Should().Be(0);
    }

    [Fact]
    public void Steps_OfAHookThatAllocates_AreSeen() => Measure<double>("momentum", allocating: true).Should().BeGreaterThan(0);

    private static long Measure<T>(string optimizer, bool allocating)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // wide enough for the optimiser's passes to be shared among threads; 8 steps an epoch, the last one shorter
        using var scope = Backend.SingleThreaded();
        var meter = new Meter<T>(allocating);
        var options = new TrainingOptions
        {
            Schedule = LearningRateSchedule.Constant(1e-3),
            Epochs = 3,
            BatchSize = 16,
            ClipNorm = 1,
            GoodStateInterval = 3,
        };
        var network = Tasks.Network<T>(1, 64, 1200, 60, 10);
        new Trainer<T>(network, Loss.SoftmaxCrossEntropy, OptimizerTests.Make<T>(optimizer), options, [meter]).Run(Tasks.Digits<T>(120));
        meter.Allocated.Should().HaveCount(8 + 8 - 2);
        return meter.Allocated.Sum();
    }

    /// <summary>
    /// Bytes allocated by this thread from one step to the next within the second and third epochs; itself it takes none.
    /// </summary>
    private sealed class Meter<T>(bool allocating) : TrainingHook<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private long _before;
        private object? _waste;

        public List<long> Allocated { get; } = new(100);

        public override void AfterStep(in StepContext<T> context)
        {
            var now = GC.GetAllocatedBytesForCurrentThread();
            if (context.Epoch > 1 && context.Step % 8 != 0)
            {
                Allocated.Add(now - _before);
            }

            _before = GC.GetAllocatedBytesForCurrentThread();
            _waste = allocating ? new object() : _waste;
        }
    }
}
