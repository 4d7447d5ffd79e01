using StableRank.Spectra;

namespace StableRank.Training;

/// <summary>
/// How long a model that is linear in its parameters is trained on the squared loss 1/(2 N) ||f - y||^2: gradient flow up to a time,
/// gradient descent for a number of steps, or until nothing changes any more. What it does to an eigen-direction of the kernel depends on
/// that direction's eigenvalue alone, theory (5.4).
/// </summary>
public readonly record struct TrainingHorizon
{
    private TrainingHorizon(double learningRate, double duration, bool isDiscrete)
    {
        LearningRate = learningRate;
        Duration = duration;
        IsDiscrete = isDiscrete;
    }

    /// <summary>eta.</summary>
    public double LearningRate { get; }

    /// <summary>The time t, or the number of steps.</summary>
    public double Duration { get; }

    /// <summary>Whether training goes in steps.</summary>
    public bool IsDiscrete { get; }

    /// <summary>Gradient flow without end: the residual vanishes in every direction that the kernel reaches.</summary>
    public static TrainingHorizon Infinite { get; } = new(1, double.PositiveInfinity, false);

    /// <summary>Gradient flow, d theta / dt = -eta dL / d theta, up to time t.</summary>
    /// <param name="learningRate">eta, above 0.</param>
    /// <param name="time">t, at least 0; infinity is allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static TrainingHorizon Flow(double learningRate, double time)
    {
        RequireRate(learningRate);
        return double.IsNaN(time) || time < 0
            ? throw new ArgumentOutOfRangeException(nameof(time), time, $"The time is {time}; expected a number of at least 0.")
            : new TrainingHorizon(learningRate, time, false);
    }

    /// <summary>Gradient descent, theta = theta - eta dL / d theta, for a number of steps.</summary>
    /// <param name="learningRate">eta, above 0; beyond 2 N / lambda_1 it diverges.</param>
    /// <param name="steps">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static TrainingHorizon Descent(double learningRate, long steps)
    {
        RequireRate(learningRate);
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        return new TrainingHorizon(learningRate, steps, true);
    }

    /// <summary>What is left of the residual along an eigenvector: exp(-eta lambda t / N), or (1 - eta lambda / N)^steps.</summary>
    internal double Remaining(double eigenvalue, int samples)
    {
        var rate = LearningRate * eigenvalue / samples;
        return eigenvalue == 0 || Duration == 0 ? 1
            : IsDiscrete ? Power(1 - rate, (long)Duration)
            : Math.Exp(-rate * Duration);
    }

    /// <summary>(1 - what is left) / lambda, with its limit eta t / N (or eta steps / N) at lambda = 0, where infinity gives 0.</summary>
    internal double Gain(double eigenvalue, int samples)
    {
        var rate = LearningRate * eigenvalue / samples;
        if (eigenvalue == 0)
        {
            return double.IsPositiveInfinity(Duration) ? 0 : LearningRate * Duration / samples;
        }

        // small products lose nothing this way; a rate from 1 on has no logarithm to lose
        var gone = !IsDiscrete ? -ElementaryFunctions.Expm1(-rate * Duration)
            : rate < 0.5 ? -ElementaryFunctions.Expm1(Duration * ElementaryFunctions.Log1p(-rate))
            : 1 - Power(1 - rate, (long)Duration);
        return gone / eigenvalue;
    }

    // Math.Pow would take a power of a negative number through a double exponent: right for whole numbers, as these are, below 2^53
    private static double Power(double value, long steps) => steps == 0 ? 1 : Math.Pow(value, steps);

    private static void RequireRate(double learningRate)
    {
        if (!double.IsFinite(learningRate) || learningRate <= 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(learningRate), learningRate, $"The learning rate is {learningRate}; expected a finite number above 0.");
        }
    }
}
