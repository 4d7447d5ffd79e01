namespace StableRank.Kernels;

/// <summary>
/// The pairs of positions (p of one sample, p' of the other) whose covariances are kept: first every position with itself, then, where they
/// are needed, the pairs of different positions.
/// </summary>
/// <param name="Positions">P.</param>
/// <param name="All">Whether different positions are paired as well.</param>
internal readonly record struct PositionPairs(int Positions, bool All)
{
    /// <summary>P, or P^2.</summary>
    public int Count => All ? checked(Positions * Positions) : Positions;

    /// <summary>The positions of a pair.</summary>
    public (int Row, int Column) this[int index]
    {
        get
        {
            if (index < Positions)
            {
                return (index, index);
            }

            // P - 1 others for each p
            var (p, other) = Math.DivRem(index - Positions, Positions - 1);
            return (p, other < p ? other : other + 1);
        }
    }

    /// <summary>The index of a pair.</summary>
    public int IndexOf(int row, int column) =>
        row == column ? row : Positions + row * (Positions - 1) + (column < row ? column : column - 1);
}
