using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Networks;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <content>The verdicts.</content>
internal sealed partial class JacobianLaw
{
    /// <summary>A distance that falls like width^-1/2 becomes less than this part of itself over a doubling and a half.</summary>
    private const double FallOverRange = 0.75;

    /// <summary>Quantiles at which laws are told apart.</summary>
    private const int OtherPoints = 60;

    private static IReadOnlyList<Verdict> Verdicts(IReadOnlyList<Cell> cells) =>
        [FallVerdict(cells), OtherVerdict(cells), DimensionVerdict(cells), MeanVerdict(cells), RankVerdict(cells)];

    /// <summary>
    /// Means over the laws of an activation, since the distance of a single law is known to some tenths of itself in small runs; that each
    /// is the greatest of many distances makes all of them too great, the smaller ones the more.
    /// </summary>
    private static Verdict FallVerdict(IReadOnlyList<Cell> cells)
    {
        var groups = cells.GroupBy(cell => cell.Activation.Name).ToList();
        var bound = Comparison.Bound(groups.Count, (int)cells.Min(cell => cell.Distance.Count) - 1, Verdict.FalseAlarm);
        return Verdict.OnParts(
            "The distance of the measured distribution function from the predicted one falls with the width.",
            [.. groups.Select(group =>
            {
                var means = group.GroupBy(cell => cell.Width).OrderBy(width => width.Key).Select(width => (
                    Width: width.Key,
                    Mean: width.Average(cell => cell.Distance.Mean),
                    Error: Math.Sqrt(width.Sum(cell => cell.Distance.StandardError * cell.Distance.StandardError)) / width.Count()))
                    .ToList();
                var (first, last) = (means[0], means[^1]);
                var fall = (first.Mean - last.Mean) / Math.Sqrt((first.Error * first.Error) + (last.Error * last.Error));
                return (
                    last.Mean < FallOverRange * first.Mean && fall > bound,
                    $"{group.Key}, mean of {group.Select(cell => cell.Title).Distinct().Count()} laws: "
                    + string.Join(", ", means.Select(mean => $"{F(mean.Mean, 4)} ± {F(mean.Error, 4)} at n = {mean.Width}"))
                    + $", a fall of {F(fall, 1)} standard errors (bound {F(bound, 1)})");
            })]);
    }

    /// <summary>Beside the law of another family at the same stable rank and gain.</summary>
    private static Verdict OtherVerdict(IReadOnlyList<Cell> cells)
    {
        var width = cells.Max(cell => cell.Width);
        var widest = cells.Where(cell => cell.Width == width && cell.Activation == Activation.Tanh).ToList();
        return Verdict.OnParts(
            "It is the layers' whole spectra that count: families of one stable rank are told apart (tanh; with ReLU, in widths like "
                + "these, the random number of zeros moves the law as far as another family does).",
            [.. widest.Select(cell =>
            {
                var nearest = widest
                    .Where(other => other.Family != cell.Family && other.Share == cell.Share)
                    .Select(other => (
                        other.Family.Name,
                        Distance: cell.Above.KolmogorovDistance(x => ProbabilityAbove(other.Law, x), OtherPoints)))
                    .MinBy(other => other.Distance);
                return (
                    nearest.Distance > 3 * cell.DistanceAbove.Mean,
                    $"{cell.Title}, n = {width}: {F(cell.DistanceAbove.Mean, 4)}, the nearest other ({nearest.Name}) "
                    + $"{F(nearest.Distance, 4)}");
            })]);
    }

    /// <summary>Signs of a direction uniform on the sphere are independent, and so are layers: exact at any width.</summary>
    private static Verdict DimensionVerdict(IReadOnlyList<Cell> cells) => Verdict.OnComparisons(
        "The local dimension of a ReLU network is the least of its layers' ranks and numbers of active neurons.",
        [.. cells.Where(cell => cell.Activation == Activation.ReLU && cell.Ensemble.LocalDimension.StandardError > 0).Select(cell =>
            Comparison.Of($"{cell.Title}, n = {cell.Width}", cell.Ensemble.LocalDimension, ExpectedDimension(cell)))]);

    /// <summary>E min(rank, B_1, ..., B_L), B binomial(n, 1/2): the sum of P(B at least j)^L over j up to the rank.</summary>
    internal static double ExpectedDimension(Cell cell)
    {
        var rank = cell.Family == SpectralFamily.Flat ? (int)Math.Ceiling(cell.Share * cell.Width) : cell.Width;
        var binomial = new MathNet.Numerics.Distributions.Binomial(0.5, cell.Width);
        return Enumerable.Range(1, rank).Sum(j => Math.Pow(1 - binomial.CumulativeDistribution(j - 1), Depth));
    }

    private static Verdict MeanVerdict(IReadOnlyList<Cell> cells) => Verdict.OnComparisons(
        "The mean of the squared singular values is that of the prediction, exactly, at any width (4.5).",
        [.. cells.Where(cell => cell.Activation == Activation.ReLU).Select(cell => Comparison.Of(
            $"{cell.Title}, n = {cell.Width}",
            MeanOf(cell),
            cell.Law.Mean))]);

    private static Estimate MeanOf(Cell cell)
    {
        var means = cell.Ensemble.Spectra
            .Select(network => network.Average(s => s.Spectrum.Sum(value => value * value) / cell.Width)).ToList();
        var mean = means.Average();
        var error = Math.Sqrt(means.Sum(value => (value - mean) * (value - mean)) / (means.Count - 1.0) / means.Count);
        return new Estimate(mean, error, means.Count);
    }

    private static Verdict RankVerdict(IReadOnlyList<Cell> cells) => Verdict.OnParts(
        "The stable rank of the Jacobian is predicted to a tenth at the greatest width.",
        [.. ByLaw(cells).Select(law => law[^1]).Select(cell =>
        {
            var measured = cell.Ensemble.StableRank;
            var off = measured.Mean / cell.Law.StableRank - 1;
            return (
                Math.Abs(off) < 0.1 + 4 * measured.StandardError / measured.Mean,
                $"{cell.Title}, n = {cell.Width}: {F(measured.Mean, 2)} ± {F(measured.StandardError, 2)} against "
                + $"{F(cell.Law.StableRank, 2)}");
        })]);

    private static ResultTable DistanceTable(IReadOnlyList<Cell> cells) => new(
        "Laws and measurements",
        [
            "layers", "φ", "r/n", "n", "Kolmogorov distance", "above 0", "stable rank of J", "predicted", "participation rank", "predicted",
            "local dimension", "s_1", "predicted", "upper edge", "var log s",
        ],
        [.. cells.Select(cell => (IReadOnlyList<string>)
        [
            cell.Family.Name,
            cell.Activation.Name,
            F(cell.Share, 3),
            $"{cell.Width}",
            $"{F(cell.Distance.Mean, 4)} ± {F(cell.Distance.StandardError, 4)}",
            $"{F(cell.DistanceAbove.Mean, 4)} ± {F(cell.DistanceAbove.StandardError, 4)}",
            $"{F(cell.Ensemble.StableRank.Mean, 2)} ± {F(cell.Ensemble.StableRank.StandardError, 2)}",
            F(cell.Law.StableRank, 2),
            $"{F(cell.Ensemble.ParticipationRank.Mean, 2)} ± {F(cell.Ensemble.ParticipationRank.StandardError, 2)}",
            F(cell.Law.ParticipationRank, 2),
            F(cell.Ensemble.LocalDimension.Mean, 1),
            $"{F(cell.Ensemble.SpectralNorm.Mean, 2)} ± {F(cell.Ensemble.SpectralNorm.StandardError, 2)}",
            F(Math.Sqrt(cell.Law.TypicalGreatest), 2),
            F(Math.Sqrt(cell.Law.UpperEdge), 2),
            F(cell.Ensemble.LogVariance.Mean, 2),
        ])]);

    /// <summary>The cells of one law, by width.</summary>
    private static IReadOnlyList<IReadOnlyList<Cell>> ByLaw(IReadOnlyList<Cell> cells) =>
        [.. cells.GroupBy(cell => cell.Title).Select(group => (IReadOnlyList<Cell>)[.. group.OrderBy(cell => cell.Width)])];
}
