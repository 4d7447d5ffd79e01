using MathNet.Numerics.LinearAlgebra;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;
using StableRank.Spectra;

namespace StableRank.Tests.Experiments;

public sealed class LazyTrainingTests
{
    private static readonly LazyTraining.Scope Tiny = new(
        [
            Initialisation.He, new Initialisation(SpectralFamily.Flat, 1 / 8.0, HeldScale.Variance),
            new Initialisation(SpectralFamily.Flat, 1, HeldScale.Variance),
        ],
        Widths: [32, 64], Depth: 2, Samples: 12, TestSamples: 10, Share: 0.2, Steps: 10, Seeds: 3);

    private static readonly Lazy<IReadOnlyList<LazyTraining.Cell>> Once = new(() => Measured(1));

    [Fact]
    public void Run_Tiny_EveryStartHasItsRunsAndEveryFigureItsPanels()
    {
        var cells = Once.Value;
        var result = LazyTraining.Judge(cells, Tiny);

        cells.Should().HaveCount(2 * 3 * 2).And.OnlyContain(cell => cell.Runs.Count == 3);
        cells.SelectMany(cell => cell.Runs).Should().OnlyContain(run =>
            run.Error > 0 && run.Drift > 0 && run.Alignment <= 1 && run.Marks[0].Distance < 1e-12
            && run.Marks.Select(mark => mark.Step).SequenceEqual(new[] { 0, 1, 2, 3, 4, 6, 8, 10 }));
        result.Figures.Select(figure => figure.Name).Should().Equal("loss", "width", "rates");
        result.Figures.Should().OnlyContain(figure => figure.Panels.Count == 4);
        result.Verdicts.Should().HaveCount(7).And.OnlyContain(verdict => verdict.Evidence.Length > 0);
        result.Tables.Should().ContainSingle().Which.Rows.Should().HaveCount(cells.Count);
    }

    [Fact]
    public void Run_SameSeed_SameNumbers_OtherSeed_Others()
    {
        static IEnumerable<double> Numbers(IReadOnlyList<LazyTraining.Cell> cells) =>
            cells.SelectMany(cell => cell.Runs).SelectMany(run => new[] { run.Error, run.Drift });

        Numbers(Measured(1)).Should().Equal(Numbers(Once.Value));
        Numbers(Measured(2)).Should().NotEqual(Numbers(Once.Value));
    }

    [Theory]
    [InlineData(-1.0, nameof(VerdictOutcome.Holds), nameof(VerdictOutcome.Holds))]
    [InlineData(-0.5, nameof(VerdictOutcome.Holds), nameof(VerdictOutcome.Fails))]
    [InlineData(-0.25, nameof(VerdictOutcome.Fails), nameof(VerdictOutcome.Fails))]
    [InlineData(0.0, nameof(VerdictOutcome.Fails), nameof(VerdictOutcome.Fails))]
    public void Judge_PlantedExponent_IsToldFromTheBoundAndTheOrder(double exponent, string bound, string order)
    {
        var verdicts = LazyTraining.Judge(Planted(exponent, _ => 1, 0), Tiny).Verdicts;

        verdicts[0].Outcome.ToString().Should().Be(bound);
        verdicts[1].Outcome.ToString().Should().Be(bound);
        verdicts[2].Outcome.ToString().Should().Be(order);
    }

    [Theory]
    [InlineData(2.0, nameof(VerdictOutcome.Holds))]
    [InlineData(1.0, nameof(VerdictOutcome.Fails))]
    [InlineData(0.5, nameof(VerdictOutcome.Fails))]
    public void Judge_PlantedDriftAtLowRank_IsSeen(double factor, string expected) =>
        LazyTraining.Judge(Planted(-1, start => start.Fraction < 1 ? factor : 1, 0), Tiny).Verdicts[3]
            .Outcome.ToString().Should().Be(expected);

    [Theory]
    [InlineData(0.0, nameof(VerdictOutcome.Holds))]
    [InlineData(-0.3, nameof(VerdictOutcome.Fails))]
    public void Judge_PlantedRates_AreToldFromThePrediction(double shift, string expected) =>
        LazyTraining.Judge(Planted(-1, _ => 1, shift), Tiny).Verdicts[4].Outcome.ToString().Should().Be(expected);

    [Fact]
    public void EigenDirections_OfALinearModel_HaveNoRateErrors_OfAnother_HaveTheirs()
    {
        // residuals that a constant kernel of two outputs makes, step by step
        var root = Matrix<double>.Build.Dense(8, 8, (i, j) => Math.Cos((3 * i) + (j * j)) + (i == j ? 1 : 0));
        var kernel = root.TransposeAndMultiply(root);
        var residual = Vector<double>.Build.Dense(8, i => Math.Sin(i + 1));
        var rate = 0.4 * 4 / EigenDirections.OfBlocks(kernel, 2, 1).Largest;
        var residuals = new List<double[]> { residual.ToArray() };
        for (var step = 0; step < 60; step++)
        {
            residual -= rate / 4 * kernel * residual;
            residuals.Add(residual.ToArray());
        }

        EigenDirections.OfBlocks(kernel, 2, 3).RateErrors(residuals, rate, 4, 3).Should().OnlyContain(error => Math.Abs(error) < 1e-10);
        EigenDirections.OfBlocks(0.9 * kernel, 2, 3).RateErrors(residuals, rate, 4, 3).Should().OnlyContain(error => error > 0.1);
    }

    [Fact]
    public void EigenDirections_OfASharedKernel_AreThoseOfItsBlocks()
    {
        var shared = Matrix<double>.Build.Dense(4, 4, (i, j) => 1.0 / (1 + Math.Abs(i - j)));
        var blocks = shared.KroneckerProduct(Matrix<double>.Build.DenseIdentity(2));
        var residuals = Enumerable.Range(0, 5)
            .Select(step => Enumerable.Range(0, 8).Select(i => Math.Exp(-0.2 * step * (i + 1)) * Math.Cos(i)).ToArray()).ToList();

        var errors = EigenDirections.OfShared(shared, 2, 4).RateErrors(residuals, 0.3, 4, 4);

        errors.Zip(EigenDirections.OfBlocks(blocks, 2, 4).RateErrors(residuals, 0.3, 4, 4))
            .Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-10);
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        var run = () => new LazyTraining(Tiny).Run(new ExperimentContext(1, ExperimentSize.Quick, new Progress<double>(), cancelled.Token));

        run.Should().Throw<OperationCanceledException>();
    }

    private static IReadOnlyList<LazyTraining.Cell> Measured(ulong seed) => LazyTraining.Measure(
        Tiny, new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));

    /// <summary>Eight networks each, a per cent or two apart, of error and drift width^exponent.</summary>
    private static IReadOnlyList<LazyTraining.Cell> Planted(double exponent, Func<Initialisation, double> factor, double shift)
    {
        int[] widths = [64, 128, 256];
        var index = 0;
        return
        [
            .. from task in new[] { "one", "other" }
               from start in Tiny.Starts
               from width in widths
               select new LazyTraining.Cell(task, start, width, 8, Runs(start, width, index++)),
        ];

        IReadOnlyList<LazyRun> Runs(Initialisation start, int width, int shiftOf) => [.. Enumerable.Range(0, 8).Select(j =>
        {
            // noise that no cell shares with another, of mean near zero
            var noise = (j % 2 == 0 ? 1 : -1) * (1 + ((shiftOf + (j / 2)) % 3)) / 100.0;
            var size = factor(start) * Math.Pow(width, exponent) * (1 + noise);
            var rates = Enumerable.Repeat(shift + noise, LazyRun.Directions).ToArray();
            return new LazyRun(
                size, size, 1, rates, rates, [new LazyRun.Mark(0, 1, 1, 1, 1, 0), new LazyRun.Mark(1, 0.5, 0.6, 0.5, 0.6, 0.01)]);
        })];
    }
}
