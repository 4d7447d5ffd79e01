using BenchmarkDotNet.Running;
using StableRank.Benchmarks;

switch (args.FirstOrDefault() ?? "peers")
{
    case "peers":
        return PeerComparison.Run(Select(SamplingRows.All().Concat(TrainingRows.All()), args.ElementAtOrDefault(1)), Console.Out);
    case "inside":
        BenchmarkSwitcher.FromAssembly(typeof(SamplingBenchmarks).Assembly).Run(args.Skip(1).ToArray());
        return 0;
    default:
        Console.Error.WriteLine($"bench: unknown suite '{args[0]}'; expected peers or inside");
        return 2;
}

// all rows, or those whose names contain a word
static IEnumerable<Comparison> Select(IEnumerable<Comparison> rows, string? word) =>
    rows.Where(row => word is null || row.Name.Contains(word, StringComparison.OrdinalIgnoreCase));
