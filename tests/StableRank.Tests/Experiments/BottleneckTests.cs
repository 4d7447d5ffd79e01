using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Tests.Experiments;

public sealed class BottleneckTests
{
    private static readonly Bottleneck.Scope Tiny = new(
        Width: 16, Narrow: 3, Samples: 100, DigitSamples: 100,
        new RankProtocol(Folds: 2, Seeds: 2, BatchSize: 32, Epochs: 10, Interval: 10));

    private static readonly Lazy<IReadOnlyList<RankCourse>> Once = new(() => Measured(1));

    [Fact]
    public void Run_Tiny_AllVerdictsHoldAndTheBoundsAreTheNarrowWidth()
    {
        var courses = Once.Value;
        var result = Bottleneck.Judge(courses, Tiny);

        courses.Should().HaveCount(2 * 2 * 4);
        foreach (var course in courses)
        {
            course.Gradients.Select(gradient => (gradient.Step, gradient.Weight)).Should().Equal(
                (0, 0), (0, 1), (0, 2), (0, 3), (10, 0), (10, 1), (10, 2), (10, 3));
            course.Bounds.Should().AllBeEquivalentTo((int)course.Case.Setting);
            course.LastLoss.Should().BeLessThan(course.FirstLoss);
        }

        result.Verdicts.Should().HaveCount(3).And.OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Holds);
        result.Figures.Should().ContainSingle().Which.Panels.Should().HaveCount(2);
        result.Tables[0].Rows.Should().HaveCount(4).And.OnlyContain(row => row.Count == result.Tables[0].Columns.Count);
    }

    [Fact]
    public void Run_TwentySeeds_NoVerdictCriesWolf()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            Bottleneck.Judge(Measured(seed), Tiny).Verdicts.Should().OnlyContain(
                verdict => verdict.Outcome == VerdictOutcome.Holds, $"that is so for seed {seed}");
        }
    }

    [Fact]
    public void Run_SameSeed_SameNumbers() => Measured(1).SelectMany(Singular).Should().Equal(Once.Value.SelectMany(Singular));

    [Fact]
    public void Judge_BoundOneTooLow_Fails()
    {
        var courses = Once.Value.Select(course => course with { Bounds = [.. course.Bounds.Select(bound => bound - 1)] }).ToList();

        Bottleneck.Judge(courses, Tiny).Verdicts[2].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    [Fact]
    public void Judge_NarrowAndWideExchanged_Fails()
    {
        var courses = Once.Value.Select(course => course with
        {
            Case = course.Case with { Setting = course.Case.Setting == 3 ? 16 : 3 },
        }).ToList();

        var verdicts = Bottleneck.Judge(courses, Tiny).Verdicts;

        verdicts[0].Outcome.Should().Be(VerdictOutcome.Fails);
        verdicts[1].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    private static IEnumerable<double> Singular(RankCourse course) =>
        course.Gradients.SelectMany(gradient => gradient.Measured.Spectrum);

    private static IReadOnlyList<RankCourse> Measured(ulong seed) =>
        Bottleneck.Measure(Tiny, new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));
}
