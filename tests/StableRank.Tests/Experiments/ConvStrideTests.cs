using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Tests.Experiments;

public sealed class ConvStrideTests
{
    private static readonly ConvStride.Sweep Small = new(
        Kernel: 6, Strides: [1, 3], KernelStride: 2, Kernels: [3, 6], SizeStride: 1, Sizes: [6, 8]);

    private static readonly ConvStride.Scope Tiny = new(
        Channels: 40, Samples: 100, Small, Small, FashionMnist: false,
        new RankProtocol(Folds: 2, Seeds: 1, BatchSize: 40, Epochs: 1, Interval: 1));

    private static readonly Lazy<IReadOnlyList<RankCourse>> Once = new(() => Measured(1));

    [Fact]
    public void Run_Digits_LinearBoundsHoldAndTheNoteSaysWhatWasMissing()
    {
        var result = ConvStride.Judge(Once.Value);

        result.Verdicts.Take(4).Should().OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Holds);
        result.Verdicts[5].Outcome.Should().Be(VerdictOutcome.Holds);
        result.Figures.Should().ContainSingle().Which.Panels.Should().HaveCount(3);
        result.Notes.Should().Contain(note => note.Contains("Fashion-MNIST"));
    }

    [Fact]
    public void Run_OnePosition_BoundIsTheClassesLessOne()
    {
        // stride 3 of a kernel of 6 on 8 pixels: one position; the gradients of softmax cross-entropy sum to zero over the ten classes
        var course = Once.Value.First(one => one.Case.Group == "digits, stride, linear" && one.Case.Setting == 3);

        course.Bounds.Should().Equal(9, 9);
    }

    [Fact]
    public void Run_FiveSeeds_NoGradientExceedsItsBound()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            RankFindings.WithinBounds("digits", Measured(seed)).Holds.Should().BeTrue($"that is so for seed {seed}");
        }
    }

    [Fact]
    public void Judge_BoundOneTooLow_Fails()
    {
        var courses = Once.Value.Select(course => course with { Bounds = [.. course.Bounds.Select(bound => bound - 1)] }).ToList();

        ConvStride.Judge(courses).Verdicts[0].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    private static IReadOnlyList<RankCourse> Measured(ulong seed) =>
        ConvStride.Measure(Tiny, new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));
}
