using BenchmarkDotNet.Running;
using StableRank.Benchmarks;

switch (args.FirstOrDefault() ?? "peers")
{
    case "peers":
        IEnumerable<Comparison> rows =
            
            [
                .. SamplingRows.All(), .. TrainingRows.All(), .. KernelRows.All(), .. EmpiricalKernelRows.All(), .. GradientRankRows.All(),
            ];
        return PeerComparison.Run(Select(rows, args.ElementAtOrDefault(1)), Console.Out);
    case "inside":
        BenchmarkSwitcher.FromAssembly(typeof(SamplingBenchmarks).Assembly).Run(args.Skip(1).ToArray());
        return 0;
    case "fashion" when args is [_, "losses", var file]:
        return FashionParity.WriteLosses(file, Console.Out);
    case "fashion" when args is [_] or [_, "double" or "single"]:
        try
        {
            return FashionParity.Run(args is not [_, "single"], args is not [_, "double"], Console.Out);
        }
        catch (InvalidOperationException e)
        {
            Console.Error.WriteLine($"bench: {e.Message}");
            return 1;
        }

    case "fashion":
        Console.Error.WriteLine($"bench: unknown '{string.Join(' ', args)}'; expected fashion [double | single | losses FILE]");
        return 2;
    default:
        Console.Error.WriteLine($"bench: unknown suite '{args[0]}'; expected peers, inside or fashion");
        return 2;
}

// all rows, or those whose names contain a word
static IEnumerable<Comparison> Select(IEnumerable<Comparison> rows, string? word) =>
    rows.Where(row => word is null || row.Name.Contains(word, StringComparison.OrdinalIgnoreCase));
