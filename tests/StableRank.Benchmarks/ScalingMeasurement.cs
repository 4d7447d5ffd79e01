namespace StableRank.Benchmarks;

/// <summary>What was measured of a series.</summary>
/// <param name="Series">The series.</param>
/// <param name="One">Its rows on one thread.</param>
/// <param name="All">Its rows on all threads.</param>
internal sealed record ScalingMeasurement(ScalingSeries Series, IReadOnlyList<Timing> One, IReadOnlyList<Timing> All)
{
    /// <summary>Sizes that an exponent is fitted to: the last two doublings.</summary>
    public const int Fitted = 3;

    /// <summary>The exponent of times on one thread.</summary>
    public double ExponentOfOne => Slope([.. One.Select(timing => timing.Median)]);

    /// <summary>The exponent of times on all threads.</summary>
    public double ExponentOfAll => Slope([.. All.Select(timing => timing.Median)]);

    /// <summary>The exponent of the operations; NaN where a row does not count them.</summary>
    public double Predicted => Slope([.. Series.Rows.Select(row => row.Flops?.Invoke() ?? double.NaN)]);

    /// <summary>The time on one thread over that on all, at a place in the series.</summary>
    public double SpeedUp(int i) => One[i].Median / All[i].Median;

    /// <summary>Operations a second on all threads.</summary>
    public double Rate(int i) => (Series.Rows[i].Flops?.Invoke() ?? double.NaN) / All[i].Median;

    /// <summary>The slope of the least-squares line through (log size, log value) of the largest sizes; NaN where a value is.</summary>
    public double Slope(IReadOnlyList<double> values)
    {
        var count = Math.Min(Fitted, values.Count);
        var x = Series.Sizes[^count..].Select(size => Math.Log(size)).ToArray();
        var y = values.TakeLast(count).Select(value => Math.Log(value)).ToArray();
        var (meanX, meanY) = (x.Average(), y.Average());
        return x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum() / x.Sum(a => (a - meanX) * (a - meanX));
    }
}
