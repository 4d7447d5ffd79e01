using StableRank.Training.Schedules;

namespace StableRank.Training;

/// <summary>The learning rate as a function of the step alone; steps count from 0, over the whole run, not within an epoch.</summary>
public abstract class LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">0 for the first step.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public double Rate(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return RateAt(step);
    }

    /// <summary>The same rate at every step.</summary>
    /// <param name="rate">Finite, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is outside its range.</exception>
    public static LearningRateSchedule Constant(double rate) => new ConstantSchedule(rate);

    /// <summary>
    /// Half a cosine from <paramref name="rate"/> at step 0 down to <paramref name="floor"/> at step <paramref name="steps"/>, and the
    /// floor from there on (Loshchilov and Hutter 2017, equation 5, without restarts; CosineAnnealingLR within its T_max).
    /// </summary>
    /// <param name="rate">Finite, at least 0.</param>
    /// <param name="steps">At least 1.</param>
    /// <param name="floor">Finite, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static LearningRateSchedule Cosine(double rate, long steps, double floor = 0) => new CosineSchedule(rate, steps, floor);

    /// <summary>rate factor^(whole part of step / period): PyTorch's StepLR.</summary>
    /// <param name="rate">Finite, at least 0.</param>
    /// <param name="period">Steps from one change to the next, at least 1.</param>
    /// <param name="factor">What the rate is multiplied by at each change; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static LearningRateSchedule Step(double rate, long period, double factor = 0.1) => new StepSchedule(rate, period, factor);

    /// <summary>
    /// A straight line from <paramref name="startFactor"/> times this schedule's first rate up to that rate over <paramref name="steps"/>
    /// steps, then this schedule from its own step 0: PyTorch's LinearLR before it, by SequentialLR.
    /// </summary>
    /// <param name="steps">Steps of the warm-up, at least 1.</param>
    /// <param name="startFactor">In [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public LearningRateSchedule AfterWarmUp(long steps, double startFactor = 0) => new WarmUpSchedule(this, steps, startFactor);

    /// <summary>The schedule and its numbers, as a checkpoint records them.</summary>
    public abstract override string ToString();

    private protected abstract double RateAt(long step);
}
