namespace StableRank.Experiments.Learning;

internal static class RankBounds
{
    public static IReadOnlyList<int> Of(RankCase one, int batch) =>
        [.. one.Model.Sample<double>(1).Parameters.Where(p => p.IsWeight).Select(p => Math.Min(batch, Math.Min(p.Rows, p.Columns)))];
}
