namespace StableRank.LinearAlgebra;

/// <summary>From which side a factor multiplies a matrix.</summary>
public enum Side
{
    /// <summary>The factor stands to the left: <c>Q C</c>.</summary>
    Left,

    /// <summary>The factor stands to the right: <c>C Q</c>.</summary>
    Right,
}
