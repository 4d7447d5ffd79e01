namespace StableRank.GradientRank;

/// <summary>
/// "The rank of the matrix Name is at most Value", with the fact that it was concluded from. Sentences are made when they are asked for.
/// </summary>
internal sealed class RankFact
{
    private readonly Func<string> _statement;
    private readonly Func<string> _description;
    private readonly bool _isImage;

    private RankFact(
        string name, int value, RankCause cause, int layer, Func<string> description, Func<string> statement, string source, RankFact? from,
        bool isImage = false)
    {
        (Name, Value, Cause, CauseLayer, Source, From) = (name, value, cause, layer, source, from);
        (_description, _statement, _isImage) = (description, statement, isImage);
    }

    public string Name { get; }

    public int Value { get; }

    public RankCause Cause { get; }

    public int CauseLayer { get; }

    public string Description => _description();

    public string Source { get; }

    public RankFact? From { get; }

    /// <summary>A first fact: a shape, or what was given.</summary>
    public static RankFact Root(string name, long value, RankCause cause, int layer, Func<string> description, string source)
    {
        var bound = Saturate(value);
        return new RankFact(name, bound, cause, layer, description, () => $"rank {name} <= {bound}: {description()}", source, null);
    }

    /// <summary>The first of the least.</summary>
    public static RankFact Least(params ReadOnlySpan<RankFact?> facts)
    {
        RankFact? least = null;
        foreach (var fact in facts)
        {
            if (fact is not null && (least is null || fact.Value < least.Value))
            {
                least = fact;
            }
        }

        return least!;
    }

    /// <summary>
    /// The rank of a sum is at most the sum of the ranks. A single term that is not zero keeps its cause; several have the given one.
    /// </summary>
    public static RankFact Sum(
        string name, IReadOnlyList<RankFact> terms, RankCause cause, int layer, Func<string> description, string what, string source)
    {
        RankFact? greatest = null;
        long total = 0;
        var active = 0;
        foreach (var term in terms)
        {
            total += term.Value;
            active += term.Value > 0 ? 1 : 0;
            greatest = greatest is null || term.Value > greatest.Value ? term : greatest;
        }

        var value = Saturate(total);
        string Statement() => $"rank {name} <= {what}: {Terms(terms)}{value}";
        return active > 1
            ? new RankFact(name, value, cause, layer, description, Statement, source, greatest)
            : greatest!.Then(name, value, Statement, source);
    }

    /// <summary>A shape that another matrix has too.</summary>
    public RankFact AsRowsOf(string name) => Root(name, Value, Cause, CauseLayer, _description, Source);

    /// <summary>A conclusion that keeps the cause.</summary>
    public RankFact Then(string name, long value, Func<string> statement, string source) =>
        new(name, Saturate(value), Cause, CauseLayer, _description, statement, source, this);

    /// <summary>A conclusion with a cause of its own.</summary>
    public RankFact Then(
        string name, long value, Func<string> statement, string source, RankCause cause, int layer, Func<string> description) =>
        new(name, Saturate(value), cause, layer, description, statement, source, this);

    /// <summary>The rank of a linear image is no greater; images of images are one step of the proof.</summary>
    public RankFact Image(string name)
    {
        var origin = _isImage ? From! : this;
        var value = Value;
        return new RankFact(
            name, Value, Cause, CauseLayer, _description, () => $"rank {name} <= rank {origin.Name}, a linear image of it: {value}",
            "theory (6.2)", origin, isImage: true);
    }

    /// <summary>The rank of a product with a weight matrix: no greater than that of either factor.</summary>
    public RankFact Through(RankFact? weight, string name) =>
        weight is not null && weight.Value < Value
            ? weight.Then(name, weight.Value, () => $"rank {name} <= rank {weight.Name}, a factor of it: {weight.Value}", "theory (6.2)")
            : Image(name);

    /// <summary>The rank of the matrix of which this is a factor, the other being arbitrary.</summary>
    public RankFact AsFactorOf(string name)
    {
        var (factor, value) = (Name, Value);
        return Then(name, Value, () => $"rank {name} <= rank {factor}, a factor of it: {value}", "theory (6.1)");
    }

    /// <summary>The chain, first fact first.</summary>
    public IReadOnlyList<RankInequality> Chain()
    {
        var chain = new List<RankInequality>();
        for (var fact = this; fact is not null; fact = fact.From)
        {
            chain.Add(new RankInequality(fact._statement(), fact.Value, fact.Source));
        }

        chain.Reverse();
        return chain;
    }

    private static int Saturate(long value) => (int)Math.Min(value, int.MaxValue);

    /// <summary>"3 x 2 + 1 = " for the terms 2, 2, 2, 1; zeros left out.</summary>
    private static string Terms(IReadOnlyList<RankFact> terms)
    {
        var groups = terms.Where(term => term.Value > 0).GroupBy(term => term.Value)
            .Select(group => group.Count() == 1 ? $"{group.Key}" : $"{group.Count()} x {group.Key}").ToList();
        return groups.Count is 0 or > 8 ? string.Empty : string.Join(" + ", groups) + " = ";
    }
}
