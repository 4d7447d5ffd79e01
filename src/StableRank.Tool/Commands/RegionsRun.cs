using System.Diagnostics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>Runs <c>regions</c>.</summary>
internal static class RegionsRun
{
    /// <summary>Checks what the user gave, computes the regions and draws them.</summary>
    /// <exception cref="UsageException">A value is inadmissible, or options contradict each other.</exception>
    /// <exception cref="FailureException">A file cannot be used.</exception>
    public static RegionsReport Execute(CliConsole console, RegionsRequest request, CancellationToken cancellation)
    {
        var files = Files(request);
        var activations = Resolve.Activations(request.Activation);
        if (Array.Find(activations, phi => !phi.IsPiecewiseLinear(out _)) is { } smooth)
        {
            throw new UsageException(
                $"--activation is '{smooth.Name}', which has no linear regions; expected relu, leaky-relu:A, abs or linear");
        }

        Resolve.RequireTensorFile(request.Model);
        Array.ForEach(files, SampleFile.Require);
        Resolve.RequireFolderOf(request.Out);
        var network = NetworkWeights.LoadDense<double>(request.Model, activations);
        var points = files.Select(file => SampleFile.ReadPoint(file, network.InputSize, $"the inputs of {request.Model}")).ToArray();
        var options = new PartitionOptions { MaximumRegions = request.MaximumRegions };
        return request.Plane is null
            ? Segment(console, request, network, points, options, cancellation)
            : Plane(console, request, network, points, options, cancellation);
    }

    private static RegionsReport Segment(
        CliConsole console, RegionsRequest request, Network<double> network, Vector<double>[] points, PartitionOptions options,
        CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var partition = console.WithProgress(
            "regions", report => SegmentPartition.Of(network, points[0], points[1], options, Progress(report), cancellation));
        return new RegionsReport(
            request.Model, Widths(network), request.Activation, "segment", partition.Count, partition.FunctionPieces,
            partition.CountByLayer, partition.Slivers, null, (points[1] - points[0]).L2Norm(), partition.Narrowest, partition.Breakpoints,
            null, null, null, BackendNames.Current, clock.Elapsed.TotalSeconds, null, Notes(partition.Slivers, 0));
    }

    private static RegionsReport Plane(
        CliConsole console, RegionsRequest request, Network<double> network, Vector<double>[] points, PartitionOptions options,
        CancellationToken cancellation)
    {
        var domain = request.Domain ?? "rectangle";
        var slice = domain == "triangle"
            ? PlaneSlice.Triangle(points[0], points[1], points[2])
            : PlaneSlice.Rectangle(points[0], points[1], points[2]);
        var clock = Stopwatch.StartNew();
        var partition = console.WithProgress(
            "regions", report => PlanePartition.Of(network, slice, options, Progress(report), cancellation));
        var seconds = clock.Elapsed.TotalSeconds;
        if (request.Out is { } path)
        {
            MatrixFile.Save(path, () => RegionsSvg.Write(path, partition));
        }

        return new RegionsReport(
            request.Model, Widths(network), request.Activation, domain, partition.Count, partition.FunctionPieces, partition.CountByLayer,
            partition.Slivers, partition.Unresolved, null, null, null, slice.Area, partition.Areas.Min(), partition.Areas.Max(),
            BackendNames.Current, seconds, request.Out, Notes(partition.Slivers, partition.Unresolved));
    }

    private static string[] Files(RegionsRequest request)
    {
        if (request.Plane is { } plane)
        {
            if (request.From is not null || request.To is not null)
            {
                throw new UsageException("--plane excludes --from and --to; expected three points or the two ends of a segment");
            }

            var names = plane.Split(',');
            return names.Length == 3
                ? names
                : throw new UsageException($"--plane has {names.Length} files; expected three, with commas between: A.npy,B.npy,C.npy");
        }

        (string Name, bool Given)[] foreign = [("--domain", request.Domain is not null), ("--out", request.Out is not null)];
        if (Array.Find(foreign, option => option.Given).Name is { } stray)
        {
            throw new UsageException($"{stray} belongs to --plane: a segment has neither a domain to choose nor a picture");
        }

        return request is { From: { } from, To: { } to }
            ? [from, to]
            : throw new UsageException("missing --from and --to, the ends of a segment, or --plane with three points");
    }

    private static IProgress<PartitionProgress> Progress(Action<double> report) => new LayerProgress(report);

    private static int[] Widths(Network<double> network) => [network.InputSize, .. network.Layers.Select(layer => layer.OutputSize)];

    private static string[] Notes(int slivers, int unresolved)
    {
        var notes = new List<string>();
        if (slivers > 0)
        {
            notes.Add($"{slivers} of the regions are thinner than the arithmetic resolves: they may be there or not");
        }

        if (unresolved > 0)
        {
            notes.Add($"{unresolved} slivers were left uncut");
        }

        return [.. notes];
    }

    private sealed class LayerProgress(Action<double> report) : IProgress<PartitionProgress>
    {
        public void Report(PartitionProgress value) => report((double)value.Layer / value.Layers);
    }
}
