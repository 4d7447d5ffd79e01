using System.Numerics;
using System.Runtime.InteropServices;

namespace StableRank.Expressivity;

/// <summary>
/// The cells of a partition as lists of corners: two for a piece of a segment, in its direction; the corners of a convex polygon in
/// anticlockwise order. Pieces of a segment stay in order.
/// </summary>
internal sealed class PartitionCells
{
    private const int CellsBetweenChecks = 1024;

    private readonly List<int> _corners = [];
    private readonly List<int> _starts = [0];
    private readonly List<int> _parents = [];
    private readonly List<ulong> _on = [];

    private PartitionCells(bool isPlane) => IsPlane = isPlane;

    public bool IsPlane { get; }

    public int Count => _starts.Count - 1;

    /// <summary>Of every cell the one that it is part of, in the partition by the layers below.</summary>
    public ReadOnlySpan<int> Parents => CollectionsMarshal.AsSpan(_parents);

    /// <summary>Of every cell a bit a neuron of the layer: whether its pre-activation is positive inside.</summary>
    public ReadOnlySpan<ulong> On => CollectionsMarshal.AsSpan(_on);

    /// <summary>The bits of a cell.</summary>
    public ReadOnlySpan<ulong> OnOf(int cell)
    {
        var words = _on.Count / Count;
        return On.Slice(cell * words, words);
    }

    /// <summary>Cells that rounding left with corners on which a neuron changes its sign more than twice: not cut.</summary>
    public int Unresolved { get; private set; }

    /// <summary>The corners of a cell.</summary>
    public ReadOnlySpan<int> this[int cell] =>
        CollectionsMarshal.AsSpan(_corners)[_starts[cell].._starts[cell + 1]];

    /// <summary>One cell of the corners 0, 1, ...</summary>
    public static PartitionCells Whole(int corners)
    {
        var cells = new PartitionCells(corners > 2);
        cells._corners.AddRange(Enumerable.Range(0, corners));
        cells._starts.Add(corners);
        return cells;
    }

    /// <summary>
    /// Cuts every cell by every neuron of the layer that changes its sign on it. A cell is cut by the neuron of least number first, so that
    /// two cells cut their common edge in the same order, at the same corners.
    /// </summary>
    /// <exception cref="InvalidOperationException">There are more cells than <paramref name="maximum"/>.</exception>
    public PartitionCells Refine(PartitionVertices vertices, int maximum, string where, CancellationToken cancellationToken)
    {
        var result = new PartitionCells(IsPlane) { Unresolved = Unresolved };
        if (!IsPlane)
        {
            vertices.Reserve((int)Math.Min(Crossings(vertices), maximum));
        }

        var cut = new PolygonCut(vertices);
        var stack = new Stack<int[]>();
        for (var cell = 0; cell < Count; cell++)
        {
            stack.Push([.. this[cell]]);
            while (stack.TryPop(out var current))
            {
                var neuron = FirstCrossing(vertices, current);
                if (neuron >= 0 && !IsPlane)
                {
                    var w = vertices.Split(current[0], current[1], neuron);
                    stack.Push([w, current[1]]);
                    stack.Push([current[0], w]);
                }
                else if (neuron >= 0 && cut.TryCut(current, neuron) is { } halves)
                {
                    stack.Push(halves.Negative);
                    stack.Push(halves.Positive);
                }
                else
                {
                    result.Unresolved += neuron >= 0 ? 1 : 0;
                    result.Add(vertices, current, cell);
                    if (result.Count % CellsBetweenChecks == 0)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                    }
                }

                if (result.Count + stack.Count > maximum)
                {
                    throw new InvalidOperationException(
                        $"There are more than {maximum} regions after {where}; expected at most MaximumRegions = {maximum}: raise it, or "
                        + "take a smaller slice or network.");
                }
            }
        }

        return result;
    }

    private void Add(PartitionVertices vertices, int[] corners, int parent)
    {
        _corners.AddRange(corners);
        _starts.Add(_corners.Count);
        _parents.Add(parent);
        for (var k = 0; k < vertices.Words; k++)
        {
            var (positive, negative) = Signs(vertices, corners, k);
            var on = positive & ~negative;
            for (var mixed = positive & negative; mixed != 0; mixed &= mixed - 1)
            {
                var bit = BitOperations.TrailingZeroCount(mixed);
                var sum = 0.0;
                foreach (var v in corners)
                {
                    sum += vertices.Values(v)[(k * 64) + bit];
                }

                on |= (sum > 0 ? 1UL : 0) << bit;
            }

            _on.Add(on);
        }
    }

    /// <summary>How many changes of sign there are on all cells; on a segment no more corners than that are to come.</summary>
    private long Crossings(PartitionVertices vertices)
    {
        var crossings = 0L;
        for (var cell = 0; cell < Count; cell++)
        {
            for (var k = 0; k < vertices.Words; k++)
            {
                var (positive, negative) = Signs(vertices, this[cell], k);
                crossings += BitOperations.PopCount(positive & negative);
            }
        }

        return crossings;
    }

    private static int FirstCrossing(PartitionVertices vertices, int[] corners)
    {
        for (var k = 0; k < vertices.Words; k++)
        {
            var (positive, negative) = Signs(vertices, corners, k);
            if ((positive & negative) != 0)
            {
                return (k * 64) + BitOperations.TrailingZeroCount(positive & negative);
            }
        }

        return -1;
    }

    private static (ulong Positive, ulong Negative) Signs(PartitionVertices vertices, ReadOnlySpan<int> corners, int word)
    {
        ulong positive = 0, negative = 0;
        foreach (var v in corners)
        {
            positive |= vertices.Positive(v)[word];
            negative |= vertices.Negative(v)[word];
        }

        return (positive, negative);
    }
}
