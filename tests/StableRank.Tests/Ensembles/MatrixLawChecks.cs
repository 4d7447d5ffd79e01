using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Tests.Randomness;

namespace StableRank.Tests.Ensembles;

/// <summary>A sampler of m x n matrices with given singular values.</summary>
internal delegate Matrix<double> MatrixSampler(int m, int n, double[] values, RandomStream stream);

/// <summary>
/// Checks that W = U diag(s) V^T has Haar factors on both sides, independent ones. Each result is a statistic over its bound, at most 1 in
/// absolute value for the right law at the level of five standard errors.
/// </summary>
internal static class MatrixLawChecks
{
    private const int Count = 2000;

    public static IReadOnlyDictionary<string, double> All(int m, int n, MatrixSampler sampler, ulong seed)
    {
        RandomStream stream = new(seed, 78);
        int k = Math.Min(m, n);
        double[] values = Enumerable.Range(1, k).Select(i => Math.Pow(i, -0.5)).ToArray();
        Matrix<double>[] power = Draw(m, n, values, sampler, stream);
        Matrix<double>[] again = Draw(m, n, values, sampler, stream);
        Matrix<double>[] one = Draw(m, n, [1.0], sampler, stream);
        Matrix<double>[] two = Draw(m, n, [1.0, 1.0], sampler, stream);
        Vector<double> x = Direction(m);
        Vector<double> y = Direction(n);
        double[] left = one.Select(w => (w.TransposeThisAndMultiply(x)).DotProduct(w.TransposeThisAndMultiply(x))).ToArray();
        double[] right = one.Select(w => (w * y).DotProduct(w * y)).ToArray();
        double entry = values.Sum(s => s * s) / ((double)m * n);
        return new Dictionary<string, double>
        {
            ["mean of the entries"] = WorstMean(power, entry) / Statistic.StandardErrors,
            ["sign of W_11"] = power.Sum(w => Math.Sign(w[0, 0])) / Math.Sqrt(Count) / Statistic.StandardErrors,
            ["sign of W_11, rank one"] = one.Sum(w => Math.Sign(w[0, 0])) / Math.Sqrt(Count) / Statistic.StandardErrors,
            ["left rotation"] = Statistic.KolmogorovSmirnov(
                power.Select(w => w[0, 0]).ToArray(),
                again.Select(w => (-0.5 * w[0, 0]) - (Math.Sqrt(0.75) * w[1, 0])).ToArray()) / Statistic.Kolmogorov,
            ["right rotation"] = Statistic.KolmogorovSmirnov(
                power.Select(w => w[0, 0]).ToArray(),
                again.Select(w => (-0.5 * w[0, 0]) - (Math.Sqrt(0.75) * w[0, 1])).ToArray()) / Statistic.Kolmogorov,
            ["(u.x)^2"] = Statistic.KolmogorovSmirnov(left, Beta(1, m)) / Statistic.Kolmogorov,
            ["(v.y)^2"] = Statistic.KolmogorovSmirnov(right, Beta(1, n)) / Statistic.Kolmogorov,
            ["||W'x||^2, two values"] = Statistic.KolmogorovSmirnov(
                two.Select(w => Math.Pow(w.TransposeThisAndMultiply(x).L2Norm(), 2)).ToArray(), Beta(2, m)) / Statistic.Kolmogorov,
            ["||W y||^2, two values"] = Statistic.KolmogorovSmirnov(
                two.Select(w => Math.Pow((w * y).L2Norm(), 2)).ToArray(), Beta(2, n)) / Statistic.Kolmogorov,
            ["u and v independent"] = Statistic.Deviation(
                left.Zip(right, (a, b) => (a - (1.0 / m)) * (b - (1.0 / n))).ToArray(), 0) / Statistic.StandardErrors,
        };
    }

    private static Matrix<double>[] Draw(int m, int n, double[] values, MatrixSampler sampler, RandomStream stream) =>
        Enumerable.Range(0, Count).Select(_ => sampler(m, n, values, stream)).ToArray();

    private static double WorstMean(Matrix<double>[] sample, double variance)
    {
        Matrix<double> sum = Matrix<double>.Build.Dense(sample[0].RowCount, sample[0].ColumnCount);
        foreach (Matrix<double> w in sample)
        {
            sum.Add(w, sum);
        }

        return sum.Enumerate().Max(Math.Abs) / Math.Sqrt(sample.Length * variance);
    }

    /// <summary>The law of the squared length of a random unit vector's first r of n coordinates.</summary>
    private static Func<double, double> Beta(int r, int n) => square =>
        r == n ? (square < 1 - 1e-12 ? 0 : 1) : SpecialFunctions.BetaRegularized(r / 2.0, (n - r) / 2.0, Math.Clamp(square, 0, 1));

    /// <summary>A unit vector with no zero and no two equal coordinates.</summary>
    private static Vector<double> Direction(int n) => Vector<double>.Build.Dense(n, i => Math.Sin(1 + (1.7 * i))).Normalize(2);
}
