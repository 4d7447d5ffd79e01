using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Kernels;
using StableRank.Replication;

namespace StableRank.Experiments.Studies;

/// <content>What the measurements say.</content>
internal sealed partial class KernelFactors
{
    /// <summary>
    /// What finite widths may add off the diagonal, in units of the diagonal times sum 1/p. A correlation c scatters behind a layer with
    /// the variance (1 - c^2)^2 / p, the second derivative of ReLU's normalised dual is 1 / (π sqrt(1 - c^2)) and its first at most 1: to
    /// leading order K is off by at most 1/(2π) of that unit. Three times as much, for the next order and for Θ.
    /// </summary>
    private const double AllowancePerInverseRank = 0.5;

    /// <summary>What the measurements say, with nothing measured anew.</summary>
    internal static ExperimentResult Judge(Findings found)
    {
        var cells = found.Varied.Select(v => v.Cell).Concat(found.Deep.Select(d => d.Cell)).ToList();
        var hollow = cells.Count(cell => !cell.Testable);
        return new ExperimentResult(
            [OneLayerFigure(found), AllLayersFigure(found)],
            [LineTable(found), SlopeTable(found)],
            [
                ProportionalVerdict(found, "K(x, x)", v => v.Cell.Nngp, v => v.Cell.Limit.Nngp),
                ProportionalVerdict(found, "Θ(x, x) in the parameterisation 'ntk'", v => v.Cell.Ntk, v => v.Cell.Limit.Ntk),
                AffineVerdict(found), PairVerdict(found), DepthVerdict(found),
            ],
            hollow == 0
                ? []
                : [$"Of {cells.Count} means {hollow} are hollow: by the exact moments their tails are too heavy for that many networks. "
                    + "They are shown and not tested."]);
    }

    private static Verdict ProportionalVerdict(
        Findings found, string what, Func<Varied, KernelEstimate> measured, Func<Varied, Matrix<double>> exact) => Verdict.OnParts(
        $"{what} is proportional to every layer's stable rank, exactly at these widths.",
        Verdict.Agreement([.. Diagonal(found, measured, exact)]),
        Verdict.Agreement([.. ByLayer(found).SelectMany(layer => Lines(layer, measured, exact).Select((line, i) =>
            Comparison.Of($"value at r = 0 by the straight line, layer {layer[0].Layer}, input {i + 1}", line.Intercept, 0)))]),
        Verdict.Agreement([.. ByLayer(found).SelectMany(layer => Lines(layer, measured, exact).Select((line, i) => Comparison.Of(
            $"factor, layer {layer[0].Layer}, input {i + 1}", line.Slope, exact(layer[^1])[i, i] / layer[^1].StableRank)))]));

    private static Verdict AffineVerdict(Findings found)
    {
        var lines = ByLayer(found).SelectMany(layer => Lines(layer, v => v.Standard, v => v.StandardLimit)
            .Select((line, i) => (Layer: layer[0], Input: i, Line: line))).ToList();
        var bound = Comparison.Bound(lines.Count, found.Scope.Networks - 1, Verdict.FalseAlarm);
        var nearest = lines.MinBy(one => one.Line.Intercept.DeviationsFrom(0));
        return Verdict.OnParts(
            "In the parameterisation 'standard' Θ(x, x) is a straight line in every layer's stable rank, which meets r = 0 at the term of "
                + "the layer itself, exactly at these widths.",
            Verdict.Agreement([.. Diagonal(found, v => v.Standard, v => v.StandardLimit)]),
            Verdict.Agreement([.. lines.Select(one => Comparison.Of(
                $"value at r = 0, layer {one.Layer.Layer}, input {one.Input + 1}", one.Line.Intercept, one.Layer.OwnTerm))]),
            (nearest.Line.Intercept.DeviationsFrom(0) > bound, string.Create(CultureInfo.InvariantCulture,
                $"no line goes through zero: the nearest, of layer {nearest.Layer.Layer}, misses it by "
                + $"{nearest.Line.Intercept.DeviationsFrom(0):0.0} standard errors; bound {bound:0.00}")));
    }

    private static Verdict PairVerdict(Findings found)
    {
        var all = Testable(found).SelectMany(v => new[]
        {
            (What: $"K, layer {v.Layer}, r = {F(v.StableRank, 0)}", Estimate: v.Cell.Nngp.At(0, 1), Limit: v.Cell.Limit.Nngp[0, 1],
                Allowance: PairAllowance(v, v.Cell.Limit.Nngp)),
            (What: $"Θ, layer {v.Layer}, r = {F(v.StableRank, 0)}", Estimate: v.Cell.Ntk.At(0, 1), Limit: v.Cell.Limit.Ntk[0, 1],
                Allowance: PairAllowance(v, v.Cell.Limit.Ntk)),
        }).ToList();
        var bound = Comparison.Bound(all.Count, found.Scope.Networks - 1, Verdict.FalseAlarm);
        var worst = all.MaxBy(one => Excess(one.Estimate, one.Limit, one.Allowance));
        return Verdict.OnParts(
            "Off the diagonal the kernels follow the limit, in which stable ranks are factors, up to finite width.",
            (Excess(worst.Estimate, worst.Limit, worst.Allowance) <= 0, string.Create(CultureInfo.InvariantCulture,
                $"worst of {all.Count} comparisons: {worst.What}: {worst.Estimate.Mean:G4} ± {worst.Estimate.StandardError:G2} against "
                + $"{worst.Limit:G4}; allowed: {bound:0.0} standard errors and Σ 1/(2p) of the diagonal, {worst.Allowance:G3}")));

        double Excess(Estimate estimate, double limit, double allowance) =>
            Math.Abs(estimate.Mean - limit) - (bound * estimate.StandardError) - allowance;
    }

    private static double PairAllowance(Varied v, Matrix<double> limit) =>
        AllowancePerInverseRank * v.Cell.InverseRanks * Math.Sqrt(limit[0, 0] * limit[1, 1]);

    private static Verdict DepthVerdict(Findings found)
    {
        var slopes = SlopesOverDepth(found);
        return Verdict.OnParts(
            "All stable ranks together act exponentially in depth: log K and log(Θ/L) are straight lines in L of slope log(g/2).",
            Verdict.Agreement([.. slopes.Select(one => Comparison.Of(
                $"slope of log K, r/n = {one.Share}, input {one.Input + 1}", one.Nngp.Slope, one.Exact))]),
            Verdict.Agreement([.. slopes.Select(one => Comparison.Of(
                $"slope of log(Θ/L), r/n = {one.Share}, input {one.Input + 1}", one.PerLayer.Slope, one.Exact))]),
            Verdict.Agreement([.. slopes.SelectMany(one => new[]
            {
                Comparison.Of($"log K at L = 0, r/n = {one.Share}, input {one.Input + 1}", one.Nngp.Intercept, 0),
                Comparison.Of($"log(Θ/L) at L = 0, r/n = {one.Share}, input {one.Input + 1}", one.PerLayer.Intercept, 0),
            })]),
            Verdict.Agreement([.. found.Deep.Where(d => d.Cell.Testable).SelectMany(d => Enumerable.Range(0, Samples).SelectMany(i => new[]
            {
                Comparison.Of($"K, r/n = {d.Share}, L = {d.Depth}, input {i + 1}", d.Cell.Nngp.At(i, i), ExactDepth(d)),
                Comparison.Of($"Θ/L, r/n = {d.Share}, L = {d.Depth}, input {i + 1}", d.PerLayer(i), ExactDepth(d)),
            }))]));
    }

    /// <summary>(g/2)^L, ‖x‖^2 / n_0 being 1.</summary>
    private static double ExactDepth(Deep d) => Math.Pow(HalfGain(d.Share), d.Depth);

    private static double HalfGain(double share) => SpectralNorm * SpectralNorm * share / 2;

    private static List<(double Share, int Input, double Exact, StraightLine Nngp, StraightLine PerLayer)> SlopesOverDepth(
        Findings found) =>
        [.. found.Deep.Where(d => d.Cell.Testable).GroupBy(d => d.Share).Where(group => group.Count() > 1).SelectMany(group =>
            Enumerable.Range(0, Samples).Select(i =>
            {
                var depths = group.Select(d => (double)d.Depth).ToList();

                // the variance of a logarithm grows with the number of layers
                var weights = depths.Select(depth => 1 / depth).ToList();
                return (group.Key, i, Math.Log(HalfGain(group.Key)),
                    StraightLine.Through(depths, [.. group.Select(d => StraightLine.Log(d.Cell.Nngp.At(i, i)))], weights),
                    StraightLine.Through(depths, [.. group.Select(d => StraightLine.Log(d.PerLayer(i)))], weights));
            }))];

    private static IEnumerable<Varied> Testable(Findings found) => found.Varied.Where(v => v.Cell.Testable);

    private static IReadOnlyList<IReadOnlyList<Varied>> ByLayer(Findings found) =>
        [.. Testable(found).GroupBy(v => v.Layer).Select(group => group.ToList()).Where(group => group.Count > 1)];

    private static IEnumerable<Comparison> Diagonal(
        Findings found, Func<Varied, KernelEstimate> measured, Func<Varied, Matrix<double>> exact) =>
        Testable(found).SelectMany(v => Enumerable.Range(0, Samples).Select(i => Comparison.Of(
            $"layer {v.Layer}, r = {F(v.StableRank, 0)}, input {i + 1}", measured(v).At(i, i), exact(v)[i, i])));

    /// <summary>The straight lines in r of the two inputs; weights from the exact values, which the errors go with.</summary>
    private static IEnumerable<StraightLine> Lines(
        IReadOnlyList<Varied> layer, Func<Varied, KernelEstimate> measured, Func<Varied, Matrix<double>> exact) =>
        Enumerable.Range(0, Samples).Select(i => StraightLine.Through(
            [.. layer.Select(v => v.StableRank)],
            [.. layer.Select(v => measured(v).At(i, i))],
            [.. layer.Select(v => 1 / (exact(v)[i, i] * exact(v)[i, i]))]));

    private static ResultTable LineTable(Findings found) => new(
        $"Straight lines in one layer's stable rank, first input, over {found.Scope.Networks} networks a point",
        ["layer", "K at r = 0", "± se", "Θ 'ntk' at r = 0", "± se", "Θ 'standard' at r = 0", "± se", "its own term, theory"],
        [.. ByLayer(found).Select(layer =>
        {
            var nngp = Lines(layer, v => v.Cell.Nngp, v => v.Cell.Limit.Nngp).First().Intercept;
            var ntk = Lines(layer, v => v.Cell.Ntk, v => v.Cell.Limit.Ntk).First().Intercept;
            var standard = Lines(layer, v => v.Standard, v => v.StandardLimit).First().Intercept;
            return Row(
                $"{layer[0].Layer}", F(nngp.Mean, 4), F(nngp.StandardError, 4), F(ntk.Mean, 4), F(ntk.StandardError, 4),
                F(standard.Mean, 2), F(standard.StandardError, 2), F(layer[0].OwnTerm, 2));
        })]);

    private static ResultTable SlopeTable(Findings found) => new(
        $"Slopes over depth, first input, square layers of width {found.Scope.Width}",
        ["r/n", "g/2", "log(g/2)", "slope of log K", "± se", "slope of log(Θ/L)", "± se"],
        [.. SlopesOverDepth(found).Where(one => one.Input == 0).Select(one => Row(
            one.Share.ToString(CultureInfo.InvariantCulture), F(HalfGain(one.Share), 2), F(one.Exact, 4), F(one.Nngp.Slope.Mean, 4),
            F(one.Nngp.Slope.StandardError, 4), F(one.PerLayer.Slope.Mean, 4), F(one.PerLayer.Slope.StandardError, 4)))]);

    private static IReadOnlyList<string> Row(params IReadOnlyList<string> cells) => cells;

    private static string F(double value, int digits) => value.ToString("F" + digits, CultureInfo.InvariantCulture);
}
