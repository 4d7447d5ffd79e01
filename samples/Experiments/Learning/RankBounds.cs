namespace StableRank.Experiments.Learning;

internal static class RankBounds
{
    public static IReadOnlyDictionary<string, int> Of(RankCase one, int batch) =>
        one.Model.Sample<double>(1).Parameters.Where(p => p.IsWeight)
            .ToDictionary(p => p.Name, p => Math.Min(batch, Math.Min(p.Rows, p.Columns)));
}
