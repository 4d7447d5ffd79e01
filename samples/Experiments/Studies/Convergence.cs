using StableRank.Experiments.Learning;
using StableRank.Experiments.Running;
using StableRank.Networks;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>
/// What the stable rank of the initial weights does to the speed of training, at one learning rate and at each one's best.
/// </summary>
internal sealed partial class Convergence(Convergence.Scope? scope = null) : Experiment
{
    private static readonly IReadOnlyList<SpectralFamily> AllFamilies =
    [
        SpectralFamily.Flat, SpectralFamily.PowerLaw, SpectralFamily.Spike, SpectralFamily.Uniform, SpectralFamily.GaussianConditioned,
    ];

    private static readonly IReadOnlyList<SpectralFamily> FlatAlone = [SpectralFamily.Flat];

    private static readonly IReadOnlyList<SpectralFamily> FlatAndPower = [SpectralFamily.Flat, SpectralFamily.PowerLaw];

    private static readonly IReadOnlyList<double> Halvings = [1 / 32.0, 1 / 16.0, 1 / 8.0, 1 / 4.0, 1 / 2.0, 1];

    private static readonly IReadOnlyList<double> Few = [1 / 8.0, 1 / 4.0, 1 / 2.0, 1];

    private static readonly IReadOnlyList<double> Grid = [0.001, 0.003, 0.01, 0.03, 0.1];

    private static readonly Scope QuickScope = new(
        [
            new Study(new Architecture(Activation.ReLU, 6, 64), AllFamilies, FlatAndPower, Halvings),
            new Study(new Architecture(Activation.Tanh, 6, 64), FlatAlone, FlatAlone, Few),
            new Study(new Architecture(Activation.LeakyReLU(0.2), 6, 64), FlatAlone, FlatAlone, Few),
        ],
        Epochs: 8, BatchSize: 64, TrainingSamples: 1408, TargetLoss: 0.3, Rates: Grid, CommonRate: 0.01, TuningSeeds: 1, Seeds: 14);

    private static readonly Scope FullScope = new(
        [
            new Study(new Architecture(Activation.ReLU, 6, 64), AllFamilies, AllFamilies, Halvings),
            new Study(new Architecture(Activation.ReLU, 3, 64), FlatAndPower, FlatAlone, Halvings),
            new Study(new Architecture(Activation.ReLU, 12, 64), FlatAndPower, FlatAlone, Halvings),
            new Study(new Architecture(Activation.ReLU, 6, 128), FlatAndPower, FlatAlone, Halvings),
            new Study(new Architecture(Activation.Tanh, 6, 64), AllFamilies, FlatAndPower, Halvings),
            new Study(new Architecture(Activation.LeakyReLU(0.2), 6, 64), AllFamilies, FlatAndPower, Halvings),
            new Study(new Architecture(Activation.ReLU, 4, 128), FlatAndPower, FlatAlone, Halvings, IsFashion: true),
            new Study(new Architecture(Activation.ReLU, 4, 512), FlatAlone, [], Few, IsFashion: true),
        ],
        Epochs: 16, BatchSize: 64, TrainingSamples: 1408, TargetLoss: 0.3, Rates: Grid, CommonRate: 0.01, TuningSeeds: 2, Seeds: 20)
    {
        FashionSamples = 12800, FashionEpochs = 2, FashionTargetLoss = 0.6,
    };

    public override string Name => "convergence";

    public override string Title => "Stable-rank initialisation and the speed of training";

    public override string Source =>
        "P1, On the Impact of Stable Ranks in Deep Nets (arXiv 2110.02333), abstract: stable rank initialization alone can lead to "
        + "convergence speed ups. Scales as in theory (2.3).";

    public override string Claim =>
        "Drawing the initial weights with a given stable rank, and nothing else, makes training reach a fixed loss in fewer steps than "
        + "He's Gaussian initialisation does.";

    public override string Protocol => ProtocolOf(scope ?? QuickScope);

    public override ExperimentResult Run(ExperimentContext context)
    {
        var settings = scope ?? context.Choose(QuickScope, FullScope);
        var (cells, notes) = Measure(settings, context);
        return Judge(cells, settings, notes);
    }

    /// <summary>All initialisations of all studies whose data are there, each tuned and trained.</summary>
    internal static (IReadOnlyList<Cell> Cells, IReadOnlyList<string> Notes) Measure(Scope settings, ExperimentContext context)
    {
        var notes = new List<string>();
        var plans = Plan(settings, notes);
        var seeds = settings.Seeds;
        var tuning = new LearningOutcome[plans.Count, settings.Rates.Count, settings.TuningSeeds];
        var perPlan = settings.Rates.Count * settings.TuningSeeds;
        var total = (double)plans.Count * (perPlan + (2 * seeds));
        var done = 0;
        void Told() => context.Progress.Report(Math.Min(1, Interlocked.Increment(ref done) / total));

        // tuning networks are others than those measured, lest the best rate be best by luck of the measurement
        Each(plans.Count * perPlan, plans, context, job =>
        {
            var (plan, rate, replicate) = (job / perPlan, job % perPlan / settings.TuningSeeds, job % settings.TuningSeeds);
            tuning[plan, rate, replicate] = plans[plan].Train(settings.Rates[rate], context, seeds + replicate);
            Told();
        });

        var best = Enumerable.Range(0, plans.Count).Select(plan => BestRate(tuning, plan, settings)).ToArray();
        var rates = new double[] { settings.CommonRate, double.NaN };
        var measured = new LearningOutcome[plans.Count, 2, seeds];
        Each(plans.Count * 2 * seeds, plans, context, job =>
        {
            var (plan, protocol, replicate) = (job / (2 * seeds), job / seeds % 2, job % seeds);
            var rate = protocol == 0 ? rates[0] : settings.Rates[best[plan]];
            if (protocol == 0 || rate != settings.CommonRate)
            {
                measured[plan, protocol, replicate] = plans[plan].Train(rate, context, replicate);
            }

            Told();
        });

        return ([.. plans.Select((plan, i) =>
        {
            var common = Row(measured, i, 0);
            var rate = settings.Rates[best[i]];
            return new Cell(
                plan.Study, plan.Run.Task.Name, plan.Initialisation, rate, best[i] == 0 || best[i] == settings.Rates.Count - 1,
                [.. Enumerable.Range(0, settings.Rates.Count).Select(j => Share(Row(tuning, i, j)))],
                common, rate == settings.CommonRate ? common : Row(measured, i, 1));
        })], notes);
    }

    private static double Share(IReadOnlyList<LearningOutcome> runs) => (double)runs.Count(run => run.Diverged) / runs.Count;

    private static LearningOutcome[] Row(LearningOutcome[,,] table, int first, int second) =>
        [.. Enumerable.Range(0, table.GetLength(2)).Select(third => table[first, second, third])];

    private static void Each(int count, IReadOnlyList<Planned> plans, ExperimentContext context, Action<int> job) => ReplicateLoop.Run(
        count,
        ReplicateSize.Largest(plans.Select(plan => ReplicateSize.Of<float>(plan.Model, plan.Run.BatchSize))),
        job,
        cancellationToken: context.Cancellation);

    /// <summary>The rate with the fewest steps to the loss (a diverged run counts twice its budget), the more accurate of equals.</summary>
    private static int BestRate(LearningOutcome[,,] tuning, int plan, Scope settings) => Enumerable.Range(0, settings.Rates.Count)
        .OrderBy(rate => Row(tuning, plan, rate).Average(run => Math.Log(run.Diverged ? 2.0 * run.Steps : run.Steps)))
        .ThenByDescending(rate => Row(tuning, plan, rate).Average(run => run.Accuracy))
        .First();

    private static List<Planned> Plan(Scope settings, List<string> notes)
    {
        var digits = new LearningRun(
            LearningTask.Digits(settings.TrainingSamples), settings.Epochs, settings.BatchSize, settings.TargetLoss);
        var fashion = settings.FashionSamples > 0 && settings.Studies.Any(study => study.IsFashion)
            ? LearningTask.FashionMnist(settings.FashionSamples, settings.FashionSamples / 4)
            : null;
        var plans = new List<Planned>();
        foreach (var study in settings.Studies)
        {
            if (study.IsFashion && fashion is null)
            {
                notes.Add($"{study.Architecture.Name} on Fashion-MNIST is left out: the data set is not on this machine.");
                continue;
            }

            var run = study.IsFashion
                ? new LearningRun(fashion!, settings.FashionEpochs, settings.BatchSize, settings.FashionTargetLoss)
                : digits;
            var admitted = study.Initialisations().ToLookup(one => one.IsAdmitted(run.Task.Features, study.Architecture.Width));
            plans.AddRange(admitted[true].Select(one =>
                new Planned(study, run, one, study.Architecture.Model(run.Task.Features, one))));
            foreach (var one in admitted[false])
            {
                notes.Add($"{study.Architecture.Name}: {one.Name} is left out: the family has no such stable rank.");
            }
        }

        return plans;
    }

    private static string ProtocolOf(Scope settings) =>
        "Dense networks without biases learn images by SGD of momentum 0.9 in batches of "
        + $"{settings.BatchSize}, in single precision. Only the hidden layers' weights differ: He's Gaussian, orthogonal, or Haar singular "
        + "vectors with a spectrum of given family and stable rank r, k the lesser side. Either the variance of entries is He's for all r, "
        + "or the spectral norm is (Gaussian's edge): these answer different questions, for at fixed norm a lower r also shrinks the "
        + "signal, by r/k a layer. At r = k all families are one law, at equal variance that of the orthogonal baseline. Two protocols: "
        + "one learning rate for all; and each initialisation at its own best of one grid, found on other networks than those measured. "
        + "Replicates share the output layer, the Gaussian stream and the order of batches across initialisations, so comparisons are "
        + $"paired. Timed are steps until the mean loss of {LearningOutcome.Window} batches is at most the target; a run that never gets "
        + "there counts with its whole budget, which makes its ratio a bound (hollow). Speed-ups are ratios of steps, He's over the "
        + "other's, geometric means over replicates with bootstrap 95 % intervals; verdicts use Student's t on the paired logarithms with "
        + "5 % of false alarms over all comparisons of a verdict (Bonferroni).";

    /// <summary>How much is trained.</summary>
    /// <param name="Studies">The networks.</param>
    /// <param name="Epochs">Passes over the digits.</param>
    /// <param name="BatchSize">Samples of a step.</param>
    /// <param name="TrainingSamples">Digits to train on; the other ones test.</param>
    /// <param name="TargetLoss">The loss whose reaching is timed.</param>
    /// <param name="Rates">The grid of learning rates, rising.</param>
    /// <param name="CommonRate">The rate of the protocol with one for all.</param>
    /// <param name="TuningSeeds">Networks that choose the best rate.</param>
    /// <param name="Seeds">Networks that are measured.</param>
    internal sealed record Scope(
        IReadOnlyList<Study> Studies, int Epochs, int BatchSize, int TrainingSamples, double TargetLoss, IReadOnlyList<double> Rates,
        double CommonRate, int TuningSeeds, int Seeds)
    {
        /// <summary>Images of Fashion-MNIST to train on.</summary>
        public int FashionSamples { get; init; }

        /// <summary>Passes over them.</summary>
        public int FashionEpochs { get; init; }

        /// <summary>Their target.</summary>
        public double FashionTargetLoss { get; init; }
    }

    /// <summary>One network and the initialisations that it is given beside the baselines.</summary>
    /// <param name="Architecture">The network.</param>
    /// <param name="AtVariance">Families at preserved variance.</param>
    /// <param name="AtNorm">Families at He's spectral norm.</param>
    /// <param name="Fractions">r/k, rising.</param>
    /// <param name="IsFashion">Whether it learns Fashion-MNIST rather than digits.</param>
    internal sealed record Study(
        Architecture Architecture, IReadOnlyList<SpectralFamily> AtVariance, IReadOnlyList<SpectralFamily> AtNorm,
        IReadOnlyList<double> Fractions, bool IsFashion = false)
    {
        /// <summary>The baselines, then the families; r = k, where all families are one, under the first family alone.</summary>
        public IEnumerable<Initialisation> Initialisations() =>
        [
            Initialisation.He, Initialisation.Orthogonal,
            .. Of(AtVariance, HeldScale.Variance), .. Of(AtNorm, HeldScale.SpectralNorm),
        ];

        private IEnumerable<Initialisation> Of(IReadOnlyList<SpectralFamily> families, HeldScale scale) =>
            from family in families
            from fraction in Fractions
            where fraction < 1 || ReferenceEquals(family, families[0])
            select new Initialisation(family, fraction, scale);
    }

    /// <summary>One initialisation of one network, measured.</summary>
    /// <param name="Study">The network.</param>
    /// <param name="Task">The data's name.</param>
    /// <param name="Initialisation">The initialisation.</param>
    /// <param name="BestRate">Its best rate of the grid.</param>
    /// <param name="IsAtEdge">Whether that is the grid's first or last, so that a better one may lie outside.</param>
    /// <param name="Divergence">The share of tuning runs that diverged, for each rate of the grid.</param>
    /// <param name="Common">Runs at the common rate, a replicate each.</param>
    /// <param name="Best">Runs at the best rate.</param>
    internal sealed record Cell(
        Study Study, string Task, Initialisation Initialisation, double BestRate, bool IsAtEdge, IReadOnlyList<double> Divergence,
        IReadOnlyList<LearningOutcome> Common, IReadOnlyList<LearningOutcome> Best)
    {
        /// <summary>Runs of a protocol.</summary>
        public IReadOnlyList<LearningOutcome> Runs(bool isBest) => isBest ? Best : Common;
    }

    private sealed record Planned(Study Study, LearningRun Run, Initialisation Initialisation, Model Model)
    {
        public LearningOutcome Train(double rate, ExperimentContext context, int replicate) =>
            Run.Train(Model, rate, context.Seed, replicate, context.Cancellation).Outcome;
    }
}
