using BenchmarkDotNet.Running;
using StableRank.Benchmarks;

switch (args.FirstOrDefault() ?? "peers")
{
    case "peers":
        return PeerComparison.Run(SamplingRows.All(), Console.Out);
    case "inside":
        BenchmarkSwitcher.FromAssembly(typeof(SamplingBenchmarks).Assembly).Run(args.Skip(1).ToArray());
        return 0;
    default:
        Console.Error.WriteLine($"bench: unknown suite '{args[0]}'; expected peers or inside");
        return 2;
}
