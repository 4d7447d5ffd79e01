using System.Globalization;

namespace StableRank.Training.Schedules;

/// <summary>A straight line up to another schedule's first rate, then that schedule.</summary>
internal sealed class WarmUpSchedule(LearningRateSchedule inner, long steps, double startFactor) : LearningRateSchedule
{
    private readonly LearningRateSchedule _inner = inner;
    private readonly long _steps = Guard.RequireCount(steps, nameof(steps));
    private readonly double _startFactor = startFactor is >= 0 and <= 1
        ? startFactor
        : throw new ArgumentOutOfRangeException(nameof(startFactor), startFactor, "Expected a number between 0 and 1.");

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"WarmUp(steps={_steps}, startFactor={_startFactor:R}, then {_inner})");

    private protected override double RateAt(long step) =>
        step >= _steps
            ? _inner.Rate(step - _steps)
            : _inner.Rate(0) * (_startFactor + ((1 - _startFactor) * step / _steps));
}
