namespace StableRank.Training;

/// <summary>What was first seen to be NaN or infinite.</summary>
public enum DivergenceQuantity
{
    /// <summary>The loss of a batch.</summary>
    Loss,

    /// <summary>The gradient of a parameter.</summary>
    Gradient,

    /// <summary>A parameter.</summary>
    Weights,

    /// <summary>The loss on the validation data.</summary>
    ValidationLoss,
}
