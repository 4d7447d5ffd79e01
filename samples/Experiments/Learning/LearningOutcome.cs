namespace StableRank.Experiments.Learning;

/// <summary>What one training run came to.</summary>
/// <param name="Steps">Steps to the target loss; those of the whole run where it was not reached.</param>
/// <param name="Reached">Whether it was.</param>
/// <param name="Accuracy">On the test data at the end; of a run that diverged, that of a blind guess.</param>
/// <param name="Diverged">Whether a number was not finite, or the loss at the end above twice that of a blind guess.</param>
internal sealed record LearningOutcome(int Steps, bool Reached, double Accuracy, bool Diverged)
{
    /// <summary>
    /// Steps whose losses are averaged: one batch's is noise.
    /// </summary>
    public const int Window = 10;

    /// <summary>The outcome of a run from its losses.</summary>
    /// <param name="losses">The batches' losses, in order.</param>
    /// <param name="target">The loss to reach.</param>
    /// <param name="budget">The steps that the run was given.</param>
    /// <param name="accuracy">At the end; null where there was none.</param>
    /// <param name="isBroken">Whether a number was not finite.</param>
    public static LearningOutcome Of(IReadOnlyList<double> losses, double target, int budget, double? accuracy, bool isBroken)
    {
        int? reached = null;
        var mean = double.NaN;
        for (var step = Window; step <= losses.Count; step++)
        {
            mean = 0;
            for (var i = step - Window; i < step; i++)
            {
                mean += losses[i] / Window;
            }

            if (reached is null && mean <= target)
            {
                reached = step;
            }
        }

        var diverged = isBroken || mean > 2 * Math.Log(LearningTask.Classes);
        return new LearningOutcome(
            reached ?? budget, reached is not null, diverged || accuracy is null ? 1.0 / LearningTask.Classes : accuracy.Value, diverged);
    }
}
