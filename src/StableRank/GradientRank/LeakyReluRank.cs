using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.GradientRank;

/// <summary>
/// What a leaky ReLU of slope a in [0, 1] does to the singular values of a matrix: phi(Z) = D o Z, D_ij = 1 where Z_ij &gt; 0 and a
/// elsewhere. Measured values beside Zhan's inequality, theory (6.5), the lower estimate of the numerical rank that P2 (arXiv 2402.06751)
/// draws from it, and sound upper bounds by Weyl's inequality, theory (6.6).
/// </summary>
/// <remarks>
/// With P the positive part of Z and N = Z - P, phi(Z) = P + a N = Z - (1 - a) N = a Z + (1 - a) P. Weyl's s_(i+j+1)(A + B) &lt;=
/// s_(i+1)(A) + s_(j+1)(B) on each of these sums, for every i + j = k, bounds s_(k+1)(phi(Z)). Theory (6.6) is the second of them with j =
/// 0: tight as a goes to 1. The others are tight as a goes to 0.
/// </remarks>
public sealed record LeakyReluRank
{
    private LeakyReluRank(
        double slope, int rows, int columns, FloatingPrecision precision, Spectrum input, Spectrum output, ZhanMajorisation majorisation)
    {
        (Slope, Rows, Columns, Precision) = (slope, rows, columns, precision);
        (Input, Output, Majorisation) = (input, output, majorisation);
    }

    /// <summary>a, as the precision of the matrix rounds it.</summary>
    public double Slope { get; }

    /// <summary>m.</summary>
    public int Rows { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    /// <summary>The precision of the matrix, whose eps thresholds are made of.</summary>
    public FloatingPrecision Precision { get; }

    /// <summary>The singular values of Z.</summary>
    public Spectrum Input { get; }

    /// <summary>The singular values of phi(Z).</summary>
    public Spectrum Output { get; }

    /// <summary>Theory (6.5) on these values.</summary>
    public ZhanMajorisation Majorisation { get; }

    /// <summary>
    /// P2's threshold eps min(c_1, r_1) s_1(Z), c_1 and r_1 the greatest norms of a column and of a row of D. It is at least eps
    /// s_1(phi(Z)) by theory (6.5), so that fewer singular values exceed it.
    /// </summary>
    public required double PrintedThreshold { get; init; }

    /// <summary>
    /// s_(k+1)(Z) + (1 - a) ||N||_2 at index k, theory (6.6): each at least s_(k+1)(phi(Z)).
    /// </summary>
    public required IReadOnlyList<double> WeylValues { get; init; }

    /// <summary>
    /// The least of all bounds described above at index k: each at least s_(k+1)(phi(Z)), at most that of <see cref="WeylValues"/>.
    /// </summary>
    public required IReadOnlyList<double> UpperValues { get; init; }

    /// <summary>
    /// What rounding may take a computed bound below a computed value: max(m, n) eps (s_1(Z) + s_1(P) + s_1(N)); 0 for a = 1 and a = 0,
    /// where phi(Z) is Z or P to the bit.
    /// </summary>
    public required double Rounding { get; init; }

    /// <summary>
    /// A LOWER estimate of the numerical rank of phi(Z) by the rule eps s_1: how many of its singular values exceed
    /// <see cref="PrintedThreshold"/>.
    /// </summary>
    public int LowerEstimate => Output.NumericalRank(PrintedThreshold);

    /// <summary>The numerical rank of phi(Z), measured, theory (1.4).</summary>
    /// <param name="rule">eps s_1, P2's own, or max(m, n) eps s_1.</param>
    public int NumericalRank(NumericalRankRule rule = NumericalRankRule.MachineEpsilon) =>
        Output.NumericalRank(Rows, Columns, rule, Precision);

    /// <summary>
    /// A sound upper bound of how many singular values of phi(Z), computed ones too, exceed a tolerance; from Z, P, N and a alone. It says
    /// nothing (min(m, n)) at tolerances below <see cref="Rounding"/>.
    /// </summary>
    /// <param name="tolerance">An absolute number, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or NaN.</exception>
    public int UpperCount(double tolerance)
    {
        if (double.IsNaN(tolerance) || tolerance < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "The tolerance must not be negative or NaN.");
        }

        return UpperValues.Count(bound => bound + Rounding > tolerance);
    }

    /// <summary>Measures and bounds, by singular values of Z, phi(Z), P and N in the matrix's own precision.</summary>
    /// <param name="z">Z, m x n, at least 1 x 1.</param>
    /// <param name="slope">a, from 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slope is outside [0, 1] or NaN.</exception>
    /// <exception cref="ArgumentException">An entry is NaN or infinite: the message names it.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither double nor float.</exception>
    public static LeakyReluRank Of<T>(Matrix<T> z, double slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(z);
        if (!(slope is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(slope), slope, "The slope must be from 0 to 1.");
        }

        MatrixGuard.RequireFinite(z, nameof(z));
        var (m, n) = (z.RowCount, z.ColumnCount);
        var a = double.CreateChecked(T.CreateTruncating(slope));
        ReadOnlySpan<T> entries = z.AsColumnMajorArray() ?? z.ToColumnMajorArray();
        var input = Spectrum.Of(z);
        var positive = SpectrumOf(entries, m, n, Activation.ReLU);
        var output = a == 1 ? input : a == 0 ? positive : SpectrumOf(entries, m, n, Activation.LeakyReLU(a));
        var negative = NegativePart(entries, m, n);
        var epsilon = MachineEpsilon.Of<T>();
        var weights = Weights(entries, m, n, a);
        var rest = (1 - a) * negative.SpectralNorm;
        return new LeakyReluRank(
            a, m, n, typeof(T) == typeof(float) ? FloatingPrecision.Single : FloatingPrecision.Double, input, output,
            ZhanMajorisation.Of(output, input, weights, Math.Max(m, n), epsilon))
        {
            PrintedThreshold = epsilon * weights[0] * input.SpectralNorm,
            WeylValues = [.. input.Select(value => value + rest)],
            UpperValues = Bounds(input, positive, negative, a),
            Rounding = a is 0 or 1
                ? 0
                : Math.Max(m, n) * epsilon * (input.SpectralNorm + positive.SpectralNorm + negative.SpectralNorm),
        };
    }

    private static Spectrum SpectrumOf<T>(ReadOnlySpan<T> z, int rows, int columns, Activation activation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[z.Length];
        activation.Apply(z, values);
        return Spectrum.Of(Matrix<T>.Build.Dense(rows, columns, values));
    }

    private static Spectrum NegativePart<T>(ReadOnlySpan<T> z, int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[z.Length];
        for (var i = 0; i < z.Length; i++)
        {
            values[i] = T.Min(z[i], T.Zero);
        }

        return Spectrum.Of(Matrix<T>.Build.Dense(rows, columns, values));
    }

    /// <summary>min(c_i, r_i), from the numbers of positive entries of columns and rows.</summary>
    private static double[] Weights<T>(ReadOnlySpan<T> z, int m, int n, double a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (columns, rows) = (new double[n], new double[m]);
        for (var j = 0; j < n; j++)
        {
            for (var i = 0; i < m; i++)
            {
                if (z[j * m + i] > T.Zero)
                {
                    columns[j]++;
                    rows[i]++;
                }
            }
        }

        return ZhanMajorisation.Weights(
            Array.ConvertAll(columns, count => count + (m - count) * a * a), Array.ConvertAll(rows, count => count + (n - count) * a * a));
    }

    private static double[] Bounds(Spectrum input, Spectrum positive, Spectrum negative, double a)
    {
        // the sums of two terms with a zero factor are the other term itself
        if (a is 0 or 1)
        {
            return [.. a == 1 ? input : positive];
        }

        ReadOnlySpan<double> z = input.AsSpan(), p = positive.AsSpan(), n = negative.AsSpan();
        var bounds = new double[z.Length];
        for (var k = 0; k < bounds.Length; k++)
        {
            var least = double.PositiveInfinity;
            for (var i = 0; i <= k; i++)
            {
                var j = k - i;
                least = Math.Min(
                    least, Math.Min(p[i] + a * n[j], Math.Min(z[i] + (1 - a) * n[j], a * z[i] + (1 - a) * p[j])));
            }

            bounds[k] = least;
        }

        return bounds;
    }
}
