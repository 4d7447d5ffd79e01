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
        var (a, b) = (new double[size], new double[size]);
        var values = new double[checked(2 * pairs * size)];
        for (var j = 0; j < pairs; j++)
        {
            stream.FillGaussian<double>(a);
            stream.FillGaussian<double>(b);
            Normalise(a);

            // twice is enough: what the first projection leaves is of the size of its rounding
            Subtract(b, a, Dot(a, b));
            Subtract(b, a, Dot(a, b));
            Normalise(b);
            for (var i = 0; i < size; i++)
            {
                values[2 * j * size + i] = a[i] * norm;
                values[(2 * j + 1) * size + i] = (a[i] * correlation + b[i] * sine) * norm;
            }
        }

        return Matrix<double>.Build.Dense(size, 2 * pairs, values);
    }

    // sums in the order of the entries: the same to the last bit whatever provider MathNet has

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private static void Subtract(double[] target, double[] a, double factor)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] -= factor * a[i];
        }
    }

    private static void Normalise(double[] a)
    {
        var norm = Math.Sqrt(Dot(a, a));
        for (var i = 0; i < a.Length; i++)
        {
            a[i] /= norm;
        }
    }
}
