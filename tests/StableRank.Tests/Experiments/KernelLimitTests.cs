using MathNet.Numerics.LinearAlgebra;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;
using StableRank.Randomness;

namespace StableRank.Tests.Experiments;

public sealed class KernelLimitTests
{
    private static readonly KernelLimit.Scope Tiny = new(
        Widths: [64, 128], Networks: [40, 40], FixedNetworks: [80, 80], Samples: 3, MeanWidth: 96, Depths: [1, 2], MeanNetworks: 12);

    private static readonly Lazy<(KernelLimit.Findings Found, ExperimentResult Result)> Once = new(() => Found(1));

    [Fact]
    public void Run_Tiny_VerdictsHoldAndEveryFigureHasItsPoints()
    {
        var result = Once.Value.Result;

        result.Verdicts.Should().HaveCount(5);

        // so few networks of two widths cannot tell an exponent of 0 from -1/2: the second verdict has planted deviations below
        foreach (var verdict in (Verdict[])[result.Verdicts[0], .. result.Verdicts.Skip(2)])
        {
            verdict.Outcome.Should().Be(VerdictOutcome.Holds, verdict.Evidence);
        }

        result.Figures.Select(figure => figure.Name).Should().Equal("deviation", "means");
        result.Tables.Should().HaveCount(2).And.OnlyContain(table => table.Rows.All(row => row.Count == table.Columns.Count));
        result.Tables[0].Rows.Should().HaveCount(5 * 2);
        result.Tables[1].Rows.Should().HaveCount(3 * 2 * 3);
    }

    [Fact]
    public void Run_SameSeed_SameNumbers_OtherSeed_Others()
    {
        static IEnumerable<double> Numbers(KernelLimit.Findings found) =>
            found.Curves.SelectMany(curve => curve.Points.SelectMany(point => point.Deviations))
                .Concat(found.Sets.SelectMany(set => set.Deviations(tangent: true)));

        Numbers(Found(1).Found).Should().Equal(Numbers(Once.Value.Found));
        Numbers(Found(2).Found).First().Should().NotBe(Numbers(Once.Value.Found).First());
    }

    [Theory]
    [InlineData(-0.5, nameof(VerdictOutcome.Holds))]
    [InlineData(-0.35, nameof(VerdictOutcome.Fails))]
    [InlineData(-0.65, nameof(VerdictOutcome.Fails))]
    [InlineData(0, nameof(VerdictOutcome.Fails))]
    public void Judge_GrowingRanksOfAnExponent_RateHoldsAtMinusOneHalfOnly(double exponent, string expected)
    {
        var verdict = Planted(exponent, 0)[0];

        verdict.Outcome.ToString().Should().Be(expected, verdict.Evidence);
        (verdict.Evidence.Contains("misses -1/2 by 0.") || verdict.Evidence.Contains("contains")).Should().BeTrue();
    }

    [Theory]
    [InlineData(0, nameof(VerdictOutcome.Holds))]
    [InlineData(-0.5, nameof(VerdictOutcome.Fails))]
    [InlineData(-0.1, nameof(VerdictOutcome.Holds))]
    [InlineData(-0.3, nameof(VerdictOutcome.Fails))]
    [InlineData(0.3, nameof(VerdictOutcome.Fails))]
    public void Judge_FixedRanksOfAnExponent_NoConvergenceHoldsNearZeroOnly(double exponent, string expected)
    {
        var verdict = Planted(-0.5, exponent)[1];

        verdict.Outcome.ToString().Should().Be(expected, verdict.Evidence);
    }

    [Theory]
    [InlineData(1 / 3.0)]
    [InlineData(3)]
    public void Judge_SpreadOffByAFactorOfThree_IsNotHeld(double factor)
    {
        var found = Once.Value.Found;
        var verdicts = KernelLimit.Judge(found with
        {
            Curves = [.. found.Curves.Select(curve => curve with
            {
                Points = [.. curve.Points.Select(point => point with { Predicted = point.Rms * factor })],
            })],
        }).Verdicts;

        verdicts[2].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    [Fact]
    public void Judge_AnotherKernelAsLimit_MeansFail()
    {
        // as if each kernel were half of itself, and the tangent kernel the NNGP
        var found = Once.Value.Found;
        var halved = Judge(found, set => (set.Limit.Nngp / 2, set.Limit.Ntk / 2));
        var exchanged = Judge(found, set => (set.Limit.Nngp, set.Limit.Nngp));

        halved[3].Outcome.Should().Be(VerdictOutcome.Fails);
        halved[4].Outcome.Should().Be(VerdictOutcome.Fails);
        exchanged[3].Outcome.Should().Be(VerdictOutcome.Fails);
        exchanged[4].Should().Be(Once.Value.Result.Verdicts[4]);
    }

    [Fact]
    public void Judge_AKernelThatIsNotANumber_MeansFail()
    {
        var found = Once.Value.Found;
        var broken = found with
        {
            Sets = [.. found.Sets.Select(set => set with
            {
                Ntk = set.Ntk with { StandardError = set.Ntk.StandardError * double.NaN },
            })],
        };

        KernelLimit.Judge(broken).Verdicts[3].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        var run = () => new KernelLimit(Tiny).Run(new ExperimentContext(1, ExperimentSize.Quick, new Progress<double>(), cancelled.Token));

        run.Should().Throw<OperationCanceledException>();
    }

    /// <summary>Verdicts on deviations of given exponents, beside a prediction of 0, scattered by a fifth.</summary>
    private static IReadOnlyList<Verdict> Planted(double growing, double @fixed)
    {
        var found = Once.Value.Found;
        var stream = new RandomStream(5);
        return KernelLimit.Judge(found with
        {
            Curves = [.. found.Curves.Select(curve => curve with
            {
                Points = [.. new[] { 64, 128, 256, 512 }.Select(n => new KernelLimit.SinglePoint(n, 8, 8, 0.3,
                    [.. Enumerable.Range(0, 100).Select(_ => 0.3 * Math.Pow(n / 64.0, curve.Share is null ? @fixed : growing)
                        * (1 + (0.2 * stream.NextGaussian())))]))],
            })],
        }).Verdicts;
    }

    private static IReadOnlyList<Verdict> Judge(
        KernelLimit.Findings found, Func<KernelLimit.MeanSet, (Matrix<double> Nngp, Matrix<double> Ntk)> limit) =>
        KernelLimit.Judge(found with
        {
            Sets = [.. found.Sets.Select(set =>
            {
                var (nngp, ntk) = limit(set);
                return set with { Limit = set.Limit with { Nngp = nngp, Ntk = ntk } };
            })],
        }).Verdicts;

    private static (KernelLimit.Findings Found, ExperimentResult Result) Found(ulong seed)
    {
        var found = new KernelLimit(Tiny).Measure(
            new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));
        return (found, KernelLimit.Judge(found));
    }
}
