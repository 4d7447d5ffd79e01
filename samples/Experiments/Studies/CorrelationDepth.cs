using System.Globalization;
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
        + "networks without biases merge them at one rate whatever the stable rank. Finite networks leave that limit by what their "
        + "participation ranks p allow, not their stable ranks: of two spectra of one stable rank the one of smaller p leaves it sooner.";

    public override string Protocol =>
        $"Pairs of inputs {StartAngle:0}° apart through networks of constant width n, s_1 = {SpectralNorm}, flat spectra of three stable ranks "
        + "and a spike, one singular value above a level bulk, of the lowest of them. tanh and erf have biases of variance 0.05. "
        + "Measured: the mean cosine between the pre-activations of a pair, over pairs and networks; the angle shown is that of the mean "
        + "cosine. The verdict on the limit allows Student's bound (0.1 % false alarms over all comparisons) and twice Σ 1/p over the "
        + $"layers, and takes layers in only where that is below {GreatestAllowance}.";

    public override ExperimentResult Run(ExperimentContext context) => Judge(Measure(context));

    /// <summary>The measurements.</summary>
    internal Findings Measure(ExperimentContext context)
    {
        var s = scope ?? context.Choose(new Scope(128, 16, 24, 8), new Scope(512, 30, 40, 8));
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
        [AngleFigure(found), DeviationFigure(found)],
        [SummaryTable(found)],
        [LimitVerdict(found), PhaseVerdict(found), RankVerdict(found)],
        [
            "Widths add to what participation ranks do (theory (4.6): 5/(2n) a ReLU layer beside 1/p); at full stable rank that is all there is.",
        ]);

    private static Verdict LimitVerdict(Findings found)
    {
        var all = found.Paths.SelectMany(path => path.Limit.Select((limit, l) => (
            What: $"{path.Activation}, {path.Law}, layer {l + 1}", Measured: path.Measured[l].Correlation, limit.Correlation,
            Allowed: Allowance(limit)))).Where(one => one.Allowed <= GreatestAllowance).ToList();
        var bound = Comparison.Bound(all.Count, (int)all[0].Measured.Count - 1, Verdict.FalseAlarm);
        double Excess((string, Replication.Estimate Measured, double Correlation, double Allowed) one) =>
            Math.Abs(one.Measured.Mean - one.Correlation) - bound * one.Measured.StandardError - one.Allowed;
        var worst = all.MaxBy(one => Excess(one));
        return Verdict.OnParts(
            "Mean correlations follow the maps of (4.7) with depth, at every stable rank and for all three activations, up to finite ranks.",
            (Excess(worst) <= 0, string.Create(CultureInfo.InvariantCulture,
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
        var (flat, spike) = (found.Paths[0], found.Paths[1]);
        var (a, b) = (Deviation(flat), Deviation(spike));
        var ratio = spike.Limit[0].ParticipationRank / flat.Limit[0].ParticipationRank;
        return Verdict.OnParts(
            "ReLU networks of one stable rank leave the limit by their participation rank: the flat spectrum farther than the spike.",
            (Math.Abs(a.Mean) - Math.Abs(b.Mean) > 4 * double.Hypot(a.StandardError, b.StandardError), string.Create(
                CultureInfo.InvariantCulture,
                $"cosine less its limit, mean over layers: flat (p = {flat.Limit[0].ParticipationRank:F0}) {a.Mean:F4} ± {a.StandardError:F4}, "
                + $"spike (p = {spike.Limit[0].ParticipationRank:F0}) {b.Mean:F4} ± {b.StandardError:F4}; participation ranks differ "
                + $"by a factor {ratio:F1}, deviations by {Math.Abs(a.Mean / b.Mean):F1}")));
    }

    /// <summary>
    /// The mean over layers of the cosine less its limit; layers share their networks, so that the mean of their errors bounds its error.
    /// </summary>
    private static (double Mean, double StandardError) Deviation(Path path) => (
        path.Measured.Select((m, l) => m.Correlation.Mean - path.Limit[l].Correlation).Average(),
        path.Measured.Average(m => m.Correlation.StandardError));

    /// <summary>2 sum 1/p from sqrt(2 sum 1/p).</summary>
    private static double Allowance(MeanFieldLayer limit) => AllowancePerInverseRank * limit.RelativeSpread * limit.RelativeSpread / 2;

    private static double Degrees(double cosine) => Math.Acos(Math.Clamp(cosine, -1, 1)) * 180 / Math.PI;

    private static Figure AngleFigure(Findings found) => new(
        "angles",
        "Angles through depth",
        $"Lines: theory (4.7), a limit; points: networks of width {found.Scope.Width}, {found.Scope.Networks} of each, the angle of the mean "
            + "cosine, bars of two standard errors. The two spectra of r = n/8 have one limit (where only one line shows they "
            + "coincide): the flat one, of p = n/8, leaves it, the spike, of greater p, hardly. ReLU without biases has one limit for all.",
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
            activation, new Axis("layer l", Minimum: 0, Maximum: found.Scope.Depth + 0.5), new Axis("angle (degrees)", Minimum: 0, Maximum: 92),
            series)
        {
            LegendColumns = 2,
        };
    }

    private static Figure DeviationFigure(Findings found) => new(
        "deviations",
        "What finite participation ranks do",
        "The mean cosine less its limit against Σ 1/p over the layers so far, from the same networks; bars of two standard errors. "
            + "Points of one activation that lie on one curve say that participation ranks alone decide.",
        [.. new[] { "relu", "erf" }.Select(activation => new Panel(
            activation,
            new Axis("Σ 1/p", AxisScale.Log10),
            new Axis("cosine - limit"),
            [.. found.Paths.Where(path => path.Activation == activation).Select((path, i) => Series.Measured(
                path.Law, Colours[i], path.Measured.Select((m, l) => (
                    path.Limit[l].RelativeSpread * path.Limit[l].RelativeSpread / 2,
                    m.Correlation.Mean - path.Limit[l].Correlation, 2 * m.Correlation.StandardError))) with { Hollow = i == 1 })])
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
                path.Activation, path.Law, F(limit.Gain, 2), F(limit.ParticipationRank, 1), F(limit.RelativeSpread * limit.RelativeSpread / 2, 3),
                F(limit.Correlation, 4), F(measured.Mean, 4), F(measured.StandardError, 4),
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
