using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;

namespace StableRank.Tests.Experiments;

public sealed class VerdictTests
{
    [Fact]
    public void OnComparisons_AllNear_HoldsAndNamesTheWorst()
    {
        var verdict = Verdict.OnComparisons("so", [new("near", 1.01, 0.1, 1, 99), new("farthest", 0.7, 0.1, 1, 99)]);

        verdict.Outcome.Should().Be(VerdictOutcome.Holds);
        verdict.Evidence.Should().Contain("-3.00 standard errors (farthest").And.Contain("2 comparisons");
    }

    [Theory]
    [InlineData(2.0, 0.1)]
    [InlineData(double.NaN, 0.1)]
    [InlineData(1.5, double.NaN)]
    [InlineData(1.1, 0.0)]
    public void OnComparisons_OneFarOffOrNoNumber_Fails(double measured, double error)
    {
        var verdict = Verdict.OnComparisons("so", [new("near", 1.01, 0.1, 1, 99), new("wrong", measured, error, 1, 99)]);

        verdict.Outcome.Should().Be(VerdictOutcome.Fails);
        verdict.Evidence.Should().Contain("(wrong");
    }

    [Fact]
    public void OnParts_SomeHold_IsMixed()
    {
        Verdict.OnParts("so", (true, "a"), (true, "b")).Outcome.Should().Be(VerdictOutcome.Holds);
        Verdict.OnParts("so", (true, "a"), (false, "b")).Outcome.Should().Be(VerdictOutcome.Mixed);
        Verdict.OnParts("so", (false, "a"), (false, "b")).Outcome.Should().Be(VerdictOutcome.Fails);
    }

    [Fact]
    public void Verdict_OnNothing_IsRefused()
    {
        ((Func<Verdict>)(() => Verdict.OnParts("so"))).Should().Throw<ArgumentException>();
        ((Func<Verdict>)(() => Verdict.OnComparisons("so", []))).Should().Throw<ArgumentException>();
    }

    [Theory]

    // /usr/bin/python3 -c "from scipy.stats import t; print([t.ppf(1-.001/(2*n), d) for n, d in [(1, 999), (800, 999), (35, 99)]])"
    [InlineData(1, 999, 3.30029244039868)]
    [InlineData(800, 999, 4.877421723012968)]
    [InlineData(35, 99, 4.388499446489083)]
    public void Bound_OfManyComparisons_IsStudentsBonferroniQuantile(int count, int degrees, double expected)
    {
        Comparison.Bound(count, degrees, 0.001).Should().BeApproximately(expected, 1e-8 * expected);
    }
}
