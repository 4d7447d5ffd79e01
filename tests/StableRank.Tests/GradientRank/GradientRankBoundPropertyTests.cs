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

    [Fact]
    public void MeasuredRanks_OfTenThousandRandomNetworks_NeverExceedTheBounds()
    {
        var cases = Draw(1, Networks).ToList();
        var readings = cases.SelectMany(pair => pair.Readings).ToList();

        Violations(readings, bound => bound.Bound).Should().BeEmpty();
        readings.Where(reading => reading.Inputs > reading.Bound.InputBound || reading.Signals > reading.Bound.SignalBound).Should().BeEmpty();
        cases.Should().HaveCountGreaterThanOrEqualTo(Networks);
        output.WriteLine(
            $"{cases.Count} networks, {readings.Count} weights; LAPACK's rule alone counts rounding errors above a bound in "
            + $"{readings.Count(reading => reading.GradientByRule > reading.Bound.Bound)} of them.");
        foreach (var kind in Kinds)
        {
            var linear = cases.Where(pair => pair.Kind == kind && pair.Case.IsLinear).SelectMany(pair => pair.Readings).ToList();
            output.WriteLine($"{kind}: {linear.Count(reading => reading.Gradient == reading.Bound.Bound)} of {linear.Count} attained");
        }
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
