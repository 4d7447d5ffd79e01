namespace StableRank.Data;

/// <summary>Which part of a data set that comes divided.</summary>
public enum DataPart
{
    /// <summary>For training.</summary>
    Train,

    /// <summary>For testing.</summary>
    Test,
}
