using System.Globalization;
using MathNet.Numerics.Distributions;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <content>What the measurements say.</content>
internal sealed partial class LinearRegions
{
    /// <summary>What the measurements say, with nothing measured anew.</summary>
    internal static ExperimentResult Judge(Findings found) => new(
        [SliceFigure(found), CountFigure(found), ScatterFigure(found)],
        [CountTable(found), SliceTable(found)],
        [
            ExactVerdict(found), GrowthVerdict(found), ScatterVerdict(found), BiasVerdict(found), StartVerdict(found),
            TrainingVerdict(found),
        ],
        [
            "Counts at several depths come from the same networks: their first hidden layer, first two, and so on. Ensembles share no "
                + "random numbers.",
            "The mean is exact for bias-free ReLU layers with Haar singular vectors and a second singular value above zero; Gaussian "
                + "weights are among them. At stable rank 1 all neurons of a layer change sign at one point, and the count is another.",
        ]);

    private static Verdict ExactVerdict(Findings found) => Verdict.OnComparisons(
        "Without biases the mean number of regions along a segment is 1 + N θ/π, whatever the spectrum, the stable rank and the depth.",
        [
            .. from cell in found.Cells
               where cell.Ensemble.BiasVariance == 0
               from depth in ShownDepths(found.Scope.Depth)
               select Comparison.Of(
                   $"{cell.Ensemble.Name}, n = {cell.Ensemble.Width}, {depth} layers", Mean(cell, depth),
                   found.Predicted(cell.Ensemble.Width, 0, depth)),
        ]);

    private static Verdict GrowthVerdict(Findings found) => Verdict.OnParts(
        "Without biases the number of regions grows like the width, at the lowest stable rank as at the highest.",
        [.. new[] { false, true }.Select(isHigh =>
        {
            var cells = found.Cells.Where(cell => cell.Ensemble.Family == SpectralFamily.Flat && cell.Ensemble.BiasVariance == 0
                    && cell.Ensemble.Rank == (isHigh ? cell.Ensemble.Width : found.Scope.Ranks[0]))
                .OrderBy(cell => cell.Ensemble.Width).ToList();
            var line = StraightLine.Through(
                [.. cells.Select(cell => Math.Log(cell.Ensemble.Width))],
                [.. cells.Select(cell => StraightLine.Log(Estimate(
                    cell.Networks.Select(network => network.ByLayer[found.Scope.Depth - 1] - 1.0))))],
                [.. cells.Select(_ => 1.0)]);
            var half = line.Slope.StandardError * Comparison.Bound(2, found.Scope.Networks - 1, Verdict.FalseAlarm);
            return (Math.Abs(line.Slope.Mean - 1) <= half, string.Create(CultureInfo.InvariantCulture,
                $"r = {(isHigh ? "n" : F(found.Scope.Ranks[0]))}: exponent {line.Slope.Mean:0.000} ± {half:0.000} over widths "
                + $"{string.Join(", ", cells.Select(cell => cell.Ensemble.Width))}"));
        })]);

    private static Verdict ScatterVerdict(Findings found) => Verdict.OnParts(
        "Without biases the scatter between networks falls as the stable rank rises.",
        [.. ShownDepths(found.Scope.Depth).Skip(1).Select(depth =>
        {
            var cells = Ladder(found, SpectralFamily.Flat, 0);
            var exact = found.Predicted(found.Scope.Width, 0, depth);
            var (exponent, low, high) = Bootstrap.Exponent(
                [.. cells.Select(cell => cell.Ensemble.Rank)],
                [.. cells.Select(cell => cell.Networks.Select(network => network.ByLayer[depth - 1] - exact).ToList())]);
            return (high < 0, string.Create(CultureInfo.InvariantCulture,
                $"{depth} layers: like r^{{{exponent:0.00}}}, 99.9 % interval of the exponent [{low:0.00}, {high:0.00}]; relative scatter "
                + $"{Scatter(found, cells[0], depth):0.000} at r = {cells[0].Ensemble.Rank}, {Scatter(found, cells[^1], depth):0.000} at "
                + $"r = {cells[^1].Ensemble.Rank}"));
        })]);

    private static Verdict BiasVerdict(Findings found)
    {
        var scope = found.Scope;
        var biases = scope.Biases.Where(bias => bias > 0).ToList();
        var bound = OneSided(biases.Count);
        return Verdict.OnParts(
            $"With biases deep networks of low stable rank have fewer regions in the mean: {scope.Depth} layers, r = {scope.Ranks[0]} "
            + $"against r = {scope.Ranks[^1]}.",
            [
                .. from bias in biases
                   let ladder = Ladder(found, SpectralFamily.Flat, bias)
                   let ratio = Ratio(Mean(ladder[0], scope.Depth), Mean(ladder[^1], scope.Depth))
                   select (ratio.Mean + (bound * ratio.StandardError) < 1, string.Create(CultureInfo.InvariantCulture,
                       $"σ_b^2 = {bias}: ratio {ratio.Mean:0.000} ± {ratio.StandardError:0.000} (one standard error; bound {bound:0.0} of "
                       + $"them)")),
            ]);
    }

    private static Verdict StartVerdict(Findings found)
    {
        var (low, high) = Ranks(found);
        var ratio = Difference(low, high, run => run.Before);
        var half = Half(ratio, Verdict.FalseAlarm);
        return Verdict.OnParts(
            $"At the start the plane through three digits has fewer regions at low stable rank, r = {low[0].Rank} against "
            + $"r = {high[0].Rank}.",
            (ratio.Mean + half < 0, $"ratio {Interval(ratio, half)} (geometric means over {low.Count} networks each)"));
    }

    private static Verdict TrainingVerdict(Findings found)
    {
        var (low, high) = Ranks(found);
        var ratio = Difference(low, high, run => (double)run.After / run.Before);
        var half = Half(ratio, Verdict.FalseAlarm);
        var after = Difference(low, high, run => run.After);
        return Verdict.OnParts(
            "Training multiplies that number by more where the stable rank was low at the start.",
            (ratio.Mean - half > 0, $"by {Factor(low)} against {Factor(high)}: ratio {Interval(ratio, half)}. Left after "
                + $"training: ratio of the numbers {Interval(after, Half(after, Verdict.FalseAlarm))}"));
    }

    private static (IReadOnlyList<SliceRun> Low, IReadOnlyList<SliceRun> High) Ranks(Findings found) =>
        ([.. found.Slices.Where(run => run.Rank == found.Scope.Slice.LowRank)],
            [.. found.Slices.Where(run => run.Rank == found.Scope.Slice.HighRank)]);

    /// <summary>Of the mean logarithms; the networks' weights are unlike in both, so they are no pairs.</summary>
    private static Estimate Difference(IReadOnlyList<SliceRun> low, IReadOnlyList<SliceRun> high, Func<SliceRun, double> value)
    {
        Estimate first = Estimate(low.Select(run => Math.Log(value(run)))), second = Estimate(high.Select(run => Math.Log(value(run))));
        return new Estimate(
            first.Mean - second.Mean, double.Hypot(first.StandardError, second.StandardError), Math.Min(first.Count, second.Count));
    }

    /// <summary>The geometric mean of the factors by which training changed the counts, with its 95 % interval.</summary>
    private static string Factor(IReadOnlyList<SliceRun> runs)
    {
        var change = Estimate(runs.Select(run => Math.Log((double)run.After / run.Before)));
        return Interval(change, Half(change, 0.05), "95 %");
    }

    /// <summary>Half of Student's interval, with the lesser sample's degrees of freedom.</summary>
    private static double Half(Estimate estimate, double falseAlarm) =>
        estimate.StandardError * StudentT.InvCDF(0, 1, estimate.Count - 1, 1 - (falseAlarm / 2));

    private static string Interval(Estimate logarithm, double half, string level = "99.9 %") => string.Create(CultureInfo.InvariantCulture,
        $"{Math.Exp(logarithm.Mean):0.00}, {level} [{Math.Exp(logarithm.Mean - half):0.00}, {Math.Exp(logarithm.Mean + half):0.00}]");

    private static Estimate Mean(Cell cell, int depth) => Estimate(cell.Networks.Select(network => (double)network.ByLayer[depth - 1]));

    /// <summary>The root mean square distance from the prediction, over it.</summary>
    private static double Scatter(Findings found, Cell cell, int depth)
    {
        var centre = found.Predicted(cell.Ensemble.Width, cell.Ensemble.BiasVariance, depth);
        return Math.Sqrt(cell.Networks.Average(network => Math.Pow(network.ByLayer[depth - 1] - centre, 2))) / centre;
    }

    /// <summary>Of independent means, to first order.</summary>
    private static Estimate Ratio(Estimate over, Estimate under)
    {
        var ratio = over.Mean / under.Mean;
        return new Estimate(
            ratio,
            ratio * double.Hypot(over.StandardError / over.Mean, under.StandardError / under.Mean),
            Math.Min(over.Count, under.Count));
    }

    private static Estimate Estimate(IEnumerable<double> values)
    {
        var all = values.ToList();
        var mean = all.Average();
        return new Estimate(mean, Math.Sqrt(all.Sum(one => (one - mean) * (one - mean)) / (all.Count - 1.0) / all.Count), all.Count);
    }

    /// <summary>The standard errors that any of so many true equalities falls below with a chance of at most one in a thousand.</summary>
    private static double OneSided(int count) => Normal.InvCDF(0, 1, 1 - (Verdict.FalseAlarm / count));
}
