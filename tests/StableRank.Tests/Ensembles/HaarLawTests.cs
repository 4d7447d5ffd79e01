using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Randomness;

namespace StableRank.Tests.Ensembles;

/// <summary>The orthogonal factors are Haar distributed; the checks that say so fail on the two known wrong samplers.</summary>
public sealed class HaarLawTests
{
    private const int Order = 8;
    private const int Count = 2000;

    public static TheoryData<ulong> Twenty => Seeds.Twenty;

    private static HaarChecks Checks(Func<RandomStream, Matrix<double>> sampler, ulong seed) => new(Order, Count, sampler, seed);

    private static void ShouldPass(HaarChecks checks) =>
        checks.All().Where(check => !(Math.Abs(check.Value) <= 1)).Should().BeEmpty("a statistic over its bound is at most 1");

    [Theory]
    [MemberData(nameof(Twenty))]
    public void Orthogonal_Square_PassesEveryCheck(ulong seed)
    {
        OrthogonalEnsemble ensemble = Ensemble.Orthogonal(Order, Order);
        ShouldPass(Checks(ensemble.Sample<double>, seed));
    }

    // A flat spectrum of full rank: W = U V^T is Haar where either of the two is.
    [Theory]
    [MemberData(nameof(Twenty))]
    public void StableRank_FlatOfFullRank_PassesEveryCheck(ulong seed)
    {
        StableRankEnsemble ensemble = Ensemble.StableRank(Order, Order, Order);
        ShouldPass(Checks(ensemble.Sample<double>, seed));
    }

    // Each factor by itself, signs included: the reflectors and the signs of the library without the other side.
    [Theory]
    [MemberData(nameof(Twenty))]
    public void HaarReflectors_WithSigns_PassEveryCheck(ulong seed) => ShouldPass(Checks(Factor, seed));

    [Fact]
    public void WithoutSigns_FailsEveryCheck()
    {
        IReadOnlyDictionary<string, double> ratios = Checks(stream => WrongSamplers.WithoutSigns(Order, stream), 1).All();
        ratios.Where(check => Math.Abs(check.Value) <= 1).Should().BeEmpty();

        // At n = 8 the trace has mean -1.59.
        (ratios[nameof(HaarChecks.MeanOfTrace)] * Statistic.StandardErrors / Math.Sqrt(Count)).Should().BeApproximately(-1.59, 0.1);
    }

    // Without the signs of both sides the faults of U and of V multiply, and no even moment shows them: E q^4 and the law of q^2 are
    // off by less than 2 %, beyond these sample sizes. What the sign of an entry tells is enough.
    [Fact]
    public void Dlagge_FlatOfFullRank_FailsEveryCheckOfSigns()
    {
        double[] ones = Enumerable.Repeat(1.0, Order).ToArray();
        IReadOnlyDictionary<string, double> ratios = Checks(stream => WrongSamplers.Dlagge(Order, Order, ones, stream), 1).All();
        ratios[nameof(HaarChecks.MeanOfEntries)].Should().BeGreaterThan(1);
        ratios[nameof(HaarChecks.MeanOfTrace)].Should().BeGreaterThan(1);
        ratios[nameof(HaarChecks.SignOfFirstEntry)].Should().BeGreaterThan(1, "E[A_11] > 0");
        ratios[nameof(HaarChecks.LawOfProjection)].Should().BeGreaterThan(1);
        ratios[nameof(HaarChecks.LeftRotation)].Should().BeGreaterThan(1);
        ratios[nameof(HaarChecks.RightRotation)].Should().BeGreaterThan(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Orthogonal_SmallestOrders_HaveTheirSignsRight(int n)
    {
        const int Draws = 4000;
        RandomStream stream = new(42);
        Matrix<double>[] sample = Enumerable.Range(0, Draws).Select(_ => Ensemble.Orthogonal(n, n).Sample<double>(stream)).ToArray();
        double positive = sample.Sum(w => Math.Sign(w[0, 0])) / Math.Sqrt(Draws);
        double determinant = sample.Sum(w => Math.Round(w.Determinant())) / Math.Sqrt(Draws);
        double last = sample.Sum(w => Math.Sign(w[n - 1, n - 1])) / Math.Sqrt(Draws);
        new[] { positive, determinant, last }.Should().OnlyContain(z => Math.Abs(z) < Statistic.StandardErrors);
    }

    private static Matrix<double> Factor(RandomStream stream)
    {
        double[] a = new double[Order * Order];
        double[] tau = new double[Order];
        double[] signs = new double[Order];
        Spectrum ones = Spectrum.FromSingularValues(Enumerable.Repeat(1.0, Order));
        SingularFactors.DrawSigned<double>(ones, signs, stream);
        HaarReflectors.Draw<double>(Order, Order, a, tau, stream);
        Householder.FormQ<double>(Order, Order, Order, a, Order, tau);
        Matrix<double> q = Matrix<double>.Build.Dense(Order, Order, a);
        return q * Matrix<double>.Build.DenseOfDiagonalArray(signs);
    }
}
