using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Tests.Experiments;

public sealed class TruncationTests
{
    private const int U1 = 0, V1 = 1, V3 = 5;

    private static readonly Truncation.Scope Tiny = new(
        Width: 24, Narrow: 2, Channels: 24, Outputs: 4, Longest: 6, Samples: 60, Lengths: [1, 2, 4, 6], OtherLengths: [1, 3, 6],
        CharacterText.Of("a text of the test", string.Concat(Enumerable.Repeat("Pack my box with five dozen liquor jugs. ", 12))),
        new RankProtocol(Folds: 1, Seeds: 1, BatchSize: 24, Epochs: 1, Interval: 1));

    private static readonly Lazy<IReadOnlyList<RankCourse>> Once = new(() => Measured(1));

    [Fact]
    public void Run_Tiny_ChunksKeepToTheirBoundsAndStatesThatRunOnDoNot()
    {
        var result = Truncation.Judge(Once.Value, Tiny);

        result.Verdicts.Select(verdict => verdict.Outcome).Should().Equal(
            VerdictOutcome.Holds, VerdictOutcome.Holds, VerdictOutcome.Mixed, VerdictOutcome.Mixed, VerdictOutcome.Holds);
        result.Verdicts[2].Evidence.Should().Contain("✗ V_3");
        result.Figures.Select(figure => figure.Name).Should().Equal("chunks", "beyond");
        result.Notes[0].Should().Contain("a text of the test");
    }

    [Fact]
    public void Run_Chunks_BoundsGrowByTwoAStep()
    {
        foreach (var course in Once.Value.Where(course => course.Case.Group == "sinusoids, chunks"))
        {
            var length = (int)course.Case.Setting;

            course.Bounds[U1].Should().Be(2 * length);
            course.Bounds[V1].Should().Be(2 * (length - 1));
            course.Bounds[V3].Should().Be(2 * (length - 1));
        }
    }

    [Fact]
    public void Run_FiveSeeds_NoGradientExceedsItsBound()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            Truncation.Judge(Measured(seed), Tiny).Verdicts[4].Outcome.Should().Be(VerdictOutcome.Holds, $"that is so for seed {seed}");
        }
    }

    [Fact]
    public void Judge_WindowsCalledChunks_LimitFails()
    {
        // V_3 of the windows has a rank of 2 (T - 1) already at one step
        var courses = Once.Value.Where(course => course.Case.Group != "sinusoids, chunks").Select(course => course with
        {
            Case = course.Case with { Group = course.Case.Group == "text, chunks" ? "sinusoids, chunks" : course.Case.Group },
        }).Concat(Once.Value.Where(course => course.Case.Group == "sinusoids, chunks, tanh").Select(course => course with
        {
            Case = course.Case with { Group = "text, chunks" },
        })).ToList();

        var verdicts = Truncation.Judge(courses, Tiny).Verdicts;

        verdicts[0].Outcome.Should().Be(VerdictOutcome.Mixed);
        verdicts[1].Outcome.Should().Be(VerdictOutcome.Mixed);
    }

    private static IReadOnlyList<RankCourse> Measured(ulong seed) =>
        Truncation.Measure(Tiny, new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));
}
