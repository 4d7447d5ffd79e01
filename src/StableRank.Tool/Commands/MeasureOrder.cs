namespace StableRank.Tool.Commands;

/// <summary>By what the rows of <c>measure</c> are sorted.</summary>
internal enum MeasureOrder
{
    /// <summary>As they lie in the files.</summary>
    File,

    /// <summary>By name, in ordinal order.</summary>
    Name,

    /// <summary>The greatest stable rank first.</summary>
    StableRank,

    /// <summary>The greatest ratio to the Gaussian value first.</summary>
    Ratio,

    /// <summary>The greatest z-score first.</summary>
    Z,

    /// <summary>The most entries first.</summary>
    Size,
}
