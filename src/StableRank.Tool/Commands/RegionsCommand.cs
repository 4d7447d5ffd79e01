using System.CommandLine;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary><c>stablerank regions</c>: the linear regions of a network in a file, along a segment or on a slice.</summary>
internal static class RegionsCommand
{
    public static Command Create(CliConsole console)
    {
        var model = CommonOptions.DenseModel();
        var activation = new Option<string>("--activation")
        {
            HelpName = "PHI|PHI1,...",
            Description = "Activation of every layer but the last, which is linear: relu, leaky-relu:A (slope A), abs or linear; or one a "
                + "layer, with commas between.",
            Required = true,
        };
        var from = Text(
            "--from",
            "A.npy",
            $"Where the segment begins, an array of as many numbers as the network takes: {SampleFile.Kinds}.");
        var to = Text("--to", "B.npy", "Where the segment ends.");
        var plane = Text(
            "--plane",
            "A.npy,B.npy,C.npy",
            "Three points, instead of --from and --to: the regions of the polygon of --domain in the plane through them.");
        var domain = new Option<string>("--domain")
        {
            HelpName = "triangle|rectangle",
            Description = "With --plane: the triangle of the three points, or the least rectangle along A B around it with a margin of a "
                + "quarter of its longer side.",
            CustomParser = result => ArgumentParsers.OneOf("triangle", "rectangle")(result)!,
            DefaultValueFactory = _ => "rectangle",
        };
        var maximum = new Option<int>("--max-regions")
        {
            HelpName = "N",
            Description = "Give up beyond this many regions.",
            CustomParser = ArgumentParsers.PositiveInteger,
            DefaultValueFactory = _ => 1_000_000,
        };
        var picture = new Option<string?>("--out")
        {
            HelpName = "regions.svg",
            Description = "With --plane: a picture of the regions, each in a colour of its own, and of the three points.",
            CustomParser = ArgumentParsers.Picture,
        };
        var json = CommonOptions.Json();
        var command = new ToolCommand(
            "regions",
            "Linear regions of a network in a file, exactly: along a segment, or on a plane through three points.",
            "A region is a largest set on which no neuron changes its sign. Pieces of the function may be fewer: where neurons change "
                + "their sign and no output notices, regions join. The computation is in double precision.",
            [
                "stablerank regions --model net.npz --activation relu --from A.npy --to B.npy",
                "stablerank regions --model net.npz --activation relu --plane A.npy,B.npy,C.npy --out regions.svg",
                "stablerank regions --model net.safetensors --activation leaky-relu:0.1 --plane A.npy,B.npy,C.npy --domain triangle --json",
            ]);
        Option[] options = [model, activation, from, to, plane, domain, maximum, picture, json];
        Array.ForEach(options, command.Options.Add);
        command.SetWork(console, (arguments, cancellation) => Run(
            console,
            new RegionsRequest(
                arguments.GetRequiredValue(model),
                arguments.GetRequiredValue(activation),
                arguments.GetValue(from),
                arguments.GetValue(to),
                arguments.GetValue(plane),
                arguments.GetResult(domain) is { Implicit: false } ? arguments.GetRequiredValue(domain) : null,
                arguments.GetValue(maximum),
                arguments.GetValue(picture)),
            arguments.GetValue(json),
            cancellation));
        return command;
    }

    private static int Run(CliConsole console, RegionsRequest request, bool json, CancellationToken cancellation)
    {
        var report = RegionsRun.Execute(console, request, cancellation);
        if (json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.RegionsReport);
        }
        else
        {
            RegionsText.Write(console, report);
        }

        return ExitCode.Done;
    }

    private static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };
}
