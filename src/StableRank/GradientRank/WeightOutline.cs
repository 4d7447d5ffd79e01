namespace StableRank.GradientRank;

/// <summary>A weight matrix: its name in the network, its symbol in proofs, its shape.</summary>
internal sealed record WeightOutline(string Name, string Symbol, int Rows, int Columns)
{
    public static WeightOutline Of((string Prefix, string Suffix) name, string local, string symbol, int rows, int columns) =>
        new($"{name.Prefix}.{local}{name.Suffix}", symbol, rows, columns);
}
