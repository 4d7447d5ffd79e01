using System.CommandLine;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary><c>stablerank propagate</c>: norms in random networks of prescribed stable rank, measured beside exact predictions.</summary>
internal static class PropagateCommand
{
    private const int DefaultSamples = 100;

    /// <summary>Stands where a deviation would mean nothing.</summary>
    private const string Unreliable = "*";

    private static readonly string[] s_headers =
    [
        "m x n", "stable\nrank", "part.\nrank", "|x|^2\ntheory", "|x|^2\nmeasured", "std.\nerror", "dev.\ns.e.",
        "log\ntheory", "log\nmeasured", "dev.\ns.e.",
    ];

    public static Command Create(CliConsole console)
    {
        var widths = new Option<int[]>("--widths")
        {
            HelpName = "N0,N1,...",
            Description = "The input's width and then one width a layer, as in 64,256,256,10; 64,256x8 has eight layers of 256.",
            CustomParser = ArgumentParsers.Widths,
            Required = true,
        };
        var activation = new Option<string>("--activation")
        {
            HelpName = "PHI",
            Description = "Activation of every layer: linear, relu, leaky-relu:A (slope A), abs, tanh, erf, gelu, silu, "
                + "softplus, sin, cos, exp, rbf:G, monomial:D or hermite:D.",
            DefaultValueFactory = _ => "relu",
        };
        var stableRank = new Option<double[]>("--stable-rank")
        {
            HelpName = "R|R1,R2,...",
            Description = "The stable rank of every layer, or one a layer; from 1 to the smaller side of the layer's matrix.",
            CustomParser = ArgumentParsers.Numbers,
            Required = true,
        };
        var family = CommonOptions.Family();
        var scale = CommonOptions.Scale(
            "relu, leaky-relu:A or linear for these activations, relu for gelu, silu and softplus, linear for others");
        var samples = new Option<int>("--samples")
        {
            HelpName = "S",
            Description = "Random networks to draw, at least 2: more give smaller standard errors.",
            CustomParser = ArgumentParsers.Samples,
            DefaultValueFactory = _ => DefaultSamples,
        };
        var seed = CommonOptions.Seed();
        var inputs = new Option<string?>("--inputs")
        {
            HelpName = "X.npy",
            Description = $"Inputs, one sample a row, as many columns as the first width: {SampleFile.Kinds}. "
                + "[default: handwritten digits where the first width is 64, else Gaussian directions]",
        };
        var count = new Option<int?>("--input-count")
        {
            HelpName = "N",
            Description = $"How many inputs go through every network, the first N. [default: {InputSource.DefaultCount}, of a file all]",
            CustomParser = result => ArgumentParsers.PositiveInteger(result),
        };
        var json = CommonOptions.Json();
        var command = new ToolCommand(
            "propagate",
            "Send inputs through random networks; compare norms with their exact prediction.",
            "Layer l is x_l = phi(W_l x_(l-1)), without biases, W_l of the given stable rank. |x|^2 is the mean over networks and inputs "
                + "of ||x_l||^2 / ||x_0||^2; log, the drift of the log-norm, is the mean of log(||x_l||^2 / ||x_0||^2) over signals that "
                + "are not zero. Standard errors are over networks; dev. is measured less predicted, in standard errors, and hardly ever "
                + "beyond 4 in size.\n"
                + "Predictions are exact at any width and depth for linear, relu, leaky-relu and abs; for other activations there is none.",
            [
                "stablerank propagate --widths 64,256,256 --stable-rank 16",
                "stablerank propagate --widths 64,128x16 --activation leaky-relu:0.1 --stable-rank 8 --family power-law --samples 400",
                "stablerank propagate --widths 20,50,50,10 --stable-rank 4,8,2 --inputs X.npy --json",
            ])
        {
            widths, activation, stableRank, family, scale, samples, seed, inputs, count, json,
        };
        command.SetWork(console, (arguments, cancellation) => Run(
            console,
            new PropagateRequest(
                arguments.GetRequiredValue(widths),
                arguments.GetRequiredValue(activation),
                arguments.GetRequiredValue(stableRank),
                arguments.GetRequiredValue(family),
                arguments.GetValue(scale),
                arguments.GetValue(samples),
                arguments.GetValue(seed),
                arguments.GetValue(inputs),
                arguments.GetValue(count)),
            arguments.GetValue(json),
            cancellation));
        return command;
    }

    private static int Run(CliConsole console, PropagateRequest request, bool json, CancellationToken cancellation)
    {
        var run = PropagateRun.Prepare(request);
        var report = console.WithProgress($"{request.Samples} networks", progress => run.Execute(progress, cancellation));
        if (json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.PropagateReport);
        }
        else
        {
            Write(console, report);
        }

        return ExitCode.Done;
    }

    private static void Write(CliConsole console, PropagateReport report)
    {
        console.Output.WriteLine($"{report.Activation}, family {report.Family}, scale {report.Scale}, seed {report.Seed}: "
            + $"{report.Replicates} networks, {report.Inputs} inputs ({report.InputSource})");
        var readout = new Readout("layer", s_headers);
        foreach (var layer in report.Layers)
        {
            readout.Add(
                $"{layer.Layer}",
                $"{layer.Rows} x {layer.Columns}",
                NumberFormat.Significant(layer.StableRank, 4),
                NumberFormat.Significant(layer.ParticipationRank, 4),
                NumberFormat.Significant(layer.PredictedMeanSquare, 4),
                NumberFormat.Significant(layer.MeasuredMeanSquare, 4),
                NumberFormat.Significant(layer.StandardError, 2),
                layer.Reliable ? NumberFormat.Fixed(layer.Deviation, 2, signed: true) : Unreliable,
                NumberFormat.Fixed(layer.PredictedLogDrift, 3),
                NumberFormat.Fixed(layer.MeasuredLogDrift, 3),
                NumberFormat.Fixed(layer.LogDriftDeviation, 2, signed: true));
        }

        readout.Write(console);
        if (report.Layers.FirstOrDefault(l => !l.Reliable) is { } first)
        {
            var legend = $"{Unreliable} from layer {first.Layer} on rare large norms carry the mean of |x|^2, and "
                + $"{report.Replicates} networks are too few: compare log, or raise --samples";
            console.Output.WriteLine(string.Join(Environment.NewLine, TextWrap.Wrap(legend, console.Width)));
        }

        foreach (var note in report.Notes)
        {
            console.WriteNote(note);
        }
    }
}
