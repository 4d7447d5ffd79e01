using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Tests.Experiments;

public sealed class LeakyBottleneckTests
{
    private static readonly LeakyBottleneck.Scope Tiny = new(
        Width: 24, Narrow: 2, Samples: 100, DigitSamples: 100, FashionSamples: 0, Slopes: [0, 0.5, 0.99, 1],
        new RankProtocol(Folds: 2, Seeds: 1, BatchSize: 40, Epochs: 2, Interval: 2));

    [Fact]
    public void Run_FiveSeeds_NothingPassesAtSlopeOneAndNumericalRanksLeakBelow()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var courses = Measured(seed);
            var verdicts = LeakyBottleneck.Judge(courses, Tiny).Verdicts;

            verdicts[0].Outcome.Should().Be(VerdictOutcome.Holds, $"that is so for seed {seed}");
            verdicts[1].Outcome.Should().Be(VerdictOutcome.Fails, $"that is so for seed {seed}");
            verdicts[3].Outcome.Should().Be(VerdictOutcome.Holds, $"that is so for seed {seed}");
            foreach (var course in courses)
            {
                var outer = course.Case.Setting == 1 ? 2 : 24;
                course.Bounds.Should().Equal(outer, 2, 2, outer);
            }
        }
    }

    [Fact]
    public void Judge_SlopesMixedUp_SlopeOneFails()
    {
        var courses = Measured(1).Select(course => course with
        {
            Case = course.Case with { Setting = course.Case.Setting switch { 1 => 0, 0 => 1, var slope => slope } },
        }).ToList();

        LeakyBottleneck.Judge(courses, Tiny).Verdicts[0].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    private static IReadOnlyList<RankCourse> Measured(ulong seed) => LeakyBottleneck.Measure(
        Tiny, new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));
}
