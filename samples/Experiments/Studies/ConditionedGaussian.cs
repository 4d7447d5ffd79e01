using System.Globalization;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>
/// The spectrum of a Gaussian matrix given its stable rank: chains, limit and plain rejection side by side, theory section 3.
/// </summary>
internal sealed partial class ConditionedGaussian(ConditionedGaussian.Scope? scope = null) : Experiment
{
    private static readonly Scope QuickScope = new(
        Sizes: [16, 32, 64], Draws: 250, RejectionSize: 8, RejectionPool: 150_000, SlopeSize: 48, SlopeDraws: 60);

    private static readonly Scope FullScope = new(
        Sizes: [32, 64, 128, 256], Draws: 600, RejectionSize: 8, RejectionPool: 3_000_000, SlopeSize: 96, SlopeDraws: 200);

    /// <summary>(r - 1)/(k - 1) in the three phases.</summary>
    private static readonly double[] Fractions = [0.1, 0.5, 0.9];

    private static readonly double[] SlopeFractions =
        [0.1, 0.15, 0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.825, 0.85, 0.875, 0.9];

    public override string Name => "conditioned-gaussian";

    public override string Title => "Gaussian matrices given their stable rank";

    public override string Source =>
        "Theory (3.1) to (3.3): new here. It makes the words 'conditioned on the stable rank' precise for the Gaussian initialisation that "
        + "P1 (arXiv 2110.02333) starts from.";

    public override string Claim =>
        "Given that the stable rank of a square Gaussian matrix is r, the normalised squares y_i = (s_i/s_1)^2 have the density (3.1). As "
        + "the size k grows they follow one of three laws: below r = k/4 the greatest value is pulled out of a Marchenko-Pastur bulk, up "
        + "to 3k/4 the bulk is squeezed against it, beyond that it leaves a gap at 0.";

    public override string Protocol =>
        "Chains whose invariant law is (3.1) exactly, four from dispersed starts, with split R-hat and effective sample sizes. They are "
        + "set beside singular values of plain Gaussian matrices that happened to have that stable rank (within 0.02, at a small size, "
        + "where that is possible), beside the limit densities, and, for the probability of the condition, beside the energy of the "
        + "log-gas. Standard errors of chains use the effective sample size. A verdict allows 0.1 % of false alarms.";

    public override ExperimentResult Run(ExperimentContext context)
    {
        Scope settings = scope ?? context.Choose(QuickScope, FullScope);
        var steps = (settings.Sizes.Count * Fractions.Length) + SlopeFractions.Length + 1.0;
        var done = 0;
        void Advance()
        {
            context.Cancellation.ThrowIfCancellationRequested();
            context.Progress.Report(++done / steps);
        }

        var bulks = new List<Bulk>();
        foreach (int k in settings.Sizes)
        {
            foreach (double f in Fractions)
            {
                bulks.Add(Bulk.Measure(k, f, settings.Draws, context));
                Advance();
            }
        }

        IReadOnlyList<Rejection> rejections = Reject(settings, context);
        Advance();
        var slopes = new List<Slope>();
        foreach (double f in SlopeFractions)
        {
            slopes.Add(Slope.Measure(settings.SlopeSize, f, settings.SlopeDraws, context));
            Advance();
        }

        return new ExperimentResult(
            [PhasesFigure(bulks), RejectionFigure(rejections, settings.RejectionSize), ProbabilityFigure(slopes, settings.SlopeSize)],
            [ChainTable(bulks)],
            [RejectionVerdict(rejections), LimitVerdict(bulks), SlopeVerdict(slopes), MixingVerdict(bulks)],
            [$"At size {settings.RejectionSize} no pool of matrices reaches the gapped phase: its probability there is below 1e-9."]);
    }

    private static Verdict RejectionVerdict(IReadOnlyList<Rejection> rejections) => Verdict.OnComparisons(
        "The chains have the law of Gaussian matrices that happened to have the stable rank (3.1).",
        [.. rejections.SelectMany(rejection => rejection.Comparisons())]);

    private static Verdict LimitVerdict(IReadOnlyList<Bulk> bulks) => Verdict.OnParts(
        "In each phase the bulk follows its limit (3.3), and the distance between the distribution functions falls like 1/k.",
        [.. bulks.GroupBy(bulk => bulk.Fraction).Select(group =>
        {
            List<Bulk> bySize = [.. group.OrderBy(bulk => bulk.Size)];
            bool falls = bySize.Zip(bySize.Skip(1), (small, large) => large.Distance < 0.75 * small.Distance).All(holds => holds);
            bool oneParticle = bySize.All(bulk => bulk.Distance * (bulk.Size - 1) < 1.5);
            string distances = string.Join(", ", bySize.Select(bulk => $"{Text(bulk.Distance, "0.0000")} at k = {bulk.Size}"));
            return (falls && oneParticle, $"{bySize[0].Phase}: Kolmogorov distance {distances} (a particle's share is 1/(k-1))");
        })]);

    private static Verdict SlopeVerdict(IReadOnlyList<Slope> slopes) => Verdict.OnParts(
        "Above the typical stable rank its probability falls as the energy of the log-gas says, to the next order in 1/k.",
        [.. slopes.Where(slope => slope.Fraction > 0.27).Select(slope => (
            Math.Abs(slope.Measured.Mean - slope.Limit) < slope.OneCharge + (5 * slope.Measured.StandardError),
            string.Create(
                CultureInfo.InvariantCulture,
                $"r/k = {slope.Fraction:0.0}: {slope.Measured.Mean:0.00} ± {slope.Measured.StandardError:0.00} against {slope.Limit:0.00}, "
                + $"one charge being {slope.OneCharge:0.0}")))]);

    private static Verdict MixingVerdict(IReadOnlyList<Bulk> bulks)
    {
        Bulk worst = bulks.MaxBy(bulk => bulk.Sample.SplitRHat)!;
        return Verdict.OnParts("The chains mix: from dispersed starts they agree.", (
            bulks.All(bulk => bulk.Sample.Warnings.Count == 0),
            string.Create(
                CultureInfo.InvariantCulture,
                $"greatest split R-hat {worst.Sample.SplitRHat:0.0000} (k = {worst.Size}, {worst.Phase}), "
                + $"least effective sample size {bulks.Min(bulk => bulk.Sample.EffectiveSampleSize):0}")));
    }

    private static ResultTable ChainTable(IReadOnlyList<Bulk> bulks) => new(
        "The chains",
        ["k", "r", "phase", "draws", "least effective size", "greatest split R-hat", "evaluations a move", "Kolmogorov distance"],
        [.. bulks.Select(bulk => (IReadOnlyList<string>)
        [
            $"{bulk.Size}",
            Text(bulk.StableRank, "0.0"),
            $"{bulk.Phase}",
            $"{bulk.Sample.Spectra.Count}",
            Text(bulk.Sample.EffectiveSampleSize, "0"),
            Text(bulk.Sample.SplitRHat, "0.0000"),
            Text(bulk.Sample.EvaluationsPerMove, "0.00"),
            Text(bulk.Distance, "0.0000"),
        ])]);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Gaussian matrices sorted into windows of the stable rank, beside chains at the windows' middles.</summary>
    private static IReadOnlyList<Rejection> Reject(Scope settings, ExperimentContext context)
    {
        const double HalfWidth = 0.02;
        int k = settings.RejectionSize;
        double[] targets = [0.23 * k, 0.28 * k, 0.36 * k];
        var found = targets.Select(_ => new List<(int Draw, double[] Squares)>()).ToArray();
        ReplicateLoop.Run(64, new ReplicateSize((long)k * k), part =>
        {
            var stream = new RandomStream(context.Seed, layer: 1, replicate: (ulong)part);
            double[] matrix = new double[k * k];
            double[] values = new double[k];
            for (int draw = 0; draw < settings.RejectionPool / 64; draw++)
            {
                stream.FillGaussian<double>(matrix);
                SingularValues.Compute<double>(k, k, matrix, k, values);
                double[] squares = [.. values.Skip(1).Select(s => s * s / (values[0] * values[0]))];
                double rank = 1 + squares.Sum();
                int target = Array.FindIndex(targets, r => Math.Abs(r - rank) < HalfWidth);
                if (target >= 0)
                {
                    lock (found[target])
                    {
                        found[target].Add(((part << 24) + draw, squares));
                    }
                }
            }
        }, cancellationToken: context.Cancellation);
        return [.. targets.Select((r, i) => new Rejection(
            k, r,
            [.. found[i].OrderBy(one => one.Draw).Select(one => one.Squares)],
            new GaussianConditionedLaw(k, k, r).Sample(2000, context.Seed + (ulong)i, cancellation: context.Cancellation)))];
    }

    /// <summary>How much is measured.</summary>
    internal sealed record Scope(
        IReadOnlyList<int> Sizes, int Draws, int RejectionSize, int RejectionPool, int SlopeSize, int SlopeDraws);

    /// <summary>The bulk of one size and phase.</summary>
    private sealed record Bulk(
        int Size, double Fraction, GaussianConditionedLaw Law, GaussianConditionedSample Sample, double[] Squares, double Distance)
    {
        public double StableRank => Law.StableRank;

        public ConditionedPhase Phase => Law.Limit.Phase;

        public static Bulk Measure(int k, double fraction, int draws, ExperimentContext context)
        {
            var law = new GaussianConditionedLaw(k, k, 1 + (fraction * (k - 1)));
            GaussianConditionedSample sample = law.Sample(draws, context.Seed, cancellation: context.Cancellation);
            double[] squares = [.. sample.Spectra.SelectMany(spectrum => spectrum.Skip(1).Select(s => s * s)).Order()];
            double distance = squares.Select((y, i) =>
                Math.Abs(((i + 0.5) / squares.Length) - law.Limit.CumulativeProbability(y))).Max();
            return new Bulk(k, fraction, law, sample, squares, distance);
        }
    }

    /// <summary>Matrices in one window, and chains at its middle.</summary>
    private sealed record Rejection(int Size, double StableRank, IReadOnlyList<double[]> Matrices, GaussianConditionedSample Sample)
    {
        public IEnumerable<double[]> Chains => Sample.Spectra.Select(spectrum => spectrum.Skip(1).Select(s => s * s).ToArray());

        /// <summary>Shares of the sum, so that the window's width counts in the second order only.</summary>
        public IEnumerable<Comparison> Comparisons()
        {
            (string Name, Func<double[], double> Of)[] statistics =
            [
                ("y_2 / sum y", y => y[0] / y.Sum()), ("y_4 / sum y", y => y[2] / y.Sum()),
                ("sum y^2 / (sum y)^2", y => y.Sum(v => v * v) / (y.Sum() * y.Sum())),
            ];
            foreach ((string name, Func<double[], double> of) in statistics)
            {
                (double Mean, double Variance) plain = MeanAndVariance([.. Matrices.Select(of)]);
                (double Mean, double Variance) chain = MeanAndVariance([.. Chains.Select(of)]);
                yield return new Comparison(
                    FormattableString.Invariant($"mean of {name} at r = {StableRank:0.00}"),
                    plain.Mean,
                    Math.Sqrt((plain.Variance / Matrices.Count) + (chain.Variance / Sample.EffectiveSampleSize)),
                    chain.Mean,
                    Matrices.Count - 1);
            }
        }

        private static (double Mean, double Variance) MeanAndVariance(double[] values)
        {
            double mean = values.Average();
            return (mean, values.Sum(x => (x - mean) * (x - mean)) / (values.Length - 1));
        }
    }

    /// <summary>-d/dr log density of the stable rank, measured and in the limit.</summary>
    private sealed record Slope(double Fraction, double StableRank, ChainDiagnostic Measured, double Limit, double OneCharge)
    {
        public static Slope Measure(int k, double fraction, int draws, ExperimentContext context)
        {
            const double Step = 0.01;
            double r = fraction * k;
            GaussianStableRankLaw law = GaussianStableRankLaw.Of(k, k);
            ChainDiagnostic slope = law.LogDensitySlope(r, draws, context.Seed);
            return new Slope(
                fraction, r, slope with { Mean = -slope.Mean },
                (law.LargeDeviationRate(r + Step) - law.LargeDeviationRate(r - Step)) / (2 * Step),
                Math.Abs(Force(r + 1) - Force(r)));

            double Force(double rank) => new GaussianConditionedLimit(k, k, rank).Force;
        }
    }
}
