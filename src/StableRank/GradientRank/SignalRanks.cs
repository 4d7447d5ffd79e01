namespace StableRank.GradientRank;

/// <summary>The same of the gradients that come back, dL/dZ or dL/dA: no bias is ever added to them.</summary>
internal sealed class SignalRanks
{
    private SignalRanks(Arrangement arrangement, RankFact whole, RankFact joined, RankFact[] places) =>
        (Arrangement, Whole, Joined, Places) = (arrangement, whole, joined, places);

    public Arrangement Arrangement { get; }

    public RankFact Whole { get; }

    public RankFact Joined { get; }

    public RankFact[] Places { get; }

    public static SignalRanks Flat(RankFact whole) => new(Arrangement.Flat, whole, whole, []);

    public static SignalRanks Of(
        Arrangement arrangement, RankFact whole, RankFact joined, RankFact[] places, Func<string, RankFact[], RankFact> sum)
    {
        var together = RankFact.Least(whole, sum(whole.Name, places));
        var side = RankFact.Least(joined, sum(joined.Name, places));
        var each = Array.ConvertAll(places, place =>
        {
            var least = RankFact.Least(place, together, side);
            return least == place ? place : least.Image(place.Name);
        });
        return new SignalRanks(arrangement, together, side, each);
    }

    public SignalRanks As(Arrangement arrangement, int places, RankFact features, Func<string, RankFact[], RankFact> sum)
    {
        if (arrangement == Arrangement && places == Places.Length)
        {
            return this;
        }

        var each = new RankFact[places];
        for (var p = 0; p < places; p++)
        {
            var name = $"{Whole.Name}({p + 1})";
            each[p] = RankFact.Least(Whole.Image(name), features.AsRowsOf(name));
        }

        return Of(arrangement, Whole, features.AsRowsOf($"{Whole.Name}(:)"), each, sum);
    }
}
