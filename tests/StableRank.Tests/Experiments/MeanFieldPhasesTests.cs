using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;
using StableRank.Networks;
using StableRank.Propagation;

namespace StableRank.Tests.Experiments;

public sealed class MeanFieldPhasesTests
{
    private static readonly MeanFieldPhases.Scope Tiny = new(
        Width: 96, MapNetworks: 60, Depth: 5, DepthNetworks: 24, PhaseWidth: 64, PhaseDepth: 4, LineNetworks: 24, GridNetworks: 24,
        ProductWidth: 16, ProductNetworks: 400, JacobianWidth: 48, JacobianNetworks: 24);

    private static readonly Lazy<(MeanFieldPhases.Findings Found, ExperimentResult Result)> Once = new(() =>
    {
        var found = new MeanFieldPhases(Tiny).Measure(Context(1));
        return (found, MeanFieldPhases.Judge(found));
    });

    [Fact]
    public void Run_Tiny_AllVerdictsHoldAndEveryFigureHasItsPoints()
    {
        var result = Once.Value.Result;

        result.Verdicts.Should().HaveCount(6).And.OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Holds);
        result.Figures.Select(figure => figure.Name).Should().Equal("maps", "depth", "phases", "jacobians");
        result.Tables.Should().HaveCount(2).And.OnlyContain(table => table.Rows.All(row => row.Count == table.Columns.Count));
        result.Tables[1].Rows.Select(row => row[2]).Should().Equal("ordered", "critical", "chaotic");
    }

    [Fact]
    public void Run_SameSeed_SameNumbers()
    {
        var (again, first) = (new MeanFieldPhases(Tiny).Measure(Context(1)), Once.Value.Found);

        again.Grid.Select(m => m.Slope).Should().Equal(first.Grid.Select(m => m.Slope));
        again.Maps.SelectMany(m => m.Lengths).Should().Equal(first.Maps.SelectMany(m => m.Lengths));
        new MeanFieldPhases(Tiny).Measure(Context(2)).Grid[0].Slope.Should().NotBe(first.Grid[0].Slope);
    }

    [Fact]
    public void Judge_TheWrongGain_MapsAndDepthFail()
    {
        // as if the gain were s_1^2 r / (2 n), without the second half of the stable rank
        var found = Once.Value.Found;
        var verdicts = MeanFieldPhases.Judge(found with
        {
            Maps = [.. found.Maps.Select(m => m with { Map = new MeanFieldMap(Activation.Erf, m.Map.Gain / 2, m.Map.BiasVariance) })],
            Depths =
            [
                .. found.Depths.Select(d => d with
                {
                    Trajectories = [.. d.Trajectories.Select(
                        t => t with { Limit = [.. t.Limit.Select(l => l with { LengthA = l.LengthA / 2 })] })],
                }),
            ],
        }).Verdicts;

        verdicts[0].Outcome.Should().Be(VerdictOutcome.Fails);
        verdicts[3].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    [Fact]
    public void Judge_NetworksOnTheWrongSide_LineAndPhasesAreNotHeld()
    {
        var found = Once.Value.Found;
        static MeanFieldPhases.PhaseMeasurement Turned(MeanFieldPhases.PhaseMeasurement m) => m with { Limit = 2 - m.Limit };
        var verdicts = MeanFieldPhases.Judge(found with
        {
            Grid = [.. found.Grid.Select(Turned)],
            Line = [.. found.Line.Select(m => m with { Slope = m.Slope with { Mean = 1.4 * m.Slope.Mean } })],
        }).Verdicts;

        verdicts[1].Outcome.Should().Be(VerdictOutcome.Fails);
        verdicts[2].Outcome.Should().Be(VerdictOutcome.Mixed, "there still are both phases");
        verdicts[2].Evidence.Should().StartWith("✗");
    }

    [Fact]
    public void Judge_TheLimitInPlaceOfExactProducts_AndJacobiansWithoutTheirActivation_Fail()
    {
        var found = Once.Value.Found;
        var verdicts = MeanFieldPhases.Judge(found with
        {
            Products =
            [
                .. found.Products.Select(m => m with
                {
                    Exact = [.. m.Exact.Select((e, l) => e with { ParticipationRank = 1.3 * m.Limit[l].ParticipationRank })],
                }),
            ],
            Jacobians =
            [
                .. found.Jacobians.Select(m => m with
                {
                    Limit = [.. m.Limit.Select(l => l with { InverseParticipationRank = l.InverseParticipationRank / 2 })],
                }),
            ],
        }).Verdicts;

        verdicts[4].Outcome.Should().Be(VerdictOutcome.Fails);
        verdicts[5].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        var run = () => new MeanFieldPhases(Tiny)
            .Run(new ExperimentContext(1, ExperimentSize.Quick, new Progress<double>(), cancelled.Token));

        run.Should().Throw<OperationCanceledException>();
    }

    private static ExperimentContext Context(ulong seed) => new(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None);
}
