using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Spectra;

namespace StableRank.GradientRank;

/// <summary>
/// Zhan's inequality (SIAM J. Matrix Anal. Appl. 18, 1997) for the entrywise product of two m x n matrices, checked on numbers, theory
/// (6.5): for every K up to min(m, n), sum_(i&lt;=K) s_i(D o Z) &lt;= sum_(i&lt;=K) min(c_i, r_i) s_i(Z), with c_i and r_i the Euclidean
/// norms of the columns and of the rows of D, each in non-increasing order.
/// </summary>
/// <param name="Left">sum_(i&lt;=K) s_i(D o Z), at index K - 1.</param>
/// <param name="Right">sum_(i&lt;=K) min(c_i, r_i) s_i(Z), at index K - 1.</param>
/// <param name="Unit">
/// What rounding may be wrong by in one term of both sums together: max(m, n) eps (s_1(D o Z) + min(c_1, r_1) s_1(Z)), the usual bound of
/// the error of a computed singular value (theory (1.4)). For K terms it is K times that.
/// </param>
public sealed record ZhanMajorisation(IReadOnlyList<double> Left, IReadOnlyList<double> Right, double Unit)
{
    /// <summary>Whether every left side is at most its right side, rounding allowed for.</summary>
    public bool Holds => Left.Zip(Right).Index().All(at => at.Item.First <= at.Item.Second + (at.Index + 1) * Unit);

    /// <summary>The greatest left side over its right side, 1 or less where the inequality holds exactly; 0 where Z or D is zero.</summary>
    public double WorstRatio => Left.Zip(Right, (left, right) => left == 0 ? 0 : left / right).Max();

    /// <summary>Computes both sides, in the precision of the matrices; sums and norms in double.</summary>
    /// <param name="d">D, m x n.</param>
    /// <param name="z">Z, m x n.</param>
    /// <exception cref="ArgumentException">The shapes differ, or an entry of a matrix or of the product is not finite.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither double nor float.</exception>
    public static ZhanMajorisation Of<T>(Matrix<T> d, Matrix<T> z)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(d);
        ArgumentNullException.ThrowIfNull(z);
        RequireSameShape(d, z);
        return Of(d, z, d.PointwiseMultiply(z));
    }

    /// <summary>
    /// The same where the product comes from elsewhere, as the output of an activation that is said to be D o Z: false where it is not.
    /// </summary>
    /// <param name="d">D, m x n.</param>
    /// <param name="z">Z, m x n.</param>
    /// <param name="product">What is said to be D o Z, m x n.</param>
    /// <exception cref="ArgumentException">The shapes differ, or an entry is not finite.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither double nor float.</exception>
    public static ZhanMajorisation Of<T>(Matrix<T> d, Matrix<T> z, Matrix<T> product)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(d);
        ArgumentNullException.ThrowIfNull(z);
        ArgumentNullException.ThrowIfNull(product);
        RequireSameShape(d, z);
        RequireSameShape(product, z);
        MatrixGuard.RequireFinite(d, nameof(d));
        var (columns, rows) = SquaredNorms(d);
        var size = Math.Max(d.RowCount, d.ColumnCount);
        return Of(Spectrum.Of(product), Spectrum.Of(z), Weights(columns, rows), size, MachineEpsilon.Of<T>());
    }

    /// <summary>min(c_i, r_i) from squared norms in any order, which are sorted in place.</summary>
    internal static double[] Weights(double[] squaredColumns, double[] squaredRows)
    {
        Array.Sort(squaredColumns, static (x, y) => y.CompareTo(x));
        Array.Sort(squaredRows, static (x, y) => y.CompareTo(x));
        return [.. squaredColumns.Zip(squaredRows, (c, r) => Math.Sqrt(Math.Min(c, r)))];
    }

    internal static ZhanMajorisation Of(Spectrum product, Spectrum z, double[] weights, int size, double epsilon) => new(
        PartialSums(product), PartialSums(z.Zip(weights, (s, w) => s * w)),
        size * epsilon * (product.SpectralNorm + weights[0] * z.SpectralNorm));

    private static double[] PartialSums(IEnumerable<double> terms)
    {
        var sum = default(CompensatedSum);
        return
        [
            .. terms.Select(term =>
            {
                sum.Add(term);
                return sum.Value;
            }),
        ];
    }

    private static (double[] Columns, double[] Rows) SquaredNorms<T>(Matrix<T> d)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var entries = d.AsColumnMajorArray() ?? d.ToColumnMajorArray();
        var (columns, rows) = (new double[d.ColumnCount], new double[d.RowCount]);
        for (var j = 0; j < columns.Length; j++)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                var entry = double.CreateChecked(entries[j * rows.Length + i]);
                columns[j] += entry * entry;
                rows[i] += entry * entry;
            }
        }

        return (columns, rows);
    }

    private static void RequireSameShape<T>(Matrix<T> a, Matrix<T> z)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (a.RowCount != z.RowCount || a.ColumnCount != z.ColumnCount)
        {
            throw new ArgumentException(
                $"One matrix is {a.RowCount} x {a.ColumnCount} and Z is {z.RowCount} x {z.ColumnCount}; expected one shape.", nameof(z));
        }
    }
}
