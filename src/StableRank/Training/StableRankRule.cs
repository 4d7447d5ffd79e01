namespace StableRank.Training;

/// <summary>What a weight matrix's stable rank is held to.</summary>
public enum StableRankRuleKind
{
    /// <summary>Exactly r after every step: the nearest matrix, theory (8.1).</summary>
    Exact,

    /// <summary>At most r after every step, s_1 kept: Stable Rank Normalization, theory (8.4).</summary>
    AtMost,

    /// <summary>Towards r: the term L (sr - r)^2 in the loss, by its gradient, theory (8.3).</summary>
    Penalty,
}

/// <summary>A stable rank that a weight matrix is held to in training, and how.</summary>
public sealed record StableRankRule
{
    private const int DefaultCheckInterval = 100;

    private StableRankRule(StableRankRuleKind kind, double stableRank, KeptNorm keep, double weight)
    {
        if (!double.IsFinite(stableRank) || stableRank < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(stableRank), stableRank, $"The stable rank is {ProjectionGuard.Text(stableRank)}; expected a number from 1.");
        }

        Kind = kind;
        StableRank = stableRank;
        Keep = keep;
        Weight = weight;
    }

    /// <summary>Exact, at most, or penalty.</summary>
    public StableRankRuleKind Kind { get; }

    /// <summary>r.</summary>
    public double StableRank { get; }

    /// <summary>The norm that an exact hold keeps at each step.</summary>
    public KeptNorm Keep { get; }

    /// <summary>L of the penalty; 0 for the others.</summary>
    public double Weight { get; }

    /// <summary>
    /// After how many exact holds it is proved that the singular value held is the greatest, and W' is checked once more as rounded. The
    /// stable rank is exact between these proofs too, which are about the distance (see <see cref="StableRankHolder{T}"/>);
    /// at least 1, 100 if not set.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int CheckInterval
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = DefaultCheckInterval;

    /// <summary>The relative error allowed to an exactly held stable rank; 1e-6 if not set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a number above 0 and below 1.</exception>
    public double Accuracy
    {
        get;
        init => field = value is > 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"The accuracy is {value}; expected a number above 0 and below 1.");
    } = 1e-6;

    /// <summary>The stable rank is exactly r after every step.</summary>
    /// <param name="stableRank">r, from 1 to min(m, n) of every matrix it is applied to.</param>
    /// <param name="keep">The norm kept at each step; free: the nearest matrix of all.</param>
    /// <exception cref="ArgumentOutOfRangeException">r is not a number from 1, or <paramref name="keep"/> none of its enum.</exception>
    public static StableRankRule Exact(double stableRank, KeptNorm keep = KeptNorm.Free)
    {
        ProjectionGuard.RequireKeep(keep);
        return new StableRankRule(StableRankRuleKind.Exact, stableRank, keep, 0);
    }

    /// <summary>The stable rank is at most r after every step; s_1 is kept.</summary>
    /// <param name="stableRank">r, from 1 to min(m, n) of every matrix it is applied to.</param>
    /// <exception cref="ArgumentOutOfRangeException">r is not a number from 1.</exception>
    public static StableRankRule AtMost(double stableRank) => new(StableRankRuleKind.AtMost, stableRank, KeptNorm.Spectral, 0);

    /// <summary>The loss gains L (sr(W) - r)^2.</summary>
    /// <param name="weight">L, at least 0. The gradient, 2 L (sr - r) grad sr, is of the order of 4 L |sr - r| sr/s_1.</param>
    /// <param name="stableRank">r, from 1 to min(m, n) of every matrix it is applied to.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, L is negative, or r is below 1.</exception>
    public static StableRankRule Penalty(double weight, double stableRank)
    {
        if (!double.IsFinite(weight) || weight < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, $"The weight is {weight}; expected a number from 0.");
        }

        return new StableRankRule(StableRankRuleKind.Penalty, stableRank, KeptNorm.Free, weight);
    }
}
