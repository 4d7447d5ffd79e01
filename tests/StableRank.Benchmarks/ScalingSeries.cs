namespace StableRank.Benchmarks;

/// <summary>One task at growing sizes, each twice the one before.</summary>
/// <param name="Task">What is done.</param>
/// <param name="Variable">What grows, such as "width".</param>
/// <param name="Sizes">Its values, rising.</param>
/// <param name="RowOf">The row of a size, with its operations; its name is made unique by the series.</param>
internal sealed record ScalingSeries(string Task, string Variable, int[] Sizes, Func<int, Comparison> RowOf)
{
    /// <summary>How long a run of a row goes on at least, in seconds.</summary>
    private const double LeastSeconds = 0.15;

    /// <summary>The rows, in the order of the sizes.</summary>
    public IReadOnlyList<Comparison> Rows { get; } =
    [
        .. Sizes.Select(size => RowOf(size) with
        {
            Name = $"scaling: {Task}, {Variable} {size}", PeerRow = null, Repeats = 1, LeastSeconds = LeastSeconds, Target = null,
            FloorTarget = null,
        }),
    ];
}
