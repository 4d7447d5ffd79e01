using System.Globalization;

namespace StableRank.Training.Schedules;

/// <summary>Half a cosine from a rate to a floor, and the floor from there on.</summary>
internal sealed class CosineSchedule(double rate, long steps, double floor) : LearningRateSchedule
{
    private readonly double _rate = Guard.RequireNonNegative(rate, nameof(rate));
    private readonly long _steps = Guard.RequireCount(steps, nameof(steps));
    private readonly double _floor = Guard.RequireNonNegative(floor, nameof(floor));

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"Cosine(rate={_rate:R}, steps={_steps}, floor={_floor:R})");

    private protected override double RateAt(long step) =>
        step >= _steps ? _floor : _floor + ((_rate - _floor) * (1 + Math.Cos(Math.PI * step / _steps)) / 2);
}
