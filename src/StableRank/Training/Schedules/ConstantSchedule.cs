using System.Globalization;

namespace StableRank.Training.Schedules;

/// <summary>The same rate at every step.</summary>
internal sealed class ConstantSchedule(double rate) : LearningRateSchedule
{
    private readonly double _rate = Guard.RequireNonNegative(rate, nameof(rate));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Constant(rate={_rate:R})");

    private protected override double RateAt(long step) => _rate;
}
