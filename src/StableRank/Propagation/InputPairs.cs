using MathNet.Numerics.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Propagation;

/// <summary>Pairs of inputs of prescribed length and correlation, in directions that are otherwise uniformly random.</summary>
public static class InputPairs
{
    /// <summary>Makes pairs whose two inputs have one length.</summary>
    /// <param name="size">n_0, at least 2.</param>
    /// <param name="pairs">How many, at least 1.</param>
    /// <param name="meanSquare">||x||^2 / n_0 of every input, positive.</param>
    /// <param name="correlation">The cosine between the two inputs of a pair, in [-1, 1]; exact to rounding.</param>
    /// <param name="stream">Where the directions come from.</param>
    /// <returns>n_0 x (2 pairs), pair j in columns 2j and 2j + 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Matrix<double> Make(int size, int pairs, double meanSquare, double correlation, RandomStream stream)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(pairs, 1);
        ArgumentNullException.ThrowIfNull(stream);
        if (!double.IsFinite(meanSquare) || meanSquare <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(meanSquare), meanSquare, "The mean square must be positive and finite.");
        }

        if (!(correlation is >= -1 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(correlation), correlation, "The correlation must be a number in [-1, 1].");
        }

        var norm = Math.Sqrt(meanSquare * size);
        var sine = Math.Sqrt((1 - correlation) * (1 + correlation));
        var (first, second) = (new double[size], new double[size]);
        var result = Matrix<double>.Build.Dense(size, checked(2 * pairs));
        for (var j = 0; j < pairs; j++)
        {
            stream.FillGaussian<double>(first);
            stream.FillGaussian<double>(second);
            var a = Vector<double>.Build.Dense(first).Normalize(2);
            var b = Vector<double>.Build.Dense(second);
            // twice is enough: what the first projection leaves is of the size of its rounding
            b -= a * a.DotProduct(b);
            b -= a * a.DotProduct(b);
            result.SetColumn(2 * j, a * norm);
            result.SetColumn(2 * j + 1, (a * correlation + b.Normalize(2) * sine) * norm);
        }

        return result;
    }
}
