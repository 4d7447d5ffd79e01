using System.Globalization;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Replication;

namespace StableRank.Experiments.Studies;

/// <content>What the measurements say.</content>
internal sealed partial class MeanFieldPhases
{
    /// <summary>
    /// What finite widths may add to a deviation from the limit, in units of sum 1/p: the relative variance of a squared norm is 2 sum 1/p,
    /// and the mean of a smooth function of it is off by half its second derivative times that.
    /// </summary>
    private const double AllowancePerInverseRank = 2;

    /// <summary>What the measurements say, with nothing measured anew.</summary>
    internal static ExperimentResult Judge(Findings found) => new(
        [MapsFigure(found), DepthFigure(found), PhaseFigure(found), JacobianFigure(found)],
        [PhaseTable(found), FixedPointTable(found)],
        [MapVerdict(found), LineVerdict(found), PhaseVerdict(found), DepthVerdict(found), ProductVerdict(found), JacobianVerdict(found)],
        [
            "Mean-field values are limits of great participation ranks p; for flat spectra p is the stable rank up to rounding. The means "
                + "of the one-layer maps and the moments of linear products are exact at the widths shown.",
        ]);

    private static Verdict MapVerdict(Findings found) => Verdict.OnComparisons(
        "One layer of stable rank r maps lengths by q' = g E erf(√q z)^2 + σ_b^2 and covariances by g E erf(u) erf(v) + σ_b^2 with "
            + "g = s_1^2 r / n.",
        [.. found.Maps.SelectMany(m =>
            MapLengths.Select((q, i) => Comparison.Of($"q' at q = {q}, r = {F(m.StableRank, 1)}", m.Lengths[i], m.Map.Length(q)))
                .Concat(MapCorrelations.Select((c, i) => Comparison.Of(
                    $"covariance at c = {c}, r = {F(m.StableRank, 1)}", m.Covariances[i], m.Map.Covariance(m.Length, m.Length, c)))))]);

    private static Verdict LineVerdict(Findings found) => Verdict.OnComparisons(
        "On the predicted critical line χ_1 = 1: the critical stable rank is r = g_c(σ_b^2) n / s_1^2.",
        [.. found.Line.Select(m =>
        {
            var (rank, error) = CriticalRank(m);
            return new Comparison($"critical r at σ_b^2 = {m.BiasVariance}", rank, error, m.StableRank, (int)m.Slope.Count - 1);
        })]);

    private static Verdict PhaseVerdict(Findings found)
    {
        var bound = Comparison.Bound(found.Grid.Count, (int)found.Grid[0].Slope.Count - 1, Verdict.FalseAlarm);
        var decided = found.Grid.Where(m => Math.Abs(m.Slope.DeviationsFrom(1)) > bound).ToList();
        var wrong = decided.Where(m => m.Slope.Mean > 1 != m.Limit > 1).ToList();
        var both = decided.Any(m => m.Slope.Mean > 1) && decided.Any(m => m.Slope.Mean < 1);
        var counted = $"{decided.Count} of {found.Grid.Count} networks differ from χ_1 = 1 by more than {F(bound, 1)} standard errors";
        return Verdict.OnParts(
            "Below the critical stable rank networks are ordered, above it chaotic.",
            (wrong.Count == 0, wrong.Count == 0
                ? $"{counted}, all on the predicted side of the line"
                : $"{counted}, {wrong.Count} of them on the wrong side"),
            (both, $"{decided.Count(m => m.Slope.Mean < 1)} are ordered, {decided.Count(m => m.Slope.Mean > 1)} chaotic"));
    }

    private static Verdict DepthVerdict(Findings found)
    {
        var all = found.Depths.SelectMany(depth => depth.Trajectories.SelectMany(t => t.Limit.SelectMany((limit, l) => new[]
        {
            (What: $"q_l, r = {F(depth.StableRank, 1)}, layer {l + 1}", Estimate: t.Lengths[l], Limit: limit.LengthA, Scale: limit.LengthA,
                limit.RelativeSpread),
            (What: $"c_l, r = {F(depth.StableRank, 1)}, layer {l + 1}", Estimate: t.Correlations[l], Limit: limit.Correlation, Scale: 1.0,
                limit.RelativeSpread),
        }))).ToList();
        var bound = Comparison.Bound(all.Count, (int)all[0].Estimate.Count - 1, Verdict.FalseAlarm);
        var worst = all.MaxBy(one => Excess(one.Estimate, one.Limit, one.Scale, one.RelativeSpread));
        return Verdict.OnParts(
            "Through depth, lengths and correlations of pairs follow the maps at every stable rank, up to finite width.",
            (Excess(worst.Estimate, worst.Limit, worst.Scale, worst.RelativeSpread) <= 0, string.Create(CultureInfo.InvariantCulture,
                $"worst of {all.Count} comparisons: {worst.What}: {worst.Estimate.Mean:G4} ± {worst.Estimate.StandardError:G2} against "
                + $"{worst.Limit:G4}; allowed: {bound:0.0} standard errors and {AllowancePerInverseRank:0} Σ 1/p = "
                + $"{Allowance(worst.RelativeSpread):0.000} of the scale")));

        double Excess(Estimate estimate, double limit, double scale, double spread) =>
            Math.Abs(estimate.Mean - limit) - bound * estimate.StandardError - Allowance(spread) * scale;
    }

    /// <summary>2 sum 1/p from sqrt(2 sum 1/p).</summary>
    private static double Allowance(double relativeSpread) => AllowancePerInverseRank * relativeSpread * relativeSpread / 2;

    private static Verdict ProductVerdict(Findings found) => Verdict.OnComparisons(
        $"Products of up to {ProductDepth} linear layers of width {found.Scope.ProductWidth} have the participation rank that the exact "
            + "transfer matrices (4.9) give.",
        [.. found.Products.SelectMany(m => Enumerable.Range(0, ProductDepth).Where(m.IsTestable).SelectMany(l => new[]
        {
            Comparison.Of($"log p, r = {m.StableRank}, layer {l + 1}", m.Layers[l].LogParticipationRank,
                Math.Log(m.Exact[l].ParticipationRank)),
            Comparison.Of($"log E tr P^2, r = {m.StableRank}, layer {l + 1}", m.Layers[l].LogTraceOfSquare, m.Exact[l].LogTraceOfSquare),
        }))]);

    private static Verdict JacobianVerdict(Findings found)
    {
        var all = found.Jacobians.SelectMany(m => m.Limit.Select((limit, l) => (
            What: $"r = {m.StableRank}, layer {l + 1}",
            Measured: m.Layers[l].InverseParticipationRank,
            Limit: limit.InverseParticipationRank,
            Allowance: JacobianAllowance(l + 1, m.Width) * limit.InverseParticipationRank))).ToList();
        var bound = Comparison.Bound(all.Count, (int)all[0].Measured.Count - 1, Verdict.FalseAlarm);
        var worst = all.MaxBy(one => Math.Abs(one.Measured.Mean - one.Limit) - bound * one.Measured.StandardError - one.Allowance);
        var holds = Math.Abs(worst.Measured.Mean - worst.Limit) <= bound * worst.Measured.StandardError + worst.Allowance;
        return Verdict.OnParts(
            "The squared singular values of Jacobians spread as (4.8) says: each layer adds (n/p - 1) from its weights and "
                + "E φ'^4/(E φ'^2)^2 - 1 from its activation.",
            (holds, string.Create(CultureInfo.InvariantCulture,
                $"worst of {all.Count} comparisons: 1/p of the Jacobian at {worst.What}: {worst.Measured.Mean:G4} ± "
                + $"{worst.Measured.StandardError:G2} against {worst.Limit:G4}; allowed: {bound:0.0} standard errors and "
                + $"{worst.Allowance:G2} for the finite width")));
    }

    /// <summary>
    /// The relative correction of the limit at finite width: its order is the square of the number of layers over the width.
    /// </summary>
    private static double JacobianAllowance(int layers, int width) => (double)layers * layers / width;

    /// <summary>
    /// The stable rank at which chi_1 would be 1, from chi_1 measured near it and theory's slope; and its standard error.
    /// </summary>
    private static (double Rank, double StandardError) CriticalRank(PhaseMeasurement m)
    {
        const double h = 1e-4;
        var width = m.StableRank / (Critical(m.BiasVariance) / (SpectralNorm * SpectralNorm));
        double Slope(double rank) => new MeanFieldMap(Activation.Erf, Gain(rank / width), m.BiasVariance).Attractor().Slope;
        var slope = (Slope(m.StableRank * (1 + h)) - Slope(m.StableRank * (1 - h))) / (2 * h * m.StableRank);
        return (m.StableRank - (m.Slope.Mean - 1) / slope, m.Slope.StandardError / slope);
    }

    private static ResultTable PhaseTable(Findings found) => new(
        $"The critical line: networks of width {found.Scope.PhaseWidth}, s_1 = 2, {found.Scope.LineNetworks} each",
        ["σ_b^2", "critical g", "critical r", "χ_1 measured", "± se", "critical r measured", "± se"],
        [.. found.Line.Select(m =>
        {
            var (rank, error) = CriticalRank(m);
            return Row(
                $"{m.BiasVariance}", F(Critical(m.BiasVariance), 4), F(m.StableRank, 2), F(m.Slope.Mean, 4), F(m.Slope.StandardError, 4),
                F(rank, 2), F(error, 2));
        })]);

    private static ResultTable FixedPointTable(Findings found) => new(
        $"Fixed points at σ_b^2 = {BiasVariance}, width {found.Scope.Width}",
        ["r", "g", "phase", "q*", "χ_1", "c*", "ξ_q", "ξ_c"],
        [.. found.Maps.Select(m =>
        {
            var point = m.Map.Attractor();
            return Row(
                F(m.StableRank, 1), F(m.Map.Gain, 4), point.Phase.ToString().ToLowerInvariant(), F(point.Length, 6), F(point.Slope, 6),
                F(point.Correlation!.Value, 6), F(point.LengthDepthScale, 2),
                point.Phase == MeanFieldPhase.Critical ? "∞" : F(point.CorrelationDepthScale!.Value, 2));
        })]);

    private static IReadOnlyList<string> Row(params IReadOnlyList<string> cells) => cells;

    private static string F(double value, int digits) => value.ToString("F" + digits, CultureInfo.InvariantCulture);
}
