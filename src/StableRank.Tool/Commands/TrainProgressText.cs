using StableRank.Tool.Output;
using StableRank.Training;

namespace StableRank.Tool.Commands;

/// <summary>
/// Turns the progress of a training run into the fraction done and a line of words, on the thread that reports it, ten times a second at
/// most: a step of a small network takes less time than its text.
/// </summary>
internal sealed class TrainProgressText(Action<double, string> report) : IProgress<TrainingProgress>
{
    private const long Interval = 100; // ms

    private long _last = -Interval;

    public void Report(TrainingProgress value)
    {
        var now = Environment.TickCount64;
        if (now - _last < Interval && value.Step < value.TotalSteps)
        {
            return;
        }

        _last = now;
        var validation = value.LastEpoch?.ValidationAccuracy is { } accuracy ? $"\tvalidation {NumberFormat.Fixed(accuracy, 4)}" : "";
        report(
            (double)value.Step / value.TotalSteps,
            $"epoch {value.Epoch}/{value.Epochs}\tloss {NumberFormat.Significant(value.Loss, 4)}{validation}");
    }
}
