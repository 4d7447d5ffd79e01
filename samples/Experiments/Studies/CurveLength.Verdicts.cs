using System.Globalization;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;

namespace StableRank.Experiments.Studies;

/// <content>What the measurements say.</content>
internal sealed partial class CurveLength
{
    private const double StandardErrors = 4;
    private const double AllowancePerInverseRank = 2;

    /// <summary>What the measurements say, with nothing measured anew.</summary>
    internal static ExperimentResult Judge(Findings found) => new(
        [LengthFigure(found), CurvatureFigure(found), SimilarityFigure(found)],
        [Table(found)],
        [SpeedVerdict(found), BoundVerdict(found), GrowthVerdict(found), KinkVerdict(found)],
        [
            "(4.5) gives the mean square speed exactly; the mean length is not its root but below it (Jensen), by more the lower the "
                + "stable ranks and the deeper the network.",
            "Lengths and curvatures are those of inscribed polygons, never above the truth; what they miss is estimated and allowed for.",
        ]);

    private static Verdict SpeedVerdict(Findings found)
    {
        var all = found.Relu.SelectMany(set => set.Exact.Select((exact, l) => Comparison.Of(
            $"r = {F(set.Share * set.Width, 0)}, layer {l + 1}", set.Run.Layers[l].MeanSquareSpeed,
            exact.TangentFactor * set.Run.Input.MeanSquareSpeed))).ToList();
        var worst = all.MaxBy(one => one.Severity)!;
        return Verdict.OnParts(
            "ReLU: the mean square speed of the image is ∏ s_1^2 r / (2n) times the circle's, (4.5).",
            (worst.Severity <= StandardErrors, string.Create(CultureInfo.InvariantCulture,
                $"worst of {all.Count} comparisons: {worst.Deviation:+0.00;-0.00} standard errors ({worst.What}: {worst.Measured:G4} ± "
                + $"{worst.StandardError:G2} against {worst.Exact:G4}); bound {StandardErrors:0}")));
    }

    private static Verdict BoundVerdict(Findings found) => Verdict.OnParts(
        "ReLU: the mean length stays below the root of (4.5), the farther the lower the stable rank.",
        [
            .. found.Relu.Select(set =>
            {
                var worst = set.Exact.Select((exact, l) =>
                {
                    var bound = exact.LengthFactorBound * 2 * Math.PI * Math.Sqrt(set.Width);
                    return (set.Run.Layers[l].Length.Mean - bound) / set.Run.Layers[l].Length.StandardError;
                }).Max();
                return (worst < StandardErrors, string.Create(CultureInfo.InvariantCulture,
                    $"r = {set.Share * set.Width:0}: at the last layer {LastRatio(set):F3} of the bound"));
            }),
            (LastRatio(found.Relu[0]) < LastRatio(found.Relu[^1]), "the lowest stable rank lies farther below than the highest"),
        ]);

    private static double LastRatio(CurveSet set) =>
        set.Run.Layers[^1].Length.Mean / (set.Exact[^1].LengthFactorBound * 2 * Math.PI * Math.Sqrt(set.Width));

    private static Verdict GrowthVerdict(Findings found)
    {
        var lengths = found.Erf.SelectMany(set => set.Limit.Select((limit, l) => (
            What: $"r = {F(set.Share * set.Width, 0)}, layer {l + 1}", Measured: set.Run.Layers[l].Length.Mean,
            Limit: limit.PreActivations.Length, Allowed: set.InverseRanks[l] * AllowancePerInverseRank * limit.PreActivations.Length
                + StandardErrors * set.Run.Layers[l].Length.StandardError + set.Run.Layers[l].LengthError))).ToList();
        var turns = found.Erf.SelectMany(set => set.Limit.Select((limit, l) => (
            What: $"r = {F(set.Share * set.Width, 0)}, layer {l + 1}", Measured: set.Run.Layers[l].TotalCurvature.Mean,
            Limit: limit.PreActivations.TotalCurvature,
            Allowed: set.InverseRanks[l] * AllowancePerInverseRank * limit.PreActivations.TotalCurvature
                + StandardErrors * set.Run.Layers[l].TotalCurvature.StandardError + set.Run.Layers[l].TotalCurvatureError))).ToList();
        var cosines = found.Erf.SelectMany(set => set.Run.Layers.SelectMany((layer, l) => layer.SelfSimilarity.Skip(1).Select((c, lag) => (
            What: $"r = {F(set.Share * set.Width, 0)}, layer {l + 1}, t = {F((lag + 1) * set.Run.Step, 2)}", Measured: c.Mean,
            Limit: set.Similarity[lag + 1][l],
            Allowed: set.InverseRanks[l] * AllowancePerInverseRank + StandardErrors * c.StandardError)))).ToList();
        return Verdict.OnParts(
            "erf: length grows by √χ_1 a layer and curvature by χ_1 and χ_2, up to finite ranks.",
            Part("length", lengths), Part("total curvature", turns), Part("self-similarity", cosines));

        static (bool, string) Part(string name, List<(string What, double Measured, double Limit, double Allowed)> all)
        {
            var worst = all.MaxBy(one => Math.Abs(one.Measured - one.Limit) / one.Allowed);
            return (Math.Abs(worst.Measured - worst.Limit) <= worst.Allowed, string.Create(CultureInfo.InvariantCulture,
                $"{name}, worst of {all.Count}: {worst.What}: {worst.Measured:G4} against {worst.Limit:G4}, allowed {worst.Allowed:G2}"));
        }
    }

    private static Verdict KinkVerdict(Findings found)
    {
        var (relu, erf) = (found.ReluWidths, found.ErfWidths);
        var line = StraightLine.Through(
            [.. relu.Select(set => Math.Log(set.Width))],
            [.. relu.Select(set => StraightLine.Log(set.Run.Layers[^1].TotalCurvature))],
            [.. relu.Select(_ => 1.0)]);
        var (narrow, wide) = (relu[0].Run.Layers[^1], relu[^1].Run.Layers[^1]);

        // what is missing from the smaller one is taken as if it were there
        var rises = wide.TotalCurvature.Mean - narrow.TotalCurvature.Mean - narrow.TotalCurvatureError
            > StandardErrors * double.Hypot(narrow.TotalCurvature.StandardError, wide.TotalCurvature.StandardError);
        var last = erf[^1];
        var (measured, limit) = (last.Run.Layers[^1], last.Limit[^1].PostActivations.TotalCurvature);
        var allowed = StandardErrors * measured.TotalCurvature.StandardError + measured.TotalCurvatureError
            + last.InverseRanks[^1] * AllowancePerInverseRank * limit;
        return Verdict.OnParts(
            "Behind ReLU the total curvature grows with the width (χ_2 is infinite), behind erf it has a limit.",
            (rises, string.Create(CultureInfo.InvariantCulture,
                $"ReLU, three layers: from {narrow.TotalCurvature.Mean:F1} ± {narrow.TotalCurvature.StandardError:F1} rad at n = "
                + $"{relu[0].Width} to {wide.TotalCurvature.Mean:F1} ± {wide.TotalCurvature.StandardError:F1} at n = {relu[^1].Width}, "
                + $"like n^{line.Slope.Mean:F2}")),
            (Math.Abs(measured.TotalCurvature.Mean - limit) <= allowed, string.Create(CultureInfo.InvariantCulture,
                $"erf at n = {last.Width}: {measured.TotalCurvature.Mean:F2} ± {measured.TotalCurvature.StandardError:F2} rad against "
                + $"{limit:F2}, allowed {allowed:F2}")));
    }

    private static ResultTable Table(Findings found) => new(
        "Behind the last layer",
        ["networks", "n", "r", "layers", "mean square speed / circle's", "± se", "predicted", "length / circle's", "predicted",
            "total curvature (rad)", "predicted", "points"],
        [.. found.Relu.Select(set => Row("relu, x_l", set, set.Exact[^1].TangentFactor, set.Exact[^1].LengthFactorBound, double.NaN))
            .Concat(found.Erf.Select(set =>
            {
                var image = set.Limit[^1].PreActivations;
                return Row("erf, h_l", set, image.SpeedSquare, image.Length / set.Run.Input.Length, image.TotalCurvature);
            }))]);

    private static IReadOnlyList<string> Row(string name, CurveSet set, double speed, double length, double turn)
    {
        var (layer, input) = (set.Run.Layers[^1], set.Run.Input);
        return
        [
            name, $"{set.Width}", F(set.Share * set.Width, 1), $"{layer.Layer}", F(layer.MeanSquareSpeed.Mean / input.MeanSquareSpeed, 4),
            F(layer.MeanSquareSpeed.StandardError / input.MeanSquareSpeed, 4), F(speed, 4), F(layer.Length.Mean / input.Length, 4),
            (double.IsNaN(turn) ? "≤ " : "") + F(length, 4), F(layer.TotalCurvature.Mean, 2), double.IsNaN(turn) ? "∞" : F(turn, 2),
            F(set.Run.MeanPoints, 0),
        ];
    }

    private static string F(double value, int digits) => value.ToString("F" + digits, CultureInfo.InvariantCulture);
}
