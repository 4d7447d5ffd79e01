using System.Collections;

namespace StableRank.GradientRank;

/// <summary>The bounds of all weight matrices of a network, first layer first; a recurrent layer has two, U before V.</summary>
public sealed class GradientRankBounds : IReadOnlyList<LayerRankBound>
{
    private readonly LayerRankBound[] _bounds;

    internal GradientRankBounds(RankAssumptions assumptions, IEnumerable<LayerRankBound> bounds)
    {
        Assumptions = assumptions;
        _bounds = [.. bounds];
    }

    /// <summary>What they were computed for.</summary>
    public RankAssumptions Assumptions { get; }

    /// <summary>How many there are.</summary>
    public int Count => _bounds.Length;

    /// <summary>The bound of a number from 0.</summary>
    public LayerRankBound this[int index] => _bounds[index];

    /// <summary>The bound of a parameter.</summary>
    /// <exception cref="KeyNotFoundException">There is no weight matrix of that name; the message lists them.</exception>
    public LayerRankBound this[string parameter] =>
        Array.Find(_bounds, bound => bound.Parameter == parameter)
        ?? throw new KeyNotFoundException(
            $"There is no weight matrix '{parameter}'; expected one of {string.Join(", ", _bounds.Select(bound => bound.Parameter))}.");

    /// <summary>In order.</summary>
    public IEnumerator<LayerRankBound> GetEnumerator() => ((IEnumerable<LayerRankBound>)_bounds).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>All bounds with their proofs.</summary>
    public override string ToString() => string.Join("\n", _bounds.AsEnumerable());
}
