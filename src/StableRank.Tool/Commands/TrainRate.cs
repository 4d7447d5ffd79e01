using System.Globalization;
using StableRank.Tool.CommandLine;
using StableRank.Training;

namespace StableRank.Tool.Commands;

/// <summary>What <c>--schedule</c> says: the shape of the learning rate over a run whose length is known later.</summary>
/// <param name="Text">As the user wrote it.</param>
/// <param name="WarmUpSteps">Steps of the rise at the start; 0 for none.</param>
/// <param name="Kind">constant, cosine or step.</param>
/// <param name="PeriodEpochs">Of step: epochs from one change to the next.</param>
/// <param name="Factor">Of step: what the rate is multiplied by.</param>
internal sealed record TrainRate(string Text, long WarmUpSteps, string Kind, int PeriodEpochs, double Factor)
{
    public const string Expected = "constant, cosine or step:E[:F], each also after warm-up:N+";

    private const double DefaultFactor = 0.1;

    /// <exception cref="UsageException">The text is none of the forms.</exception>
    public static TrainRate Parse(string text)
    {
        var parts = text.Split('+');
        var warmUp = 0;
        var words = parts[^1].Split(':');
        var (period, factor) = (1, DefaultFactor);
        var known = words switch
        {
            ["constant"] or ["cosine"] => true,
            ["step", var epochs] => TryCount(epochs, out period),
            ["step", var epochs, var times] => TryCount(epochs, out period)
                && double.TryParse(times, NumberStyles.Float, CultureInfo.InvariantCulture, out factor)
                && double.IsFinite(factor) && factor > 0,
            _ => false,
        };
        var rises = parts.Length == 1
            || (parts.Length == 2 && parts[0].Split(':') is ["warm-up", var steps] && TryCount(steps, out warmUp));
        return known && rises
            ? new TrainRate(text, warmUp, words[0], period, factor)
            : throw new UsageException($"--schedule is '{text}'; expected {Expected} (N steps, E epochs, a factor F above 0)");
    }

    /// <summary>The schedule of a run of so many steps.</summary>
    /// <exception cref="UsageException">The warm-up leaves no step for the rest.</exception>
    public LearningRateSchedule Over(double rate, long totalSteps, long stepsPerEpoch)
    {
        if (WarmUpSteps >= totalSteps)
        {
            throw new UsageException($"--schedule {Text} warms up for {WarmUpSteps} steps, and the run has {totalSteps}; expected fewer");
        }

        var schedule = Kind switch
        {
            "constant" => LearningRateSchedule.Constant(rate),
            "cosine" => LearningRateSchedule.Cosine(rate, totalSteps - WarmUpSteps),
            _ => LearningRateSchedule.Step(rate, PeriodEpochs * stepsPerEpoch, Factor),
        };
        return WarmUpSteps > 0 ? schedule.AfterWarmUp(WarmUpSteps) : schedule;
    }

    private static bool TryCount(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;
}
