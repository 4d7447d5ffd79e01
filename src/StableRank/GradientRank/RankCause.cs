namespace StableRank.GradientRank;

/// <summary>What a bound on the rank of a gradient rests on: the first inequality of the chain that sets its value.</summary>
public enum RankCause
{
    /// <summary>The features of an input, or of one time step or one pixel of it.</summary>
    InputWidth,

    /// <summary>The width of a layer below the last one: a bottleneck, or the layer's own shape.</summary>
    LayerWidth,

    /// <summary>The channels of a convolution below the last layer.</summary>
    Channels,

    /// <summary>The width, or the channels, of the last layer.</summary>
    OutputWidth,

    /// <summary>The samples of the batch.</summary>
    BatchSize,

    /// <summary>The rank of the data, as given.</summary>
    DataRank,

    /// <summary>The rank of a weight matrix, as given.</summary>
    WeightRank,

    /// <summary>The rank of the gradient at the outputs: of the loss, or as given.</summary>
    LossRank,

    /// <summary>The time steps of a recurrent layer, each of which adds a term.</summary>
    TimeSteps,

    /// <summary>The truncation of back-propagation through time, which leaves so many terms.</summary>
    Truncation,

    /// <summary>The time steps that the loss reads.</summary>
    LossSteps,

    /// <summary>The entries of a convolution's patch.</summary>
    PatchSize,

    /// <summary>The positions of a convolution's kernel (stride, padding, size of the image), each of which adds a term.</summary>
    Positions,

    /// <summary>All samples look the same to the layer: constant or zero inputs, or a batch of one.</summary>
    ConstantInputs,
}
