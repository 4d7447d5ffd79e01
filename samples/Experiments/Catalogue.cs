using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Experiments;

/// <summary>The experiments there are.</summary>
internal sealed class Catalogue
{
    /// <summary>All of them, in the order of the report: one line an experiment.</summary>
    public static readonly Catalogue All = new(
        new FeedForward(),
        new ConditionedGaussian(),
        new MeanFieldPhases(),
        new KernelLimit(),
        new KernelFactors(),
        new Convergence(),
        new RankDynamics(),
        new LazyTraining(),
        new LeakyRank(),
        new GradientStableRank(),
        new Bottleneck(),
        new Truncation(),
        new LeakyBottleneck(),
        new LowDimensionalInput(),
        new ConvStride(),
        new CurveLength(),
        new PhaseDiagram(),
        new CorrelationDepth(),
        new JacobianLaw(),
        new LinearRegions());

    /// <summary>A catalogue of these experiments.</summary>
    /// <exception cref="ArgumentException">Two share a name.</exception>
    public Catalogue(params IReadOnlyList<Experiment> experiments)
    {
        var twice = experiments.GroupBy(experiment => experiment.Name).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw new ArgumentException($"{twice.Count()} experiments are named '{twice.Key}'", nameof(experiments));
        }

        Experiments = experiments;
    }

    /// <summary>The experiments in order.</summary>
    public IReadOnlyList<Experiment> Experiments { get; }

    /// <summary>Their names in order.</summary>
    public IReadOnlyList<string> Names => [.. Experiments.Select(experiment => experiment.Name)];

    /// <summary>The experiments of these names, in the catalogue's order and each once; all of them where no name is given.</summary>
    /// <param name="names">Names.</param>
    /// <param name="unknown">Those that are no experiment's.</param>
    public IReadOnlyList<Experiment> Select(IReadOnlyList<string> names, out IReadOnlyList<string> unknown)
    {
        unknown = [.. names.Where(name => !Names.Contains(name)).Distinct()];
        return names.Count == 0 ? Experiments : [.. Experiments.Where(experiment => names.Contains(experiment.Name))];
    }
}
