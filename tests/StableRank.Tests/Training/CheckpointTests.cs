using System.Numerics;
using StableRank.Data;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Tests.Support;
using StableRank.Training;
using StableRank.TrainingProcess;

namespace StableRank.Tests.Training;

public sealed class CheckpointTests
{
    private static readonly TrainingOptions s_options = new()
    {
        Schedule = LearningRateSchedule.Cosine(0.01, 20).AfterWarmUp(3),
        Epochs = 4,
        BatchSize = 32,
        Seed = 3,
        CheckpointInterval = 3,
        ClipNorm = 0.7,
    };

    [Theory]
    [InlineData("momentum_decay")]
    [InlineData("nesterov")]
    [InlineData("adam")]
    [InlineData("adamw")]
    public void Resume_AfterAnyStep_EndsWithTheSameBits(string optimizer)
    {
        // 75 samples: 3 steps an epoch, 12 in all; the run is cancelled after each of them in turn
        EveryStep<double>(optimizer, remembers: true).Should().BeTrue();
        EveryStep<float>(optimizer, remembers: true).Should().BeTrue();
    }

    [Fact]
    public void Resume_OfAHookThatHidesItsMemory_IsSeenToDiffer() =>
        // the checker of the test above
        EveryStep<double>("adam", remembers: false).Should().BeFalse();

    [Fact]
    public void Resume_OfACompleteRun_ReturnsItsResult()
    {
        using var folder = new TemporaryFolder();
        var first = Trainer<double>("adam", folder, 100).Run(Tasks.Digits<double>(75), Tasks.Digits<double>(30, 75));
        var (again, network) = Again();
        again.Outcome.Should().Be(TrainingOutcome.Completed);
        again.Should().BeEquivalentTo(first);

        (TrainingResult, Network<double>) Again()
        {
            var trainer = Trainer<double>("adam", folder, 100);
            return (trainer.Resume(Tasks.Digits<double>(75), Tasks.Digits<double>(30, 75)), trainer.Network);
        }
    }

    [Fact]
    public void Resume_WithMoreEpochs_EqualsTheLongerRun()
    {
        using var scope = Backend.SingleThreaded();
        using TemporaryFolder one = new(), two = new();
        var data = Tasks.Digits<double>(75);
        Trainer<double>("adam", one, 100, s_options with { Epochs = 2 }).Run(data);
        var extended = Trainer<double>("adam", one, 100);
        extended.Resume(data).Steps.Should().Be(12);
        var straight = Trainer<double>("adam", two, 100);
        straight.Run(data);
        Tasks.Weights(extended.Network).Should().Equal(Tasks.Weights(straight.Network));
    }

    [Fact]
    public void Resume_UnderAnotherConfiguration_NamesEverythingThatDiffers()
    {
        using var folder = new TemporaryFolder();
        Trainer<double>("adam", folder, 100).Run(Tasks.Digits<double>(75));

        var options = s_options with { BatchSize = 16, Seed = 8, CheckpointFolder = folder.Path, ClipNorm = null };
        var other = new Trainer<float>(Tasks.Network<float>(1, 64, 7, 10), Loss.SquaredError, new Sgd<float>(), options);
        var resume = () => other.Resume(Tasks.Digits<float>(75, 1), Tasks.Digits<float>(20));

        var differences = resume.Should().Throw<CheckpointMismatchException>().Which.Differences;
        differences.Select(text => text.Split(" was ")[0]).Should().BeEquivalentTo(
            "precision", "network", "parameters", "loss", "optimizer", "batch size", "seed", "clip norm", "hooks", "training data",
            "validation data");
        differences.Should().Contain("batch size was 32, is 16").And.Contain("precision was Double, is Single");
        Tasks.Weights(other.Network).Should().Equal(Tasks.Weights(Tasks.Network<float>(1, 64, 7, 10)), "nothing was loaded");
    }

    [Fact]
    public void Resume_WithoutACheckpoint_SaysSo()
    {
        using var folder = new TemporaryFolder();
        var none = () => Trainer<double>("adam", folder, 100).Resume(Tasks.Digits<double>(75));
        none.Should().Throw<FileNotFoundException>().WithMessage("*checkpoint.npz*");
        Checkpoint.Exists(folder.Path).Should().BeFalse();
        var homeless = new Trainer<double>(Tasks.Network<double>(), Loss.SquaredError, new Adam<double>(), s_options);
        var unset = () => homeless.Resume(Tasks.Digits<double>(75));
        unset.Should().Throw<InvalidOperationException>().WithMessage("*CheckpointFolder*");
    }

    [Fact]
    public void Resume_FromADamagedFile_NeverGoesOnSilently()
    {
        using var folder = new TemporaryFolder();
        Trainer<double>("adam", folder, 100).Run(Tasks.Digits<double>(75));
        var path = folder.File("checkpoint.npz");
        var bytes = File.ReadAllBytes(path);
        foreach (var cut in new[] { 0, 1, 100, bytes.Length / 2, bytes.Length - 1 })
        {
            File.WriteAllBytes(path, bytes[..cut]);
            Refused();
        }

        // one byte within an array; zip's check sum sees it
        var damaged = bytes.ToArray();
        damaged[bytes.Length / 2] ^= 16;
        File.WriteAllBytes(path, damaged);
        Refused();

        void Refused()
        {
            var resume = () => Trainer<double>("adam", folder, 100).Resume(Tasks.Digits<double>(75));
            resume.Should().Throw<DataFormatException>();
        }
    }

    [Fact]
    public void Resume_FromAnotherBackend_Warns()
    {
        using var folder = new TemporaryFolder();
        Trainer<double>("adam", folder, 100, s_options with { Epochs = 1 }).Run(Tasks.Digits<double>(75));
        var header = Checkpoint.ReadHeader(folder.Path);
        var trainer = Trainer<double>("adam", folder, 100);
        NamedArray<double>[] arrays;
        using (var archive = Npz.Open(folder.File("checkpoint.npz")))
        {
            header.State.StepLosses.AddRange(archive.Read<double>("step_losses").AsSpan());
            arrays =
            [
                .. archive.Names.Where(name => name != "step_losses")
                    .Select(name => new NamedArray<double>(name, archive.Read<double>(name).AsSpan().ToArray())),
            ];
        }

        Checkpoint.Write(folder.Path, header with { Environment = "an abacus" }, arrays);
        trainer.Resume(Tasks.Digits<double>(75)).Warnings.Should().ContainSingle().Which.Should().Contain("an abacus");
    }

    private static bool EveryStep<T>(string optimizer, bool remembers)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var scope = Backend.SingleThreaded();
        using var straight = new TemporaryFolder();
        var (data, validation) = (Tasks.Digits<T>(75), Tasks.Digits<T>(40, 75));
        var whole = Trainer<T>(optimizer, straight, 100, remembers: remembers);
        var expected = whole.Run(data, validation);
        var same = true;
        for (var step = 0; step < 12; step++)
        {
            using var folder = new TemporaryFolder();
            var first = Trainer<T>(optimizer, folder, step, remembers: remembers);
            first.Run(data, validation, cancellation: first.Hooks.OfType<Cancelling<T>>().Single().Token).Steps.Should().Be(step + 1);
            var second = Trainer<T>(optimizer, folder, 100, remembers: remembers);
            var result = second.Resume(data, validation);
            result.Outcome.Should().Be(step == 11 ? expected.Outcome : TrainingOutcome.Completed);
            result.StepLosses.Should().HaveCount(12);
            same &= Tasks.Weights(second.Network).AsSpan().SequenceEqual(Tasks.Weights(whole.Network))
                && result.StepLosses.SequenceEqual(expected.StepLosses)
                && result.Epochs.SequenceEqual(expected.Epochs);
        }

        return same;
    }

    private static Trainer<T> Trainer<T>(
        string optimizer, TemporaryFolder folder, int cancelAfter, TrainingOptions? options = null, bool remembers = true)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = Tasks.Network<T>();
        var averaging = new AveragingHook<T>(network);
        return new Trainer<T>(
            network,
            Loss.SoftmaxCrossEntropy,
            OptimizerTests.Make<T>(optimizer),
            (options ?? s_options) with { CheckpointFolder = folder.Path },
            [remembers ? averaging : new Forgetful<T>(averaging), new Cancelling<T>(cancelAfter)]);
    }

    /// <summary>Cancels its token after a step.</summary>
    private sealed class Cancelling<T>(long step) : TrainingHook<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly CancellationTokenSource _source = new();

        public CancellationToken Token => _source.Token;

        public override void AfterStep(in StepContext<T> context)
        {
            if (context.Step == step)
            {
                _source.Cancel();
            }
        }
    }

    /// <summary>Does what another hook does and keeps its memory to itself.</summary>
    private sealed class Forgetful<T>(TrainingHook<T> inner) : TrainingHook<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void AfterStep(in StepContext<T> context) => inner.AfterStep(context);
    }
}
