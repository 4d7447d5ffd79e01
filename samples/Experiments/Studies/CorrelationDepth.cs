using System.Globalization;
using MathNet.Numerics.Distributions;
using StableRank.Ensembles;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>The angle between two inputs through depth, theory (7.3), and what participation ranks take from its limit (4.7).</summary>
internal sealed class CorrelationDepth(CorrelationDepth.Scope? scope = null) : Experiment
{
    private const double SpectralNorm = 2;
    private const double StartAngle = 60;

    /// <summary>Finite ranks move a mean by the order of sum 1/p: twice that is allowed, where it says something.</summary>
    private const double AllowancePerInverseRank = 2;
    private const double GreatestAllowance = 0.3;

    private static readonly IReadOnlyList<(Activation Activation, double BiasVariance)> Kinds =
        [(Activation.ReLU, 0), (Activation.Tanh, 0.05), (Activation.Erf, 0.05)];

    private static readonly IReadOnlyList<(string Name, double Share, SpectralFamily Family)> Laws =
    [
        ("r = n/8, flat", 0.125, SpectralFamily.Flat),
        ("r = n/8, spike", 0.125, SpectralFamily.Spike),
        ("r = n/2, flat", 0.5, SpectralFamily.Flat),
        ("r = n, flat", 1, SpectralFamily.Flat),
    ];

    private static readonly IReadOnlyList<string> Colours =
        [Palette.Categorical[1], Palette.Categorical[4], Palette.Categorical[2], Palette.Categorical[0]];

    public override string Name => "correlation-depth";

    public override string Title => "The angle between two inputs with depth";

    public override string Source =>
        "Correlation maps (Poole et al. 2016, arXiv 1606.05340; Cho and Saul 2009 for ReLU) at the gain of a stable-rank ensemble: theory "
        + "(4.7), (7.3); fluctuations by participation ranks: (4.6).";

    public override string Claim =>
        "At a given spectral norm the stable rank decides whether deep tanh and erf networks merge two inputs or drive them apart; ReLU "
        + "networks without biases merge them at one rate whatever the stable rank. Finite networks scatter about that limit by their "
        + "participation ranks p, not their stable ranks: of two spectra of one stable rank the one of smaller p scatters more.";

    public override string Protocol =>
        $"Pairs of inputs {StartAngle:0}° apart through networks of constant width n, s_1 = {SpectralNorm}, flat spectra of three stable "
        + "ranks and a spike, one singular value above a level bulk, of the lowest of them. tanh and erf have biases of variance 0.05. "
        + "Measured: the mean cosine between the pre-activations of a pair, over pairs and networks; the angle shown is that of the mean "
        + "cosine. The verdict on the limit allows Student's bound (0.1 % false alarms over all comparisons) and twice Σ 1/p over the "
        + $"layers, and takes layers in only where that is below {GreatestAllowance}.";

    public override ExperimentResult Run(ExperimentContext context) => Judge(Measure(context));

    /// <summary>The measurements.</summary>
    internal Findings Measure(ExperimentContext context)
    {
        var s = scope ?? context.Choose(new Scope(96, 12, 48, 4), new Scope(256, 30, 100, 4));
        var work = new WorkMeter(context, Kinds.Count * Laws.Count * s.Networks);
        var paths = new List<Path>();
        foreach (var (activation, bias) in Kinds)
        {
            foreach (var (name, share, family) in Laws)
            {
                var model = Model.Dense(
                    [.. Enumerable.Repeat(s.Width, s.Depth + 1)],
                    activation,
                    (_, m, n) => Ensemble.StableRank(m, n, share * n, family, ScaleConvention.Spectral(SpectralNorm)),
                    bias);
                var cosine = Math.Cos(StartAngle * Math.PI / 180);
                var seed = context.Seed + ((ulong)(paths.Count + 1) << 40);
                var inputs = InputPairs.Make(s.Width, s.Pairs, 1, cosine, new RandomStream(seed, purpose: 1UL << 40));
                var run = MonteCarloMeanField.Run(model, inputs, s.Networks, seed, cancellationToken: work.Cancellation);
                work.Done(s.Networks);
                paths.Add(new Path(activation.Name, name, MeanField.Of(model, 1, cosine).Layers, run.Layers));
            }
        }

        return new Findings(s, paths);
    }

    /// <summary>What the measurements say, with nothing measured anew.</summary>
    internal static ExperimentResult Judge(Findings found) => new(
        [AngleFigure(found), SpreadFigure(found)],
        [SummaryTable(found)],
        [LimitVerdict(found), PhaseVerdict(found), RankVerdict(found)],
        [
            "Widths add to what participation ranks do (theory (4.6): 5/(2n) a ReLU layer beside 1/p); at full stable rank that is all.",
        ]);

    private static Verdict LimitVerdict(Findings found)
    {
        var all = found.Paths.SelectMany(path => path.Limit.Select((limit, l) => (
            What: $"{path.Activation}, {path.Law}, layer {l + 1}", Measured: path.Measured[l].Correlation, limit.Correlation,
            Allowed: Allowance(limit)))).Where(one => one.Allowed <= GreatestAllowance).ToList();
        var bound = Comparison.Bound(all.Count, (int)all[0].Measured.Count - 1, Verdict.FalseAlarm);
        double Share((string, Replication.Estimate Measured, double Correlation, double Allowed) one) =>
            Math.Abs(one.Measured.Mean - one.Correlation)
            / (bound * double.Hypot(one.Measured.StandardError, one.Measured.Rounding) + one.Allowed);
        var worst = all.MaxBy(one => Share(one));
        return Verdict.OnParts(
            "Mean correlations follow the maps of (4.7) with depth, at every stable rank and for each activation, up to finite ranks.",
            (Share(worst) <= 1, string.Create(CultureInfo.InvariantCulture,
                $"worst of {all.Count} comparisons: {worst.What}: {worst.Measured.Mean:F4} ± {worst.Measured.StandardError:F4} against "
                + $"{worst.Correlation:F4}; allowed: {bound:0.0} standard errors and {worst.Allowed:F3} for finite ranks")));
    }

    private static Verdict PhaseVerdict(Findings found)
    {
        var start = Math.Cos(StartAngle * Math.PI / 180);
        return Verdict.OnParts(
            "The stable rank turns the way of tanh and erf networks: low, two inputs merge; high, they part. ReLU networks merge them.",
            [.. found.Paths.Where(path => path.Law != Laws[2].Name).Select(path =>
            {
                var end = path.Measured[^1].Correlation;
                var merges = path.Limit[^1].Correlation > start;
                return (merges ? end.Mean - 4 * end.StandardError > start : end.Mean + 4 * end.StandardError < start,
                    string.Create(CultureInfo.InvariantCulture,
                        $"{path.Activation}, {path.Law}: cosine {start:F2} → {end.Mean:F3} ± {end.StandardError:F3} "
                        + $"(limit {path.Limit[^1].Correlation:F3})"));
            })]);
    }

    private static Verdict RankVerdict(Findings found)
    {
        var (flat, spike, layer) = (found.Paths[0], found.Paths[1], found.Scope.Depth / 2);
        var (a, b) = (Spread(flat, layer - 1), Spread(spike, layer - 1));
        var bound = FisherSnedecor.InvCDF(found.Scope.Networks - 1, found.Scope.Networks - 1, 1 - Verdict.FalseAlarm);
        return Verdict.OnParts(
            "ReLU networks of one stable rank scatter about the limit by their participation rank: the flat spectrum more than the spike.",
            (a * a > bound * b * b, string.Create(CultureInfo.InvariantCulture,
                $"standard deviation of a network's cosine at layer {layer}: flat (p = {flat.Limit[0].ParticipationRank:F0}) {a:F4}, spike "
                + $"(p = {spike.Limit[0].ParticipationRank:F0}) {b:F4}; ratio of the variances {a * a / (b * b):F1}, of 1/p "
                + $"{spike.Limit[0].ParticipationRank / flat.Limit[0].ParticipationRank:F1}; that of equal variances stays below "
                + $"{bound:F1} ({Verdict.FalseAlarm:0.0 %} false alarms)")));
    }

    /// <summary>The standard deviation over networks of the mean cosine of a network's pairs.</summary>
    private static double Spread(Path path, int l)
    {
        var estimate = path.Measured[l].Correlation;
        return estimate.StandardError * Math.Sqrt(estimate.Count);
    }

    /// <summary>2 sum 1/p from sqrt(2 sum 1/p).</summary>
    private static double Allowance(MeanFieldLayer limit) => AllowancePerInverseRank * limit.RelativeSpread * limit.RelativeSpread / 2;

    private static double Degrees(double cosine) => Math.Acos(Math.Clamp(cosine, -1, 1)) * 180 / Math.PI;

    private static Figure AngleFigure(Findings found) => new(
        "angles",
        "Angles through depth",
        $"Lines: theory (4.7), a limit; points: networks of width {found.Scope.Width}, {found.Scope.Networks} of each, the angle of the "
            + "mean cosine, bars of two standard errors. The two spectra of r = n/8 have one limit, and one line; the flat one, of "
            + "p = n/8, scatters more about it than the spike. ReLU without biases has one limit for all.",
        [.. Kinds.Select(kind => AnglePanel(found, kind.Activation.Name))])
    {
        Columns = 3,
    };

    private static Panel AnglePanel(Findings found, string activation)
    {
        var series = new List<Series>();
        foreach (var (path, i) in found.Paths.Where(path => path.Activation == activation).Select((path, i) => (path, i)))
        {
            series.Add(Series.Line($"limit, {path.Law}", Colours[i], [(0, StartAngle),
                .. path.Limit.Select((limit, l) => (l + 1.0, Degrees(limit.Correlation)))]) with { InLegend = false });
            series.Add(new Series(path.Law, SeriesKind.Points, Colours[i], [.. path.Measured.Select((m, l) =>
            {
                var (mean, half) = (m.Correlation.Mean, 2 * m.Correlation.StandardError);
                return new DataPoint(l + 1, Degrees(mean), Degrees(mean + half), Degrees(mean - half));
            })]) with { Hollow = i == 1 });
        }

        return new Panel(
            activation,
            new Axis("layer l", Minimum: 0, Maximum: found.Scope.Depth + 0.5),
            new Axis("angle (degrees)", Minimum: 0, Maximum: 92),
            series)
        {
            LegendColumns = 2,
        };
    }

    private static Figure SpreadFigure(Findings found) => new(
        "spread",
        "What finite participation ranks do",
        $"The standard deviation over networks of the mean cosine of {found.Scope.Pairs} pairs, over 1 - c^2 of the limit, against Σ 1/p "
            + "over the layers so far; layers where 1 - c^2 is below 0.01 are left out. Bars: two standard errors. Spectra of one stable "
            + "rank (orange) scatter by their participation ranks; the first layer of full rank, a multiple of an orthogonal matrix, by "
            + "its biases alone.",
        [.. new[] { "relu", "erf" }.Select(activation => new Panel(
            activation,
            new Axis("Σ 1/p", AxisScale.Log10),
            new Axis("standard deviation / (1 - c^2)", AxisScale.Log10),
            [.. found.Paths.Where(path => path.Activation == activation).Select((path, i) => Series.Measured(
                path.Law, Colours[i], path.Limit.Select((limit, l) => (Limit: limit, Spread: Spread(path, l)))
                    .Where(at => 1 - (at.Limit.Correlation * at.Limit.Correlation) >= 0.01 && at.Spread > 1e-8)
                    .Select(at =>
                    {
                        var scaled = at.Spread / (1 - (at.Limit.Correlation * at.Limit.Correlation));
                        return (at.Limit.RelativeSpread * at.Limit.RelativeSpread / 2, scaled,
                            2 * scaled / Math.Sqrt(2.0 * (found.Scope.Networks - 1)));
                    })) with { Hollow = i == 1 })])
        {
            LegendColumns = 2,
        })]);

    private static ResultTable SummaryTable(Findings found) => new(
        $"The last layer, l = {found.Scope.Depth}, width {found.Scope.Width}",
        ["activation", "spectrum", "g", "p", "Σ 1/p", "cosine, limit", "measured", "± se"],
        [.. found.Paths.Select(path =>
        {
            var (limit, measured) = (path.Limit[^1], path.Measured[^1].Correlation);
            IReadOnlyList<string> row =
            [
                path.Activation, path.Law, F(limit.Gain, 2), F(limit.ParticipationRank, 1),
                F(limit.RelativeSpread * limit.RelativeSpread / 2, 3), F(limit.Correlation, 4), F(measured.Mean, 4),
                F(measured.StandardError, 4),
            ];
            return row;
        })]);

    private static string F(double value, int digits) => value.ToString("F" + digits, CultureInfo.InvariantCulture);

    /// <summary>How much is measured.</summary>
    internal sealed record Scope(int Width, int Depth, int Networks, int Pairs);

    /// <summary>One law of weights and one activation: the limit and what networks did, layer after layer.</summary>
    internal sealed record Path(
        string Activation, string Law, IReadOnlyList<MeanFieldLayer> Limit, IReadOnlyList<MeanFieldMeasurement> Measured);

    /// <summary>Everything, activation after activation.</summary>
    internal sealed record Findings(Scope Scope, IReadOnlyList<Path> Paths);
}
