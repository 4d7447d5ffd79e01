using StableRank.Replication;

namespace StableRank.Tests.Replication;

public sealed class EstimateTests
{
    [Fact]
    public void DeviationsFrom_AValue_CountsStandardErrorsAndRounding()
    {
        new Estimate(3, 0.5, 10).DeviationsFrom(2).Should().Be(2);
        new Estimate(3, 0.3, 10, 0.4).DeviationsFrom(4).Should().BeApproximately(-2, 1e-15);
        new Estimate(3, 0, 10, 0.5).DeviationsFrom(2).Should().Be(2);
    }

    [Fact]
    public void DeviationsFrom_WithoutOrWithInfiniteError_IsNeverNaN()
    {
        new Estimate(3, 0, 10).DeviationsFrom(3).Should().Be(0);
        new Estimate(3, 0, 10).DeviationsFrom(2).Should().Be(double.PositiveInfinity);
        new Estimate(double.NegativeInfinity, double.PositiveInfinity, 10).DeviationsFrom(2).Should().Be(0);
        FluentActions.Invoking(() => new Estimate(3, 1, 10).DeviationsFrom(double.NaN)).Should().Throw<ArgumentException>();
    }
}
