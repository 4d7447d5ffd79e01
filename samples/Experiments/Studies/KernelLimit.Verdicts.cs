using System.Globalization;
using MathNet.Numerics.Distributions;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Kernels;

namespace StableRank.Experiments.Studies;

/// <content>What the measurements say.</content>
internal sealed partial class KernelLimit
{
    private const double Rate = -0.5;

    /// <summary>Deviations beyond this many standard errors are counted.</summary>
    private const double Counted = 4;

    /// <summary>What the measurements say, with nothing measured anew.</summary>
    internal static ExperimentResult Judge(Findings found) => new(
        [DeviationFigure(found), MeanFigure(found)],
        [SingleTable(found), MeanTable(found)],
        [
            RateVerdict(found), NoRateVerdict(found), SpreadVerdict(found),
            MeanVerdict(found, tangent: true), MeanVerdict(found, tangent: false),
        ],
        [
            "The mean of a kernel at finite width is the limit up to corrections of order L/p but for the diagonals of bias-free ReLU "
                + "networks, where it is the limit exactly (4.4), (4.5). With many more networks than p / L the corrections would show. "
                + "The diagonal of an NNGP kernel is a mean of squares and a little skewed: its deviations reach somewhat farther below "
                + "zero.",
        ]);

    private static Verdict RateVerdict(Findings found) => Verdict.OnParts(
        "At a fixed ratio r/k the kernel of one network approaches the limit like 1/√n.",
        [.. found.Curves.Where(curve => curve.Share is not null).Select(curve =>
        {
            var (exponent, low, high) = Exponent(curve);
            var missed = Math.Max(low - Rate, Rate - high);
            var where = missed <= 0 ? "contains -1/2" : $"misses -1/2 by {F(missed, 3)}";
            return (missed <= 0, string.Create(CultureInfo.InvariantCulture,
                $"{curve.Name}: exponent {exponent:0.000}, 99.9 % interval [{low:0.000}, {high:0.000}], which {where} "
                + $"(the predicted spread has {PredictedExponent(curve):0.000} over these widths)"));
        })]);

    /// <summary>The predicted spread holds for Θ to a factor only, so its exponent is told and not tested.</summary>
    private static Verdict NoRateVerdict(Findings found) => Verdict.OnParts(
        "Where the participation rank stays fixed there is no convergence: the exponent is about 0, nearer to it than to -1/2.",
        [.. found.Curves.Where(curve => curve.Share is null).Select(curve =>
        {
            var (exponent, low, high) = Exponent(curve);
            var predicted = PredictedExponent(curve);
            var (first, last) = (curve.Points[0], curve.Points[^1]);
            return (low > Rate && Math.Abs(exponent) < -Rate / 2, string.Create(CultureInfo.InvariantCulture,
                $"{curve.Name}: exponent {exponent:+0.000;-0.000}, 99.9 % interval [{low:+0.000;-0.000}, {high:+0.000;-0.000}], predicted "
                + $"{predicted:+0.000;-0.000}; participation rank {first.ParticipationRank:0.0} and deviation {first.Rms:0.000} at "
                + $"n = {first.Width}, {last.ParticipationRank:0.0} and {last.Rms:0.000} at n = {last.Width}"));
        })]);

    private static Verdict SpreadVerdict(Findings found)
    {
        // the prediction is exact for the norms of signals behind each layer; Θ is a sum of products of such norms, forward and backward
        const double Factor = 2;
        return Verdict.OnParts(
            $"The predicted spread (5.5) is the deviation of one network to a factor of {Factor:0}.",
            [.. found.Curves.Select(curve =>
            {
                var ratios = curve.Points.Select(point => point.Rms / point.Predicted).ToList();
                return (ratios.All(ratio => ratio is >= 1 / Factor and <= Factor), string.Create(CultureInfo.InvariantCulture,
                    $"{curve.Name}: measured over predicted {ratios.Min():0.00} to {ratios.Max():0.00}"));
            })]);
    }

    private static Verdict MeanVerdict(Findings found, bool tangent)
    {
        var degrees = found.Scope.MeanNetworks - 1;
        var chance = 2 * (1 - StudentT.CDF(0, 1, degrees, Counted));
        return Verdict.OnParts(
            (tangent ? "Mean tangent kernels" : "Mean NNGP kernels")
                + $" over networks of width {found.Scope.MeanWidth} agree with the limit entry by entry, for every activation, depth and "
                + "rank.",
            [.. found.Sets.GroupBy(set => set.Activation).Select(group =>
            {
                var deviations = group.Select(set => set.Deviations(tangent).ToList()).ToList();
                var (all, sets) = (deviations.Sum(one => one.Count), deviations.Count);
                var outside = deviations.Sum(one => one.Count(d => !(Math.Abs(d) <= Counted)));
                var strange = deviations.Count(one => one.Any(d => !(Math.Abs(d) <= Counted)));
                var allowed = Allowed(sets, Math.Min(1, deviations[0].Count * chance));
                var worst = deviations.SelectMany(one => one).MaxBy(d => double.IsNaN(d) ? double.PositiveInfinity : Math.Abs(d));
                return (strange <= allowed, string.Create(CultureInfo.InvariantCulture,
                    $"{group.Key}: {all - outside} of {all} entries within {Counted:0} standard errors, {outside} outside where Student's "
                    + $"t ({degrees} degrees) expects {all * chance:0.0}, in {strange} of {sets} sets of networks (allowed {allowed}); "
                    + $"worst {worst:+0.00;-0.00}"));
            })]);
    }

    /// <summary>
    /// The number of sets with an entry outside that all but 0.1 % of true limits stay at or below: sets are independent, and each has one
    /// with at most the given chance.
    /// </summary>
    private static int Allowed(int sets, double chance)
    {
        var count = 0;
        while (count < sets && Binomial.CDF(chance, sets, count) < 1 - Verdict.FalseAlarm)
        {
            count++;
        }

        return count;
    }

    private static (double Exponent, double Low, double High) Exponent(Curve curve) =>
        Bootstrap.Exponent([.. curve.Points.Select(point => (double)point.Width)], [.. curve.Points.Select(point => point.Deviations)]);

    private static double PredictedExponent(Curve curve) => Bootstrap.Exponent(
        [.. curve.Points.Select(point => (double)point.Width)], [.. curve.Points.Select(point => (double[])[point.Predicted])]).Exponent;

    private static ResultTable SingleTable(Findings found) => new(
        "Single networks: root mean square of ‖Θ - Θ_∞‖_F / ‖Θ_∞‖_F",
        ["ranks", "n", "r", "p", "networks", "deviation", "± se", "predicted spread"],
        [.. found.Curves.SelectMany(curve => curve.Points.Select(point => Row(
            curve.Name, $"{point.Width}", F(point.StableRank, 0), F(point.ParticipationRank, 1), $"{point.Deviations.Count}",
            F(point.Rms, 4), F(point.StandardError, 4), F(point.Predicted, 4))))]);

    private static ResultTable MeanTable(Findings found) => new(
        $"Means over {found.Scope.MeanNetworks} networks of width {found.Scope.MeanWidth}",
        ["φ", "hidden layers", "r/k", "‖mean Θ - Θ_∞‖ / ‖Θ_∞‖", "predicted spread / √networks",
            "greatest |deviation| of Θ, in se", "of the NNGP"],
        [.. found.Sets.Select(set => Row(
            set.Activation, $"{set.Depth}", FractionName(set.Share),
            F(KernelComparison.RelativeDistance(set.Ntk.Mean, set.Limit.Ntk), 4),
            F(set.Limit.RelativeSpread / Math.Sqrt(set.Ntk.Count), 4),
            F(set.Deviations(true).Max(Math.Abs), 2), F(set.Deviations(false).Max(Math.Abs), 2)))]);

    private static IReadOnlyList<string> Row(params IReadOnlyList<string> cells) => cells;

    private static string FractionName(double share) => share switch { 1 => "1", 0.5 => "1/2", 0.125 => "1/8", _ => F(share, 3) };

    private static string F(double value, int digits) => value.ToString("F" + digits, CultureInfo.InvariantCulture);
}
