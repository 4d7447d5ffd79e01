using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using StableRank.LinearAlgebra;

namespace StableRank.Benchmarks;

/// <summary>What is compared: ours against one row of the peer's script.</summary>
/// <param name="Name">What is done, with its size.</param>
/// <param name="PeerRow">The function of peers/peer.py, or <see cref="NoPeer"/> to compare with the floor alone.</param>
/// <param name="PeerArguments">Its arguments, NAME=VALUE.</param>
/// <param name="Ours">One run of ours.</param>
/// <param name="Flops">The floating-point operations that ours cannot do without.</param>
internal sealed record Comparison(string Name, string PeerRow, string[] PeerArguments, Action Ours, double Flops)
{
    /// <summary>What stands for a peer where there is none.</summary>
    public const string NoPeer = "";

    /// <summary>How often a run does what is compared; times are shown for one of them.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Whether the work is in single precision, whose floor is lower.</summary>
    public bool Single { get; init; }

    /// <summary>Variables for the peer's process, such as the library under it.</summary>
    public IReadOnlyDictionary<string, string>? PeerEnvironment { get; init; }
}

/// <summary>Times ours and the peer in turn, A B A B, in one run, and prints the ratio of their times with its spread.</summary>
internal static class PeerComparison
{
    private const int Runs = 7, WarmRuns = 3;

    public static int Run(IEnumerable<Comparison> comparisons, TextWriter output)
    {
        var (rate, singleRate) = (GemmRate<double>(), GemmRate<float>());
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Backend.Describe()}; GEMM {rate / 1e9:F0} GFLOP/s in double, {singleRate / 1e9:F0} in single"));
        output.WriteLine("| task | ours, ms | peer, ms | peer/ours, median (min to max) | ours/floor | peer |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var comparison in comparisons)
        {
            output.WriteLine(Row(comparison, comparison.Single ? singleRate : rate));
        }

        return 0;
    }

    /// <summary>The machine's rate of 2 n^3 for a product of n = 1024, best of several, in flops a second.</summary>
    private static double GemmRate<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int N = 1024;
        T[] a = new T[N * N], b = new T[N * N], c = new T[N * N];
        Array.Fill(a, T.CreateChecked(1.0 / N));
        Array.Fill(b, T.CreateChecked(0.5));
        var best = Enumerable.Range(0, 10)
            .Min(_ => Seconds(() => Blas.Gemm<T>(Transpose.No, Transpose.No, N, N, N, T.One, a, N, b, N, T.Zero, c, N)));
        return 2.0 * N * N * N / best;
    }

    private static string Row(Comparison comparison, double rate)
    {
        using var peer = comparison.PeerRow == Comparison.NoPeer
            ? null
            : Peer.TryStart(comparison.PeerRow, Backend.Threads, comparison.PeerArguments, comparison.PeerEnvironment);

        // both warm: the peer's allocators, our compiled code, which becomes final some hundred calls on, in the background
        for (var run = 0; run < WarmRuns; run++)
        {
            comparison.Ours();
            peer?.Run();
        }

        var ours = new double[Runs];
        var theirs = new double[Runs];
        for (var run = 0; run < Runs; run++)
        {
            ours[run] = Seconds(comparison.Ours) / comparison.Repeats;
            theirs[run] = (peer?.Run() ?? double.NaN) / comparison.Repeats;
        }

        var ratios = ours.Zip(theirs, (mine, other) => other / mine).Order().ToArray();
        var floor = comparison.Flops / rate;
        string[] cells = peer is null
            ?
            [
                Number(Median(ours) * 1e3, "F2"), comparison.PeerRow == Comparison.NoPeer ? "none" : "not installed", "",
                Number(Median(ours) / floor, "F2"), comparison.PeerRow,
            ]
            :
            [
                Number(Median(ours) * 1e3, "F2"),
                Number(Median(theirs) * 1e3, "F2"),
                $"{Number(Median(ratios), "F2")} ({Number(ratios[0], "F2")} to {Number(ratios[^1], "F2")})",
                Number(Median(ours) / floor, "F2"),
                $"{comparison.PeerRow}, {peer.Versions}",
            ];
        return $"| {comparison.Name} | {string.Join(" | ", cells)} |";
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static double Seconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
