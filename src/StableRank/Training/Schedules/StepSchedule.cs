using System.Globalization;

namespace StableRank.Training.Schedules;

/// <summary>A rate that is multiplied by a factor every so many steps.</summary>
internal sealed class StepSchedule(double rate, long period, double factor) : LearningRateSchedule
{
    private readonly double _rate = Guard.RequireNonNegative(rate, nameof(rate));
    private readonly long _period = Guard.RequireCount(period, nameof(period));
    private readonly double _factor = Guard.RequirePositive(factor, nameof(factor));

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"Step(rate={_rate:R}, period={_period}, factor={_factor:R})");

    private protected override double RateAt(long step) => _rate * Math.Pow(_factor, step / _period);
}
