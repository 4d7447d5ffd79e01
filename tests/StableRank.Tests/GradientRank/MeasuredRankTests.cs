using StableRank.GradientRank;
using StableRank.Spectra;

namespace StableRank.Tests.GradientRank;

public sealed class MeasuredRankTests
{
    private const double Eps = 1.0 / (1L << 52);

    [Fact]
    public void Ranks_OfASpectrum_AreTheSpectrumsOwn()
    {
        var rank = Of([4, 2, 1, 3 * Eps], 1e-16);
        rank.StableRank.Should().Be(rank.Spectrum.StableRank);
        rank.ParticipationRank.Should().Be(rank.Spectrum.ParticipationRank);
        rank.EffectiveRank.Should().Be(rank.Spectrum.EffectiveRank);
        rank.NumericalRank(NumericalRankRule.Lapack).Should().Be(3, "6 eps s_1 = 24 eps");
        rank.NumericalRank(NumericalRankRule.MachineEpsilon).Should().Be(3, "eps s_1 = 4 eps");
        rank.NumericalRank(0.5 * Eps).Should().Be(4);
        rank.NumericalRank(0.25).Should().Be(2, "1 is not above 1");
        (rank with { Precision = FloatingPrecision.Single }).ToleranceOf(NumericalRankRule.Lapack).Should().Be(6.0 / (1L << 23));
    }

    [Fact]
    public void NumericalRankRange_OfValuesNearTheTolerance_LeavesThemOpen()
    {
        var rank = Of([4, 2, 1, 0.5], 0.1);
        rank.NumericalRankRange(0.375).Should().Be((2, 2));
        rank.NumericalRankRange(0.26).Should().Be((2, 3), "1 may be above 1.04");
        rank.NumericalRankRange(0.24).Should().Be((2, 3), "or below 0.96");
        rank.NumericalRankRange(0.0).Should().Be((4, 4));
        Of([4, 2, 1, 0.05], 0.1).NumericalRankRange(0.0).Should().Be((3, 4));
        (Of([4, 2, 1, 0.05], 0.1) with { RankLimit = 3 }).NumericalRankRange(0.0).Should().Be((3, 3), "the fourth is noise for certain");
    }

    [Fact]
    public void NumericalRank_BadArguments_Throws()
    {
        var rank = Of([4, 2, 1, 0.5], 0.1);
        foreach (var bad in (double[])[-1, double.NaN])
        {
            rank.Invoking(r => r.NumericalRank(bad)).Should().Throw<ArgumentOutOfRangeException>();
            rank.Invoking(r => r.NumericalRankRange(bad)).Should().Throw<ArgumentOutOfRangeException>();
        }

        rank.Invoking(r => r.NumericalRank((NumericalRankRule)5)).Should().Throw<ArgumentOutOfRangeException>();
        var gram = rank with { Route = RankRoute.Gram, Accuracy = 0.01 };
        gram.SmallestTolerance.Should().Be(RankRouteCost.GramMargin * 0.01 / 4);
        gram.Invoking(r => r.NumericalRank(0.019)).Should().Throw<InvalidOperationException>().WithMessage("*0.02*0.019*");
        gram.NumericalRank(0.3).Should().Be(2);
        gram.NumericalRankRange(0.3).Should().Be((2, 2));
    }

    [Theory]
    [InlineData(1024, 1024, 64, 0, RankRoute.Factors)]
    [InlineData(1024, 1024, 1024, 0, RankRoute.Values)]
    [InlineData(1024, 1024, null, 0, RankRoute.Values)]
    [InlineData(1024, 1024, null, 1e-3, RankRoute.Values)] // in two stages, the eigenvalues in one
    [InlineData(2048, 512, null, 1e-3, RankRoute.Gram)]
    [InlineData(256, 256, null, 1e-3, RankRoute.Gram)]
    [InlineData(1024, 1024, null, 1e-6, RankRoute.Values)]
    [InlineData(512, 784, 8, 1e-3, RankRoute.Factors)]
    [InlineData(10, 512, 128, 0, RankRoute.Values)]
    public void Cheapest_Sizes_IsTheRouteOfFewestOperations(int rows, int columns, int? inner, double tolerance, RankRoute expected)
    {
        RankRouteCost.Cheapest(rows, columns, inner, tolerance).Should().Be(expected);
        RankRouteCost.Cheapest(columns, rows, inner, tolerance).Should().Be(expected);
    }

    [Fact]
    public void Factors_OfBatch64_CostATenthOfTheValuesOf1024()
    {
        // 4 (1024) 64^2 and 2.5 (8/3) 1024^3, of large matrices: the ratio of the model, of which a tenth is asked
        (RankRouteCost.Values(1024, 1024) / RankRouteCost.Factors(1024, 1024, 64)).Should().BeGreaterThan(100);
        FluentActions.Invoking(() => RankRouteCost.Factors(3, -1, 2)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => RankRouteCost.Cheapest(3, 1, 2, -1)).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static MeasuredRank Of(double[] values, double accuracy) => new(
        1, "0.weight", RankQuantity.Gradient, 4, 6, Spectrum.FromSingularValues(values), FloatingPrecision.Double, RankRoute.Values,
        accuracy);
}
