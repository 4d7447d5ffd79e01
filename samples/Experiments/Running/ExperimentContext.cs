namespace StableRank.Experiments.Running;

/// <summary>How much an experiment measures.</summary>
internal enum ExperimentSize
{
    /// <summary>Seconds: for every run of everything.</summary>
    Quick,

    /// <summary>Minutes: narrower error bars, larger networks.</summary>
    Full,
}

/// <summary>What a run gives an experiment.</summary>
/// <param name="Seed">The seed of all its randomness.</param>
/// <param name="Size">How much to measure.</param>
/// <param name="Progress">Takes the fraction done, in [0, 1].</param>
/// <param name="Cancellation">Cancelled when the user has had enough.</param>
internal sealed record ExperimentContext(ulong Seed, ExperimentSize Size, IProgress<double> Progress, CancellationToken Cancellation)
{
    /// <summary>One of two values by the size.</summary>
    public T Choose<T>(T quick, T full) => Size == ExperimentSize.Full ? full : quick;
}
