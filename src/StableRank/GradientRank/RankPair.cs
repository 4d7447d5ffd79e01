using StableRank.Networks;

namespace StableRank.GradientRank;

/// <summary>
/// Bounds on the ranks of a matrix A of activations and of A C, C = I - 1 1^T/N taking off the mean column. A bias adds b 1^T, which
/// leaves A C alone: through any number of linear layers with biases the rank grows by one once, not once a layer.
/// </summary>
internal sealed record RankPair(RankFact Rank, RankFact Centred)
{
    /// <summary>Both, with rank A C &lt;= rank A &lt;= rank A C + 1 put to use.</summary>
    public static RankPair Of(RankFact rank, RankFact centred)
    {
        if (rank.Value < centred.Value)
        {
            centred = rank.Image(centred.Name);
        }
        else if (centred.Value + 1 < rank.Value)
        {
            var name = rank.Name;
            rank = centred.Then(
                name, centred.Value + 1, () => $"rank {name} <= rank {name} C + 1, C = I - 1 1^T/N: {centred.Value + 1}",
                "theory (6.1)");
        }

        return new RankPair(rank, centred);
    }

    /// <summary>Any matrix of the given shape, whose facts are of another name.</summary>
    public static RankPair Full(string name, RankFact rows, RankFact columns)
    {
        var rank = RankFact.Least(rows, columns);
        return Of(rank, CentredByColumns(rank.Image(name + " C"), columns));
    }

    /// <summary>Bounds by rows and columns beside what is known.</summary>
    public RankPair Within(RankFact rows, RankFact columns) =>
        Of(
            RankFact.Least(Rank, rows, columns),
            CentredByColumns(rows.Value < Centred.Value ? rows.Image(Centred.Name) : Centred, columns));

    /// <summary>Bounds that hold beside these.</summary>
    public RankPair And(RankFact rank, RankFact centred) => Of(RankFact.Least(Rank, rank), RankFact.Least(Centred, centred));

    /// <summary>A linear image.</summary>
    public RankPair Image(string name) => new(Rank.Image(name), Centred.Image(name + " C"));

    /// <summary>W times it.</summary>
    public RankPair Through(RankFact? weight, string name) => new(Rank.Through(weight, name), Centred.Through(weight, name + " C"));

    /// <summary>b 1^T added, b any vector.</summary>
    public RankPair WithBias(bool hasBias)
    {
        if (!hasBias)
        {
            return Of(Rank, Centred);
        }

        var (name, centred) = (Rank.Name, Centred);
        return Of(
            centred.Then(
                name, centred.Value + 1L, () => $"rank {name} <= rank {name} C + 1, C = I - 1 1^T/N, for the bias: {centred.Value + 1L}",
                "theory (6.1)"),
            centred);
    }

    /// <summary>
    /// phi of it, entry by entry. Rank survives only where all columns are the same, as then they are after phi too; else the shape is all
    /// that is known.
    /// </summary>
    public RankPair Activated(Activation activation, string name, RankFact rows, RankFact columns)
    {
        if (Centred.Value > 0)
        {
            return Full(name, rows, columns);
        }

        var value = Rank.Value == 0 && AtZero(activation) == 0 ? 0 : 1;
        var before = Rank.Name;
        RankFact Constant(string of, int most) => Centred.Then(
            of, most, () => $"rank {of} <= {most}: all columns of {before} are the same, hence those of phi({before})", "theory (6.1)",
            RankCause.ConstantInputs, Centred.CauseLayer, () => "inputs that are all the same");
        return new RankPair(RankFact.Least(Constant(name, value), columns, rows), Constant(name + " C", 0));
    }

    private static RankFact CentredByColumns(RankFact centred, RankFact columns)
    {
        var name = centred.Name;
        return columns.Value - 1 < centred.Value
            ? columns.Then(name, columns.Value - 1, () => $"rank {name} <= rank C: {columns.Value - 1}", "theory (6.1)")
            : centred;
    }

    private static double AtZero(Activation activation)
    {
        double[] value = [0];
        activation.Apply<double>(value, value);
        return value[0];
    }
}
