namespace StableRank.Training;

/// <summary>The guards that the public members of this folder share.</summary>
internal static class Guard
{
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, infinite or NaN.</exception>
    public static double RequireNonNegative(double value, string name) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "Expected a finite number of at least 0.");

    /// <exception cref="ArgumentOutOfRangeException">The value is not positive, infinite or NaN.</exception>
    public static double RequirePositive(double value, string name) =>
        double.IsFinite(value) && value > 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "Expected a finite number above 0.");

    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1) or NaN.</exception>
    public static double RequireBelowOne(double value, string name) =>
        value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "Expected a number of at least 0 and below 1.");

    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public static long RequireCount(long value, string name) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "Expected a whole number of at least 1.");
}
