using System.Globalization;

namespace StableRank.Training;

/// <summary>The conditions under which a nearest matrix of a given stable rank exists and is one.</summary>
internal static class ProjectionGuard
{
    internal static void RequireStableRank(double stableRank, int count)
    {
        if (!double.IsFinite(stableRank) || stableRank < 1 || stableRank > count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(stableRank), stableRank, $"The stable rank is {Text(stableRank)}; expected a number from 1 to min(m, n) = {count}.");
        }
    }

    internal static void RequireKeep(KeptNorm keep)
    {
        if (keep is not (KeptNorm.Free or KeptNorm.Spectral or KeptNorm.Frobenius))
        {
            throw new ArgumentOutOfRangeException(nameof(keep), keep, "The kept norm is Free, Spectral or Frobenius.");
        }
    }

    /// <param name="stableRank">r.</param>
    /// <param name="numericalRank">Values above the noise, the first included.</param>
    /// <param name="noise">Below which a value counts as zero.</param>
    internal static void RequireUnique(double stableRank, int numericalRank, double noise)
    {
        if (stableRank > numericalRank)
        {
            string floor = noise > 0 ? $" (above {Text(noise)}, the rounding error of the values)" : "";
            throw new ArgumentException(
                $"The stable rank is {Text(stableRank)} but only {numericalRank} singular values are above zero{floor}: the directions of "
                + $"the others are free, so the nearest matrix is not unique; expected a stable rank of at most {numericalRank}.",
                nameof(stableRank));
        }
    }

    internal static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
