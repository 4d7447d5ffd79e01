namespace StableRank.Training;

/// <summary>What a <see cref="TrainingHook{T}"/> does with the gradients of the parameters.</summary>
public enum GradientUse
{
    /// <summary>Nothing: they need not be there.</summary>
    None,

    /// <summary>It looks at them.</summary>
    Read,

    /// <summary>It may change them before the optimiser sees them.</summary>
    Change,
}
