namespace StableRank.LinearAlgebra;

/// <summary>Whether an operation takes a matrix or its transpose.</summary>
public enum Transpose
{
    /// <summary>The matrix as it is stored.</summary>
    No,

    /// <summary>The transpose of the matrix as it is stored.</summary>
    Yes,
}
