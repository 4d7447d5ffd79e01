namespace StableRank.Training;

/// <summary>
/// Ends a run whose loss at the end of an epoch (the validation loss where there is validation data, else the training loss) has not
/// fallen below its best so far by more than <see cref="MinimumImprovement"/> in <see cref="Patience"/> epochs in a row.
/// </summary>
/// <param name="Patience">Epochs without improvement that end the run; at least 1.</param>
/// <param name="MinimumImprovement">What counts as an improvement; finite, at least 0.</param>
public sealed record EarlyStop(int Patience, double MinimumImprovement = 0)
{
    /// <summary>Epochs without improvement that end the run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int Patience { get; init; } = (int)Guard.RequireCount(Patience, nameof(Patience));

    /// <summary>What counts as an improvement.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double MinimumImprovement { get; init; } = Guard.RequireNonNegative(MinimumImprovement, nameof(MinimumImprovement));
}
