using StableRank.GradientRank;
using Xunit.Abstractions;

namespace StableRank.Tests.GradientRank;

/// <summary>
/// No measured rank exceeds a bound, over random networks, batches, data ranks, weight ranks, losses and truncations; and in linear
/// networks most bounds are attained.
/// </summary>
public sealed class GradientRankBoundPropertyTests(ITestOutputHelper output)
{
    private const int Networks = 10_000;
    private static readonly RankNetworkKind[] Kinds = Enum.GetValues<RankNetworkKind>();

    /// <summary>
    /// Least shares of the weights of linear networks whose bound is attained. Measured over seeds 1 to 20, 3,000
    /// networks each: dense 0.870 to 0.927, convolution 0.915 to 0.946, recurrent 0.896 to 0.920, mixtures 0.883 to 0.923. What is missing
    /// is mostly what the bounds were not told: ranks of weights or data left out, targets that lower the rank of the loss's gradient.
    /// </summary>
    private static readonly Dictionary<RankNetworkKind, double> LeastShares = new()
    {
        [RankNetworkKind.Dense] = 0.85,
        [RankNetworkKind.Convolution] = 0.90,
        [RankNetworkKind.Recurrent] = 0.88,
        [RankNetworkKind.Mixture] = 0.86,
    };

    [Fact]
    public void MeasuredRanks_OfTenThousandRandomNetworks_NeverExceedTheBounds()
    {
        var cases = Draw(1, Networks).ToList();
        var readings = cases.SelectMany(drawn => drawn.Readings).ToList();

        readings.Should().HaveCountGreaterThan(Networks);
        Violations(readings, bound => bound.Bound).Should().BeEmpty();
        readings.Where(reading => reading.Inputs > reading.Bound.InputBound).Should().BeEmpty();
        readings.Where(reading => reading.Signals > reading.Bound.SignalBound).Should().BeEmpty();
        foreach (var (kind, least) in LeastShares)
        {
            var linear = cases.Where(drawn => drawn.Kind == kind && drawn.Case.IsLinear).SelectMany(drawn => drawn.Readings).ToList();
            var attained = linear.Count(reading => reading.Gradient == reading.Bound.Bound);
            output.WriteLine($"{kind}: {attained} of {linear.Count} bounds attained");
            ((double)attained / linear.Count).Should().BeGreaterThan(least, $"of the linear networks of kind {kind}");
        }

        output.WriteLine(
            $"{readings.Count} weights; LAPACK's rule, which knows nothing of cancellation, counts rounding errors above the bound in "
            + $"{readings.Count(reading => reading.GradientByRule > reading.Bound.Bound)}");
    }

    [Fact]
    public void Checker_OfPlantedBounds_FindsViolations()
    {
        var cases = Draw(2, 400).ToList();
        int RankOfWeights(RankCase drawn, LayerRankBound bound) =>
            drawn.Assumptions.WeightRanks?.GetValueOrDefault(bound.Parameter) ?? int.MaxValue;
        int Planted(Func<RankCase, LayerRankBound, int> bound) =>
            cases.Sum(drawn => Violations(drawn.Readings, of => bound(drawn.Case, of)).Count());

        Planted((_, of) => of.Bound).Should().Be(0);
        Planted((drawn, of) => Math.Min(of.Bound, RankOfWeights(drawn, of))).Should().BePositive("eq. 1 takes in the layer's own weights");
        foreach (var isInteger in new[] { true, false })
        {
            Planted((drawn, of) => of.Bound - (drawn.IsInteger == isInteger && of.Bound > 1 ? 1 : 0)).Should().BeGreaterThan(
                200, $"a bound that is one too small, integers: {isInteger}");
        }
    }

    /// <summary>A printed form that is called sound is one: it follows from ours. Among those that are not, some are false.</summary>
    [Fact]
    public void PrintedForms_CalledSound_HoldAndTheOthersAreSometimesFalse()
    {
        var readings = Draw(3, 1000).SelectMany(drawn => drawn.Readings).ToList();
        var printed = readings.SelectMany(reading => reading.Bound.Printed.Select(form => (reading.Gradient, Form: form))).ToList();

        printed.Where(pair => pair.Form.IsSound && pair.Gradient > pair.Form.Value).Should().BeEmpty();
        printed.Where(pair => !pair.Form.IsSound && pair.Gradient > pair.Form.Value).Select(pair => pair.Form.Equation).Distinct()
            .Should().BeEquivalentTo("arXiv 2402.06751 eq. 1", "arXiv 2402.06751 eq. 3", "arXiv 2402.06751 eq. 12");
    }

    internal static IEnumerable<(RankNetworkKind Kind, RankCase Case, IReadOnlyList<RankReading> Readings)> Draw(ulong seed, int count)
    {
        RandomRankCases[] sources = [new(seed, isInteger: true), new(seed, isInteger: false)];
        for (int drawn = 0, attempt = 0; drawn < count; attempt++)
        {
            var kind = Kinds[attempt % Kinds.Length];
            var drawnCase = sources[attempt / Kinds.Length % 2].Draw(kind);
            if (drawnCase.Read() is { } readings)
            {
                drawn++;
                yield return (kind, drawnCase, readings);
            }
        }
    }

    internal static IEnumerable<RankReading> Violations(IEnumerable<RankReading> readings, Func<LayerRankBound, int> bound) =>
        readings.Where(reading => reading.Gradient > bound(reading.Bound));
}
