namespace StableRank.GradientRank;

/// <summary>
/// Bounds on the ranks of a batch A of activations in three readings: whole, n x N; one place (time step, pixel) at a time, A(p) of
/// features x N; and joined, A(:) = [A(1) ... A(P)], features x P N. The rank of A(p) is never above that of A or of A(:), nor theirs above
/// the sum over p.
/// </summary>
internal sealed class ActivationRanks
{
    private ActivationRanks(Arrangement arrangement, RankPair whole, RankPair joined, RankPair[] places) =>
        (Arrangement, Whole, Joined, Places) = (arrangement, whole, joined, places);

    public Arrangement Arrangement { get; }

    public RankPair Whole { get; }

    /// <summary>Of <see cref="Arrangement.Flat"/>, the same as <see cref="Whole"/>.</summary>
    public RankPair Joined { get; }

    /// <summary>Of <see cref="Arrangement.Flat"/>, empty.</summary>
    public RankPair[] Places { get; }

    public static ActivationRanks Flat(RankPair whole) => new(Arrangement.Flat, whole, whole, []);

    /// <summary>Puts the relations of the three readings to use.</summary>
    public static ActivationRanks Of(
        Arrangement arrangement, RankPair whole, RankPair joined, RankPair[] places, Func<string, RankFact[], RankFact> sum)
    {
        var ranks = Array.ConvertAll(places, place => place.Rank);
        var centred = Array.ConvertAll(places, place => place.Centred);
        // A C consists of the A(p) C; but A(:) C of other matrices, as the means of the places differ
        var together = whole.And(sum(whole.Rank.Name, ranks), sum(whole.Centred.Name, centred));
        var side = joined.And(sum(joined.Rank.Name, ranks), joined.Centred);
        var each = Array.ConvertAll(
            places,
            place => place
                .And(
                    together.Rank.Value < place.Rank.Value ? together.Rank.Image(place.Rank.Name) : place.Rank,
                    together.Centred.Value < place.Centred.Value ? together.Centred.Image(place.Centred.Name) : place.Centred)
                .And(side.Rank.Value < place.Rank.Value ? side.Rank.Image(place.Rank.Name) : place.Rank, place.Centred));
        return new ActivationRanks(arrangement, together, side, each);
    }

    /// <summary>The same batch, read as so many places: only the whole is known where it was arranged otherwise.</summary>
    public ActivationRanks As(Arrangement arrangement, int places, RankFact features, Func<string, RankFact[], RankFact> sum)
    {
        if (arrangement == Arrangement && places == Places.Length)
        {
            return this;
        }

        var name = Whole.Rank.Name;
        var each = new RankPair[places];
        for (var p = 0; p < places; p++)
        {
            each[p] = RankPair.Of(
                RankFact.Least(Whole.Rank.Image($"{name}({p + 1})"), features), Whole.Centred.Image($"{name}({p + 1}) C"));
        }

        var side = features.AsRowsOf($"{name}(:)");
        return Of(arrangement, Whole, RankPair.Of(side, side.Image($"{name}(:) C")), each, sum);
    }
}
