namespace StableRank.Kernels;

/// <summary>The pairs of samples of two blocks that are computed together.</summary>
/// <param name="Row">The first sample of the left block.</param>
/// <param name="Rows">How many.</param>
/// <param name="Column">The first sample of the right block.</param>
/// <param name="Columns">How many.</param>
/// <param name="FirstRow">Where the left block begins among all inputs.</param>
/// <param name="FirstColumn">Where the right block begins.</param>
/// <param name="IsDiagonal">Whether both are the same samples of one set.</param>
internal readonly record struct FactorTile(
    int Row, int Rows, int Column, int Columns, int FirstRow, int FirstColumn, bool IsDiagonal);
