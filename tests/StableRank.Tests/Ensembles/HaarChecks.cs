using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Tests.Randomness;

namespace StableRank.Tests.Ensembles;

/// <summary>
/// Checks that a sample of n x n orthogonal matrices is Haar distributed, theory (2.2). Each returns its statistic over its bound: at most
/// 1 in absolute value for the right law, at the level of five standard errors.
/// </summary>
internal sealed class HaarChecks
{
    private readonly Matrix<double>[] _first;
    private readonly Matrix<double>[] _second;
    private readonly int _n;

    public HaarChecks(int n, int count, Func<RandomStream, Matrix<double>> sampler, ulong seed)
    {
        _n = n;
        RandomStream stream = new(seed, 77);
        _first = Enumerable.Range(0, count).Select(_ => sampler(stream)).ToArray();
        _second = Enumerable.Range(0, count).Select(_ => sampler(stream)).ToArray();
    }

    /// <summary>E W = 0: the entry whose mean is farthest off.</summary>
    public double MeanOfEntries()
    {
        double worst = 0;
        for (int i = 0; i < _n; i++)
        {
            for (int j = 0; j < _n; j++)
            {
                worst = Math.Max(worst, Math.Abs(_first.Average(w => w[i, j])) * Math.Sqrt(_n * (double)_first.Length));
            }
        }

        return worst / Statistic.StandardErrors;
    }

    /// <summary>E tr W = 0, of unit variance.</summary>
    public double MeanOfTrace() => _first.Average(w => w.Trace()) * Math.Sqrt(_first.Length) / Statistic.StandardErrors;

    /// <summary>W_11 is positive half of the time.</summary>
    public double SignOfFirstEntry() => _first.Sum(w => Math.Sign(w[0, 0])) / Math.Sqrt(_first.Length) / Statistic.StandardErrors;

    /// <summary>E q^4 = 3/(n(n+2)) for q = x'W y, x and y unit vectors that mix the first two coordinates.</summary>
    public double FourthMoment()
    {
        double n = _n;
        double expected = 3 / (n * (n + 2));
        double eighth = 105 / (n * (n + 2) * (n + 4) * (n + 6));
        double mean = _first.Average(w => Math.Pow(Bilinear(w, 1, -1), 4));
        return (mean - expected) / Math.Sqrt((eighth - (expected * expected)) / _first.Length) / Statistic.StandardErrors;
    }

    /// <summary>q^2 follows Beta(1/2, (n-1)/2).</summary>
    public double LawOfSquare() => Statistic.KolmogorovSmirnov(
        _first.Select(w => Math.Pow(Bilinear(w, 1, -1), 2)).ToArray(),
        square => SpecialFunctions.BetaRegularized(0.5, (_n - 1) / 2.0, Math.Min(square, 1))) / Statistic.Kolmogorov;

    /// <summary>q itself follows the symmetric law with that square.</summary>
    public double LawOfProjection() => Statistic.KolmogorovSmirnov(
        _first.Select(w => Bilinear(w, 1, 1)).ToArray(),
        q => 0.5 + (Math.Sign(q) * SpecialFunctions.BetaRegularized(0.5, (_n - 1) / 2.0, Math.Min(q * q, 1)) / 2)) / Statistic.Kolmogorov;

    /// <summary>W_11 and (R W)_11 have one law, R a fixed rotation by 120 degrees in the plane of the first two coordinates.</summary>
    public double LeftRotation() => Statistic.KolmogorovSmirnov(
        _first.Select(w => w[0, 0]).ToArray(),
        _second.Select(w => (-0.5 * w[0, 0]) - (Math.Sqrt(0.75) * w[1, 0])).ToArray()) / Statistic.Kolmogorov;

    /// <summary>The same from the right.</summary>
    public double RightRotation() => Statistic.KolmogorovSmirnov(
        _first.Select(w => w[0, 0]).ToArray(),
        _second.Select(w => (-0.5 * w[0, 0]) - (Math.Sqrt(0.75) * w[0, 1])).ToArray()) / Statistic.Kolmogorov;

    public IReadOnlyDictionary<string, double> All() => new Dictionary<string, double>
    {
        [nameof(MeanOfEntries)] = MeanOfEntries(),
        [nameof(MeanOfTrace)] = MeanOfTrace(),
        [nameof(SignOfFirstEntry)] = SignOfFirstEntry(),
        [nameof(FourthMoment)] = FourthMoment(),
        [nameof(LawOfSquare)] = LawOfSquare(),
        [nameof(LawOfProjection)] = LawOfProjection(),
        [nameof(LeftRotation)] = LeftRotation(),
        [nameof(RightRotation)] = RightRotation(),
    };

    /// <summary>(e1 + a e2)' W (e1 + b e2) / 2.</summary>
    private static double Bilinear(Matrix<double> w, double a, double b) =>
        (w[0, 0] + (b * w[0, 1]) + (a * w[1, 0]) + (a * b * w[1, 1])) / 2;
}
