using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>Stable ranks as linear factors of feed-forward maps, accumulating with depth: theory (4.1) to (4.6) on real digits.</summary>
internal sealed partial class FeedForward(FeedForward.Scope? scope = null) : Experiment
{
    private static readonly Scope QuickScope = new(
        Width: 64, Depth: 32, Networks: 1000, FamilyDepth: 6, FamilyNetworks: 1000, FamilyRanks: [4, 8, 16, 32, 48], Batch: 64);

    private static readonly Scope FullScope = new(
        Width: 128, Depth: 32, Networks: 4000, FamilyDepth: 8, FamilyNetworks: 3000, FamilyRanks: [4, 8, 16, 32, 64, 96], Batch: 64);

    private static readonly IReadOnlyList<SpectralFamily> Families =
        [SpectralFamily.Flat, SpectralFamily.Exponential, SpectralFamily.PowerLaw, SpectralFamily.MarchenkoPastur, SpectralFamily.Spike];

    public override string Name => "feed-forward";

    public override string Title => "Stable ranks multiply through depth";

    public override string Source =>
        "P1, On the Impact of Stable Ranks in Deep Nets (arXiv 2110.02333), abstract: stable ranks enter feed-forward maps as linear "
        + "factors whose effect accumulates exponentially depthwise. Made precise by theory (4.1) to (4.6), exact at every finite width.";

    public override string Claim =>
        "In a ReLU network whose weights have spectral norm s_1, stable rank r and Haar singular vectors, every layer multiplies the mean "
        + "squared norm by exactly s_1^2 r / (2n), whatever the spectrum's shape. The shape enters the spread, through the participation "
        + "rank p; and typical networks lie below the mean, the further the lower p.";

    public override string Protocol =>
        "Handwritten digits (8 x 8 pixels, zeros appended up to the width n) go in batches of 64 through ReLU networks of constant width, "
        + "s_1 = 1, no biases. First a ladder of stable ranks 1, 2, 4, ... n, flat spectra, 32 layers; then shallower networks over five "
        + "families of spectra at equal stable ranks. Every replicate is a new network; q_l = ‖x_l‖^2 / ‖x_0‖^2, and all standard errors "
        + "are over networks. Sample means of long products have heavy tails: where the exact moments predict a skewness above 0.2 for the "
        + "estimate, the point is drawn hollow and not tested; there the layers' own factors f_l = ‖x_l‖^2 / ‖x_{l-1}‖^2 and the mean of "
        + "log q_l are tested instead, whose tails are light at any depth. "
        + "A verdict allows 0.1 % of false alarms over all its comparisons (Student, Bonferroni).";

    public override ExperimentResult Run(ExperimentContext context) => Judge(Measure(context));

    /// <summary>The measurements, the ladder first.</summary>
    internal IReadOnlyList<Measurement> Measure(ExperimentContext context)
    {
        var settings = scope ?? context.Choose(QuickScope, FullScope);
        var batches = NormMeasurement.Batches(Padded(Digits.Load().Features, settings.Width), settings.Batch);
        var plan = Plan(settings).ToList();
        var work = plan.Sum(part => (double)part.Networks * part.Depth);
        double before = 0;
        var measurements = new List<Measurement>();
        for (var i = 0; i < plan.Count; i++)
        {
            var part = plan[i];
            var model = Model.Dense(
                [.. Enumerable.Repeat(settings.Width, part.Depth + 1)],
                Activation.ReLU,
                (_, rows, columns) => Ensemble.StableRank(rows, columns, part.StableRank, part.Family));
            var finished = 0;
            var start = before;
            var samples = NormMeasurement.Run(
                model, batches, part.Networks, context.Seed, (ulong)i << 32,
                () => context.Progress.Report((start + Interlocked.Increment(ref finished) * (double)part.Depth) / work),
                context.Cancellation);
            measurements.Add(new Measurement(
                part.Family.Name, part.StableRank, model.Layers[0].Weights.Moments.ParticipationRank, settings.Width, part.Ladder,
                ExactPropagation.Of(model),
                NormMoments.OfLayer(part.Family.Draw(settings.Width, settings.Width, part.StableRank), settings.Width, settings.Width),
                samples));
            before += (double)part.Networks * part.Depth;
        }

        return measurements;
    }

    /// <summary>What the measurements say, with nothing measured anew.</summary>
    internal static ExperimentResult Judge(IReadOnlyList<Measurement> measurements)
    {
        var ladder = measurements.Where(measurement => measurement.Ladder).ToList();
        var families = measurements.Where(measurement => !measurement.Ladder).ToList();
        var hollow = ladder.Sum(m => m.Layers.Count(layer => !m.MeanIsTestable(layer)));
        var total = ladder.Sum(m => m.Samples.Depth);
        return new ExperimentResult(
            [DepthFigure(ladder), FamiliesFigure(families), SpreadFigure(families), TypicalFigure(ladder, families)],
            [LadderTable(ladder), FamiliesTable(families)],
            [
                MeanVerdict(ladder), SlopeVerdict(ladder), FamiliesVerdict(families), SpreadVerdict(families),
                TypicalVerdict(ladder, families),
            ],
            hollow == 0
                ? []
                : [$"Of the {total} sample means over the ladder (stable rank, layer) {hollow} are hollow: by the exact moments the "
                    + $"tails are too heavy for {Networks(ladder)} networks, and the sample mean tends to fall below the true mean, "
                    + "which rare networks carry. They are shown and not tested; the layers' factors and the log-norm are tested "
                    + "at every depth."]);
    }

    private static string Networks(IReadOnlyList<Measurement> ladder) =>
        $"{ladder.Min(m => m.Samples.Replicates)} to {ladder.Max(m => m.Samples.Replicates)}";

    private static Verdict MeanVerdict(IReadOnlyList<Measurement> ladder) => Verdict.OnComparisons(
        "The mean squared norm after l layers is (r/2n)^l ‖x_0‖^2, at this width, without any limit (4.4).",
        [.. ladder.SelectMany(m => m.Layers.Where(m.MeanIsTestable).Select(layer =>
            Comparison.Of($"r = {m.StableRank}, layer {layer}", m.Samples.Mean(layer), m.Exact[layer - 1].SecondMoment)))]);

    private static Verdict SlopeVerdict(IReadOnlyList<Measurement> ladder) => Verdict.OnComparisons(
        $"Per layer the logarithm of the mean grows by log(r/2n): the stable rank is a linear factor, and {ladder[0].Samples.Depth} layers "
            + "of it accumulate exponentially.",
        [.. ladder.Select(m => Comparison.Of($"slope at r = {m.StableRank}", m.Samples.Slope(), m.ExactSlope))]);

    private static Verdict FamiliesVerdict(IReadOnlyList<Measurement> families)
    {
        var direct = families.Where(m => m.MeanIsTestable(m.Samples.Depth)).Select(m => Comparison.Of(
            $"{m.Family}, r = {m.StableRank}, layer {m.Samples.Depth}", m.Samples.Mean(m.Samples.Depth), m.Exact[^1].SecondMoment));
        var slopes = families.Select(m => Comparison.Of($"slope of {m.Family}, r = {m.StableRank}", m.Samples.Slope(), m.ExactSlope));
        var pairs = families.SelectMany((one, i) => families.Skip(i + 1).Where(other => other.StableRank == one.StableRank).Select(other =>
        {
            var (a, b) = (one.Samples.Slope(), other.Samples.Slope());
            return new Comparison(
                $"{one.Family} less {other.Family}, r = {one.StableRank}",
                a.Mean - b.Mean, double.Hypot(a.StandardError, b.StandardError), 0, (int)Math.Min(a.Count, b.Count) - 1);
        }));
        return Verdict.OnParts(
            "At equal stable rank all families of spectra have the same mean: it depends on r alone.",
            Verdict.Agreement([.. direct, .. slopes]), Verdict.Agreement([.. pairs]));
    }

    private static Verdict SpreadVerdict(IReadOnlyList<Measurement> families)
    {
        var slopes = families.Where(m => m.SpreadSlopeIsTestable).Select(m => Comparison.Of(
            $"log E f^2/(E f)^2 of {m.Family}, r = {m.StableRank}", m.Samples.SpreadSlope(), m.ExactLogSpread(1)));
        var direct = families.SelectMany(m => m.Layers.Where(m.SpreadIsTestable).Select(layer => Comparison.Of(
            $"log E q^2/(E q)^2 of {m.Family}, r = {m.StableRank}, layer {layer}", m.Samples.LogSpread(layer), m.ExactLogSpread(layer))));
        var parts = new List<(bool, string)> { Verdict.Agreement([.. slopes, .. direct]) };
        foreach (var group in families.Where(m => m.SpreadSlopeIsTestable).GroupBy(m => m.StableRank).Where(group => group.Count() > 1))
        {
            var (low, high) = (group.MinBy(m => m.ParticipationRank)!, group.MaxBy(m => m.ParticipationRank)!);
            var (wide, narrow) = (low.Samples.SpreadSlope(), high.Samples.SpreadSlope());
            var gap = (wide.Mean - narrow.Mean) / double.Hypot(wide.StandardError, narrow.StandardError);
            var bound = Comparison.Bound(1, low.Samples.Replicates - 1, Verdict.FalseAlarm);
            parts.Add((gap > bound, string.Create(CultureInfo.InvariantCulture,
                $"r = {group.Key}: {low.Family} (p = {low.ParticipationRank:0.0}) spreads by {Spread(wide.Mean):0.000} a layer, "
                + $"{high.Family} (p = {high.ParticipationRank:0.0}) by {Spread(narrow.Mean):0.000}, {gap:0} standard errors apart")));
        }

        return Verdict.OnParts(
            "The spread around the mean differs between families of equal r and follows the participation rank p, as (4.4) says.", parts);
    }

    private static Verdict TypicalVerdict(IReadOnlyList<Measurement> ladder, IReadOnlyList<Measurement> families)
    {
        var drift = ladder.Concat(families).SelectMany(m => m.Layers.Select(layer => Comparison.Of(
            $"E log q of {m.Family}, r = {m.StableRank}, layer {layer}", m.Samples.Log(layer), m.Exact[layer - 1].ExpectedLog)));
        var depth = ladder[0].Samples.Depth;
        var gaps = ladder.OrderBy(m => m.ParticipationRank).Select(m =>
        {
            var log = m.Samples.Log(depth);
            return (m.ParticipationRank, Log: log, Gap: m.Exact[^1].LogSecondMoment - log.Mean);
        }).ToList();
        var bound = Comparison.Bound(gaps.Count, ladder[0].Samples.Replicates - 1, Verdict.FalseAlarm);
        bool Falls((double, Estimate Log, double Gap) from, (double, Estimate Log, double Gap) to, double atLeast) =>
            (from.Gap - to.Gap) / double.Hypot(from.Log.StandardError, to.Log.StandardError) > atLeast;
        var falling = Falls(gaps[0], gaps[^1], bound) && gaps.Zip(gaps.Skip(1)).All(pair => Falls(pair.First, pair.Second, -bound));
        return Verdict.OnParts(
            "Typical networks lie below the mean, on the ladder the further the lower p: the mean of log ‖x_l‖^2 drifts as (4.3) and (4.6) "
                + "say, at every depth and stable rank.",
            Verdict.Agreement([.. drift]),
            (falling, $"log of the mean less mean of the log at layer {depth}: " + string.Join(", ", gaps.Select(one => string.Create(
                CultureInfo.InvariantCulture, $"{one.Gap:0.00} ± {one.Log.StandardError:0.00} at p = {one.ParticipationRank:0}")))));
    }

    private static ResultTable LadderTable(IReadOnlyList<Measurement> ladder) => new(
        $"The ladder: log of the mean and mean of the log, a layer, over {ladder[0].Samples.Depth} layers; flat spectra, "
            + $"{Networks(ladder)} networks each",
        ["r", "log(r/2n)", "measured", "± se", "deviation", "E log f, exact", "measured", "± se", "means tested to layer"],
        [.. ladder.Select(m =>
        {
            var (slope, log) = (m.Samples.Slope(), m.Samples.Log(m.Samples.Depth));
            return Row(
                $"{m.StableRank}", F(m.ExactSlope, 5), F(slope.Mean, 5), F(slope.StandardError, 5),
                F(slope.DeviationsFrom(m.ExactSlope), 2), F(m.Exact[^1].ExpectedLog / m.Samples.Depth, 5),
                F(log.Mean / m.Samples.Depth, 5), F(log.StandardError / m.Samples.Depth, 5),
                $"{m.Layers.LastOrDefault(m.MeanIsTestable)}");
        })]);

    private static ResultTable FamiliesTable(IReadOnlyList<Measurement> families) => new(
        "The families: log of the mean and spread, a layer (spread: standard deviation of f over its mean)",
        ["family", "r", "p", "log(r/2n)", "measured", "± se", "spread, exact", "measured", "± se"],
        [.. families.Select(m =>
        {
            var (slope, spread) = (m.Samples.Slope(), m.Samples.SpreadSlope());
            return Row(
                m.Family, $"{m.StableRank}", F(m.ParticipationRank, 2), F(m.ExactSlope, 5), F(slope.Mean, 5), F(slope.StandardError, 5),
                F(Spread(m.ExactLogSpread(1)), 4), F(Spread(spread.Mean), 4), F(SpreadError(spread), 4));
        })]);

    private static IReadOnlyList<string> Row(params IReadOnlyList<string> cells) => cells;

    private static string F(double value, int digits) => value.ToString("F" + digits, CultureInfo.InvariantCulture);

    /// <summary>The relative standard deviation from log(E q^2 / (E q)^2).</summary>
    private static double Spread(double logSpread) => Math.Sqrt(Math.Max(0, Math.Exp(logSpread) - 1));

    /// <summary>Its standard error by the delta method: d sqrt(e^z - 1) = e^z / (2 sqrt(e^z - 1)) dz.</summary>
    private static double SpreadError(Estimate logSpread) =>
        Math.Exp(logSpread.Mean) / (2 * Spread(logSpread.Mean)) * logSpread.StandardError;

    private static Matrix<double> Padded(Matrix<double> features, int width)
    {
        var padded = Matrix<double>.Build.Dense(width, features.ColumnCount);
        padded.SetSubMatrix(0, 0, features);
        return padded;
    }

    private static IEnumerable<(bool Ladder, SpectralFamily Family, double StableRank, int Depth, int Networks)> Plan(Scope scope)
    {
        for (var r = 1; r <= scope.Width; r *= 2)
        {
            // where tails are light, more networks carry the mean to the last layer; where they are not, no feasible number would
            yield return (true, SpectralFamily.Flat, r, scope.Depth, 2 * r >= scope.Width ? 3 * scope.Networks : scope.Networks);
        }

        foreach (var r in scope.FamilyRanks)
        {
            foreach (var family in Families)
            {
                yield return (false, family, r, scope.FamilyDepth, scope.FamilyNetworks);
            }
        }
    }

    /// <summary>How much is measured.</summary>
    /// <param name="Width">n, at least 64, the digits' pixels.</param>
    /// <param name="Depth">Layers of the ladder's networks.</param>
    /// <param name="Networks">Networks for each stable rank of the ladder, three times as many from n/2 on.</param>
    /// <param name="FamilyDepth">Layers of the families' networks.</param>
    /// <param name="FamilyNetworks">Networks for each family and stable rank.</param>
    /// <param name="FamilyRanks">Stable ranks at which families are compared.</param>
    /// <param name="Batch">Digits that go through one network.</param>
    internal sealed record Scope(
        int Width, int Depth, int Networks, int FamilyDepth, int FamilyNetworks, IReadOnlyList<double> FamilyRanks, int Batch);

    /// <summary>One model: what theory says of it and what its networks did.</summary>
    internal sealed record Measurement(
        string Family,
        double StableRank,
        double ParticipationRank,
        int Width,
        bool Ladder,
        IReadOnlyList<LayerPrediction> Exact,
        double[] FactorMoments,
        NormSamples Samples)
    {
        public IEnumerable<int> Layers => Enumerable.Range(1, Samples.Depth);

        public double ExactSlope => Exact[^1].LogSecondMoment / Samples.Depth;

        public double ExactLogSpread(int layer) => Exact[layer - 1].LogFourthMoment - 2 * Exact[layer - 1].LogSecondMoment;

        public bool MeanIsTestable(int layer) =>
            Reliability.MeanIsTestable(NormMoments.OfProduct(FactorMoments, layer), Samples.Replicates);

        public bool SpreadIsTestable(int layer) =>
            Reliability.SpreadIsTestable(NormMoments.OfProduct(FactorMoments, layer), Samples.Replicates);

        public bool SpreadSlopeIsTestable => Reliability.SpreadIsTestable(FactorMoments, checked(Samples.Replicates * Samples.Depth));
    }
}
