namespace StableRank.Experiments.Running;

/// <summary>
/// A claim and the measurement that tests it. One file, one sealed class; one line in <see cref="Catalogue"/> registers it.
/// Texts are in the notation of <see cref="Reporting.EnhancedText"/>.
/// </summary>
internal abstract class Experiment
{
    /// <summary>The name on the command line and of its folder: lower case, digits and hyphens.</summary>
    public abstract string Name { get; }

    /// <summary>A title for people.</summary>
    public abstract string Title { get; }

    /// <summary>Where the claim comes from: a paper and the formulas' numbers.</summary>
    public abstract string Source { get; }

    /// <summary>What is claimed.</summary>
    public abstract string Claim { get; }

    /// <summary>What is done to test it.</summary>
    public abstract string Protocol { get; }

    /// <summary>Measures. The same seed and size give the same numbers on the same backend and thread count.</summary>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public abstract ExperimentResult Run(ExperimentContext context);
}
