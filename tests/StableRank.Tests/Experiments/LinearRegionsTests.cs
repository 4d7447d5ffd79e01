using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;
using StableRank.Spectra;

namespace StableRank.Tests.Experiments;

public sealed class LinearRegionsTests
{
    private static readonly LinearRegions.SliceScope TinySlice = new(
        Width: 8, Depth: 2, LowRank: 2, HighRank: 8, BiasVariance: 0.05, Epochs: 1, Rate: 0.05, Seeds: 3);

    private static readonly LinearRegions.Scope Tiny = new(
        Width: 8, Depth: 3, Ranks: [2, 8], Biases: [0, 0.5], Networks: 6, Widths: [4, 8], TinySlice);

    /// <summary>Layers so narrow that the share of patterns with fewer than two active neurons is seen.</summary>
    private static readonly LinearRegions.Scope Narrow = new(
        Width: 4, Depth: 3, Ranks: [2, 4], Biases: [0, 0.5], Networks: 1500, Widths: [3, 4], TinySlice with { Seeds = 2 });

    private static readonly Lazy<LinearRegions.Findings> Once = new(() => Measured(Tiny, 1));

    private static readonly Lazy<LinearRegions.Findings> OnceNarrow = new(() => Measured(Narrow, 1));

    [Fact]
    public void Run_Tiny_EveryEnsembleHasItsNetworksAndEveryFigureItsPanels()
    {
        var found = Once.Value;
        var result = LinearRegions.Judge(found);

        // flat 2 x 2, power-law of both ranks, Gaussian 2, width 4 with 2 ranks
        found.Cells.Should().HaveCount(4 + 2 + 2 + 2).And.OnlyContain(cell => cell.Networks.Count == 6);
        foreach (var network in found.Cells.SelectMany(cell => cell.Networks))
        {
            network.ByLayer.Should().HaveCount(3).And.BeInAscendingOrder();
            network.Pieces.Should().BeInRange(1, network.ByLayer[^1]);
        }

        found.Slices.Should().HaveCount(6).And.OnlyContain(run => run.PiecesBefore <= run.Before && run.PiecesAfter <= run.After);
        foreach (var run in found.Slices.Where(run => run.Pictures.Count > 0))
        {
            run.Pictures.Select(picture => picture.Tiles.Count).Should().Equal(run.Before, run.After);
        }

        result.Figures.Select(figure => (figure.Name, figure.Panels.Count)).Should().Equal(("slices", 4), ("counts", 2), ("scatter", 2));
        result.Verdicts.Should().HaveCount(6).And.OnlyContain(verdict => verdict.Evidence.Length > 0);
        result.Tables.Should().OnlyContain(table => table.Rows.Count > 0 && table.Rows.All(row => row.Count == table.Columns.Count));
    }

    [Fact]
    public void Judge_NarrowNetworksWithoutBiases_HaveTheExactMeanAtEveryRank()
    {
        for (ulong seed = 1; seed <= 4; seed++)
        {
            var verdict = LinearRegions.Judge(seed == 1 ? OnceNarrow.Value : Measured(Narrow with { Networks = 400 }, seed)).Verdicts[0];

            verdict.Outcome.Should().Be(VerdictOutcome.Holds, verdict.Evidence);
        }
    }

    [Fact]
    public void Predicted_WithoutTheFactorOfRelu_IsSeenToBeWrong()
    {
        var found = OnceNarrow.Value;
        var angle = Math.Acos(found.Ab / Math.Sqrt(found.Aa * found.Bb));
        var counts = found.Cells
            .Single(cell => cell.Ensemble.Family == SpectralFamily.Flat && cell.Ensemble is { Rank: 4, Width: 4, BiasVariance: 0 })
            .Networks.Select(network => (double)network.ByLayer[2]).ToList();
        var error = Math.Sqrt(counts.Sum(one => Math.Pow(one - counts.Average(), 2)) / counts.Count / (counts.Count - 1));

        // of the 16 patterns of 4 neurons 11 have at least two active
        found.Predicted(4, 0, 3).Should().BeApproximately(1 + (4 * angle / Math.PI * (1 + (11 / 16.0) + (121 / 256.0))), 1e-12);
        ((1 + (12 * angle / Math.PI) - counts.Average()) / error).Should().BeGreaterThan(Comparison.Bound(1, 1499, 1e-6));
    }

    [Fact]
    public void Model_WiderThanItsInputs_HasTheStableRankInEveryHiddenLayer()
    {
        double[] Ranks(double rank) => [.. new LinearRegions.Ensemble(SpectralFamily.Flat, rank, 8, 0).Model(4, 3).Layers.SkipLast(1)
            .Select(layer => layer.Weights.Moments.ParticipationRank)];

        // those of a flat spectrum of whole r are r
        Ranks(2).Should().OnlyContain(rank => Math.Abs(rank - 2) < 1e-12);
        Ranks(8).Zip([4.0, 8.0, 8.0]).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-12);
    }

    [Fact]
    public void Predicted_WithGreatBiases_IsThatOfParallelInputs() =>
        Once.Value.Predicted(8, 1e12, 3).Should().BeApproximately(1, 1e-4);

    [Fact]
    public void Judge_CountsThatFollowTheRank_AreTold()
    {
        var found = OnceNarrow.Value with
        {
            Cells =
            [
                .. OnceNarrow.Value.Cells.Select(cell => cell with
                {
                    Networks = [.. cell.Networks.Select(network => network with
                    {
                        ByLayer = [.. network.ByLayer.Select(count => cell.Ensemble.Rank > 2 ? count + 1 : count)],
                    })],
                }),
            ],
        };

        LinearRegions.Judge(found).Verdicts[0].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    [Theory]
    [InlineData(2, 6, nameof(VerdictOutcome.Holds), nameof(VerdictOutcome.Holds))]
    [InlineData(2, 2, nameof(VerdictOutcome.Holds), nameof(VerdictOutcome.Fails))]
    [InlineData(1, 1, nameof(VerdictOutcome.Fails), nameof(VerdictOutcome.Fails))]
    public void Judge_PlantedSlices_AreTold(int fewer, int factor, string start, string training)
    {
        var slices = Enumerable.Range(0, 20).SelectMany(i => new[]
        {
            new LinearRegions.SliceRun(2, (1000 + i) / fewer, factor * (1000 - i) / fewer, 1, 1, 1, []),
            new LinearRegions.SliceRun(8, 1000 - i, 2 * (1000 + i), 1, 1, 1, []),
        });
        var verdicts = LinearRegions.Judge(Once.Value with { Slices = [.. slices] }).Verdicts;

        verdicts[4].Outcome.ToString().Should().Be(start);
        verdicts[5].Outcome.ToString().Should().Be(training);
    }

    [Fact]
    public void Measure_SameSeed_SameCounts_OtherSeed_Others()
    {
        static IEnumerable<int> Counts(LinearRegions.Findings found) =>
            found.Cells.SelectMany(cell => cell.Networks).SelectMany(network => network.ByLayer)
                .Concat(found.Slices.Select(run => run.After));

        Counts(Measured(Tiny, 1)).Should().Equal(Counts(Once.Value));
        Counts(Measured(Tiny, 2)).Should().NotEqual(Counts(Once.Value));
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        FluentActions.Invoking(() => new LinearRegions(Tiny).Run(
                new ExperimentContext(1, ExperimentSize.Quick, new Progress<double>(), cancelled.Token)))
            .Should().Throw<OperationCanceledException>();
    }

    private static LinearRegions.Findings Measured(LinearRegions.Scope scope, ulong seed) => LinearRegions.Measure(
        scope, new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));
}
