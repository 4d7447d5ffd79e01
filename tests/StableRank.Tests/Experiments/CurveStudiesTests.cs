using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Tests.Experiments;

public sealed class CurveStudiesTests
{
    private static readonly CurveLength.Scope TinyCurve = new(32, 3, 200, 64, 3, 8, [8, 32], 8);
    private static readonly PhaseDiagram.Scope TinyPhase = new(48, 8, 4, 4);
    private static readonly CorrelationDepth.Scope TinyDepth = new(64, 6, 40, 2);

    [Fact]
    public void CurveLength_Tiny_HoldsAndFailsOnWrongPredictions()
    {
        var found = new CurveLength(TinyCurve).Measure(Context(1));
        var result = CurveLength.Judge(found);

        result.Verdicts.Should().HaveCount(4).And.OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Holds);
        result.Figures.Select(figure => figure.Name).Should().Equal("length", "curvature", "self-similarity");
        result.Tables.Should().OnlyContain(table => table.Rows.All(row => row.Count == table.Columns.Count));
        new CurveLength(TinyCurve).Measure(Context(1)).Relu[0].Run.Layers[^1].Length.Should().Be(found.Relu[0].Run.Layers[^1].Length);

        // as if a layer multiplied by s_1^2 r / n, without the half that ReLU takes; and as if curves did not bend
        var wrong = CurveLength.Judge(found with
        {
            Relu = [.. found.Relu.Select(set => set with
            {
                Exact = [.. set.Exact.Select(e => e with { LogSecondMoment = e.LogSecondMoment + e.Layer * Math.Log(2) })],
            })],
            Erf = [.. found.Erf.Select(set => set with
            {
                Limit = [.. set.Limit.Select(l => l with
                {
                    PreActivations = l.PreActivations with { AccelerationSquare = l.PreActivations.SpeedSquare },
                })],
            })],
            ReluWidths = found.ErfWidths,
        }).Verdicts;
        wrong[0].Outcome.Should().Be(VerdictOutcome.Fails);
        wrong[2].Outcome.Should().Be(VerdictOutcome.Mixed);
        wrong[2].Evidence.Should().Contain("✗ total curvature");
        wrong[3].Evidence.Should().StartWith("✗");
    }

    [Fact]
    public void PhaseDiagram_Tiny_HoldsAndFailsWhereTheLineIsElsewhere()
    {
        var found = new PhaseDiagram(TinyPhase).Measure(Context(1));
        var result = PhaseDiagram.Judge(found);

        result.Verdicts.Should().HaveCount(2).And.OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Holds);
        result.Tables.Should().OnlyContain(table => table.Rows.All(row => row.Count == table.Columns.Count));

        // a critical gain twice as great; and phases that no longer go by the gain
        var wrong = PhaseDiagram.Judge(found with { Points = [.. found.Points.Select(p => p with { Slope = p.Slope / 2 })] });
        wrong.Verdicts[0].Outcome.Should().NotBe(VerdictOutcome.Holds);
        PhaseDiagram.Judge(found with { Points = [.. found.Points.Select(p => p with { Growth = p.Norm - 1.8 })] })
            .Verdicts[1].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    [Fact]
    public void CorrelationDepth_Tiny_HoldsAndFailsOnAnotherLimit()
    {
        var found = new CorrelationDepth(TinyDepth).Measure(Context(1));
        var result = CorrelationDepth.Judge(found);

        result.Verdicts.Should().HaveCount(3).And.OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Holds);
        result.Tables.Should().OnlyContain(table => table.Rows.All(row => row.Count == table.Columns.Count));

        // the limit of a layer deeper; the two spectra exchanged
        var wrong = CorrelationDepth.Judge(found with
        {
            Paths = [.. found.Paths.Select(path => path with { Limit = [.. path.Limit.Skip(1), path.Limit[^1]] })],
        });
        wrong.Verdicts[0].Outcome.Should().Be(VerdictOutcome.Fails);
        CorrelationDepth.Judge(found with { Paths = [found.Paths[1], found.Paths[0], .. found.Paths.Skip(2)] })
            .Verdicts[2].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    private static ExperimentContext Context(ulong seed) => new(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None);
}
