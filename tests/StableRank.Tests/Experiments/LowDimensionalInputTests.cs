using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Tests.Experiments;

public sealed class LowDimensionalInputTests
{
    private static readonly LowDimensionalInput.Scope Tiny = new(
        Width: 24, Dimensions: 4, Samples: 100, DigitSamples: 100,
        new RankProtocol(Folds: 2, Seeds: 1, BatchSize: 40, Epochs: 2, Interval: 2));

    [Fact]
    public void Run_FiveSeeds_LinearNetsKeepToTheDimensionsAndReluNetsInTheFirstLayerOnly()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var courses = Measured(seed);
            var result = LowDimensionalInput.Judge(courses, Tiny);

            result.Verdicts.Select(verdict => verdict.Outcome).Should().Equal(
                [VerdictOutcome.Holds, VerdictOutcome.Holds, VerdictOutcome.Fails, VerdictOutcome.Holds], $"that is so for seed {seed}");
            foreach (var course in courses)
            {
                var above = course.Case.Group.EndsWith("linear", StringComparison.Ordinal) ? 4 : 24;
                course.Bounds.Should().Equal(4, above, above, above);
            }

            result.Figures[0].Panels.Should().HaveCount(2);
        }
    }

    [Fact]
    public void Judge_DataOfOneDimensionMoreThanClaimed_Fails()
    {
        var courses = Measured(1);

        LowDimensionalInput.Judge(courses, Tiny with { Dimensions = 3 }).Verdicts[0].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    private static IReadOnlyList<RankCourse> Measured(ulong seed) => LowDimensionalInput.Measure(
        Tiny, new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));
}
