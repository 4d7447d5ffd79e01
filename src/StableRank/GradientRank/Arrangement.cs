namespace StableRank.GradientRank;

/// <summary>What the rows of a batch are.</summary>
internal enum Arrangement
{
    /// <summary>Features, in no order.</summary>
    Flat,

    /// <summary>Time step by time step, the features of one below one another.</summary>
    Steps,

    /// <summary>Channel by channel, the positions of one below one another.</summary>
    Image,
}
