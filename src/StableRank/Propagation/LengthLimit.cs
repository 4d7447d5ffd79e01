namespace StableRank.Propagation;

/// <summary>Where the length map goes.</summary>
public enum LengthLimit
{
    /// <summary>A fixed point q* that is positive and finite.</summary>
    Finite,

    /// <summary>q* = 0: signals die out.</summary>
    Zero,

    /// <summary>Without bound.</summary>
    Infinite,

    /// <summary>Every length is kept: a positively homogeneous activation without biases whose gain just balances it.</summary>
    Kept,
}
