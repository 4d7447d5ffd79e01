using System.Globalization;

namespace StableRank.Benchmarks;

/// <summary>The table of measurements in Markdown, and what it says of the targets.</summary>
internal static class BenchmarkTable
{
    private const string None = "–";

    /// <summary>The two lines above the rows.</summary>
    public static IReadOnlyList<string> Header { get; } =
    [
        "| task | ours, ms | peer | on Debian's library, ms | ratio | on our MKL, ms | ratio | floor, ms | ours/floor "
            + "| ours, MiB | peer, MiB | target | met | runs |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ];

    /// <summary>A row.</summary>
    /// <param name="measurement">What was measured.</param>
    /// <param name="floor">The least time in seconds; null where there is no floor.</param>
    public static string Row(Measurement measurement, double? floor)
    {
        var (row, ours) = (measurement.Row, measurement.Ours);
        var own = measurement.Peers.FirstOrDefault(peer => peer.Library == PeerNames.ItsOwn);
        var mkl = measurement.Peers.FirstOrDefault(peer => peer.Library == PeerNames.OurMkl);
        string[] cells =
        [
            row.Name,
            Time(ours),
            row.PeerRow ?? "none",
            Time(own), Ratio(measurement, own),
            Time(mkl), Ratio(measurement, mkl),
            floor is { } least ? Number(least * 1e3) : None,
            floor is { } bound ? Number(ours.Median / bound) : None,
            Memory(ours), Memory(own is { Failure: null } ? own : mkl),
            Target(row),
            Verdict(measurement, floor),
            ours.Seconds.Length.ToString(CultureInfo.InvariantCulture),
        ];
        return $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |";
    }

    /// <summary>What is aimed at: "&gt;= 5; &lt;= 2 floors".</summary>
    public static string Target(Comparison row)
    {
        List<string> parts = [];
        if (row.Target is { } target)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"≥ {target}"));
        }

        if (row.FloorTarget is { } floors)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"≤ {floors} floors"));
        }

        return parts.Count == 0 ? None : string.Join("; ", parts);
    }

    /// <summary>
    /// Whether it is reached, part by part: of the ratio "yes" only where the median is large enough on every library under the peer, "on X
    /// only" where on some, "not measured" where there is no time of ours or of any peer.
    /// </summary>
    public static string Verdict(Measurement measurement, double? floor)
    {
        var row = measurement.Row;
        List<string> parts = [];
        if (row.Target is { } target)
        {
            var timed = measurement.Peers.Where(peer => measurement.Ratios(peer).Length > 0).ToArray();
            var reached = timed.Where(peer => Statistics.Median(measurement.Ratios(peer)) >= target).ToArray();
            parts.Add(
                timed.Length == 0 ? "not measured"
                : reached.Length == timed.Length ? "yes"
                : reached.Length == 0 ? "no"
                : $"on {string.Join(", ", reached.Select(peer => peer.Library))} only");
        }

        if (row.FloorTarget is { } floors)
        {
            var multiple = measurement.Ours.Median / floor;
            parts.Add(multiple is null or double.NaN ? "not measured" : multiple <= floors ? "yes" : "no");
        }

        return parts.Count == 0 ? None : string.Join("; ", parts);
    }

    /// <summary>Three digits or a little more, without an exponent.</summary>
    public static string Number(double value)
    {
        var format = Math.Abs(value) switch
        {
            >= 100 => "F0",
            >= 10 => "F1",
            >= 1 => "F2",
            >= 0.1 => "F3",
            _ => "F4",
        };
        return double.IsNaN(value) ? None : value.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string Time(Timing? timing) => timing switch
    {
        null => None,
        { Failure: { } failure } => $"not run: {failure}",
        _ => Number(timing.Median * 1e3),
    };

    /// <summary>The median of the runs' ratios with the least and the greatest.</summary>
    private static string Ratio(Measurement measurement, Timing? peer)
    {
        var ratios = peer is null ? [] : measurement.Ratios(peer);
        return ratios.Length == 0
            ? None
            : $"{Number(Statistics.Median(ratios))} ({Number(ratios[0])} to {Number(ratios[^1])})";
    }

    private static string Memory(Timing? timing) =>
        timing is null || double.IsNaN(timing.Mebibytes) ? None : timing.Mebibytes.ToString("F0", CultureInfo.InvariantCulture);
}
