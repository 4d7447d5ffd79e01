namespace StableRank.Training;

/// <summary>Which matrix of a layer a line of a <see cref="RankTracker"/> is about.</summary>
public enum TrackedQuantity
{
    /// <summary>The weights.</summary>
    Weight,

    /// <summary>The gradient of the loss with respect to the weights.</summary>
    Gradient,
}
