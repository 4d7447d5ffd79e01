using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Tests.GradientRank;

/// <summary>
/// Rank of a matrix of integers by elimination modulo the prime 2^61 - 1, without rounding. It never exceeds the rank over the rationals: a
/// bound that it exceeds is wrong, a sound bound that it reaches is attained.
/// </summary>
internal static class ExactRank
{
    /// <summary>Up to which a double holds every integer.</summary>
    public const double GreatestInteger = 1L << 53;

    private const ulong Prime = (1UL << 61) - 1;

    public static int Of(Matrix<double> matrix)
    {
        var a = new ulong[matrix.RowCount][];
        for (var i = 0; i < a.Length; i++)
        {
            a[i] = [.. matrix.Row(i).Select(Residue)];
        }

        var rank = 0;
        for (var j = 0; j < matrix.ColumnCount && rank < a.Length; j++)
        {
            var pivot = Array.FindIndex(a, rank, row => row[j] != 0);
            if (pivot < 0)
            {
                continue;
            }

            (a[rank], a[pivot]) = (a[pivot], a[rank]);
            for (var i = rank + 1; i < a.Length; i++)
            {
                var (top, factor) = (a[rank][j], a[i][j]);
                for (var k = j; factor != 0 && k < a[i].Length; k++)
                {
                    a[i][k] = (Times(a[i][k], top) + Prime - Times(a[rank][k], factor)) % Prime;
                }
            }

            rank++;
        }

        return rank;
    }

    private static ulong Residue(double value)
    {
        if (value != Math.Truncate(value) || Math.Abs(value) > GreatestInteger)
        {
            throw new ArgumentException($"An entry is {value:R}; expected an integer of at most 2^53.");
        }

        return value < 0 ? Prime - (ulong)-value : (ulong)value;
    }

    private static ulong Times(ulong x, ulong y) => (ulong)((UInt128)x * y % Prime);
}
