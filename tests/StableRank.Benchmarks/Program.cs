using BenchmarkDotNet.Running;
using StableRank.Benchmarks;

switch (args.FirstOrDefault() ?? "peers")
{
    case "peers":
        return PeerCommand.Run([.. args.Skip(1)]);
    case RowProcess.Command when args is [_, var name, var folder]:
        return PeerCommand.Serve(name, folder);
    case "scaling":
        return ScalingCommand.Run([.. args.Skip(1)]);
    case "parts":
        return PartsReport.Run([.. args.Skip(1)]);
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
        if (args[0].StartsWith('-'))
        {
            return PeerCommand.Run(args);
        }

        Console.Error.WriteLine($"bench: unknown suite '{args[0]}'; expected peers, scaling, parts, inside or fashion");
        return 2;
}
