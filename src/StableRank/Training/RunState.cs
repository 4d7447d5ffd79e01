using System.Text.Json.Serialization;

namespace StableRank.Training;

/// <summary>How far a run has come, beside the arrays: what a checkpoint holds as JSON.</summary>
internal sealed class RunState
{
    /// <summary>Steps done. With the seed it is the position of the random numbers: shuffles depend on (seed, epoch) only.</summary>
    public long Step { get; set; }

    /// <summary>Steps that the optimiser counts.</summary>
    public long OptimizerSteps { get; set; }

    /// <summary>How the run ended; null while it has not, and when it was cancelled.</summary>
    public TrainingOutcome? Outcome { get; set; }

    /// <summary>The sum of the losses of the samples met in the epoch under way.</summary>
    public double EpochLoss { get; set; }

    /// <summary>Those of them that came out right.</summary>
    public long EpochCorrect { get; set; }

    /// <summary>Their number.</summary>
    public long EpochSamples { get; set; }

    /// <summary>The lowest loss at the end of an epoch, by the measure of <see cref="EarlyStop"/>.</summary>
    public double? BestLoss { get; set; }

    /// <summary>Epochs since then.</summary>
    public int EpochsWithoutImprovement { get; set; }

    /// <summary>The complete epochs.</summary>
    public List<EpochMetrics> Epochs { get; init; } = [];

    /// <summary>The loss of each step; stored as an array, which is shorter than JSON.</summary>
    [JsonIgnore]
    public List<double> StepLosses { get; } = [];

    /// <summary>Counts a step's batch.</summary>
    public void Add(double loss, int samples, int correct)
    {
        StepLosses.Add(loss);
        EpochLoss += loss * samples;
        EpochCorrect += correct;
        EpochSamples += samples;
    }

    /// <summary>Closes an epoch.</summary>
    public EpochMetrics CloseEpoch(bool labelled, (double Loss, double? Accuracy)? validation)
    {
        var metrics = new EpochMetrics(
            Epochs.Count + 1,
            Step,
            EpochLoss / EpochSamples,
            labelled ? (double)EpochCorrect / EpochSamples : null,
            validation?.Loss,
            validation?.Accuracy);
        Epochs.Add(metrics);
        (EpochLoss, EpochCorrect, EpochSamples) = (0, 0, 0);
        return metrics;
    }

    /// <summary>Whether the epoch just closed uses up the patience.</summary>
    public bool HasStalled(EarlyStop rule)
    {
        var loss = Epochs[^1].ValidationLoss ?? Epochs[^1].TrainingLoss;
        if (BestLoss is { } best && !(loss < best - rule.MinimumImprovement))
        {
            EpochsWithoutImprovement++;
            return EpochsWithoutImprovement >= rule.Patience;
        }

        BestLoss = loss;
        EpochsWithoutImprovement = 0;
        return false;
    }
}
