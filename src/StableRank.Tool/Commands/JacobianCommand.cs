using System.CommandLine;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>
/// <c>stablerank jacobian</c>: singular values of a network's input-output Jacobian, beside those of layers in general position.
/// </summary>
internal static class JacobianCommand
{
    private static readonly string[] s_headers =
    [
        "stable\nrank", "gen.\npos.", "part.\nrank", "gen.\npos.", "local\ndim.", "greatest\ns", "gen.\npos.", "edge", "least\ns", "edge",
        "var\nlog s", "distance",
    ];

    public static Command Create(CliConsole console)
    {
        var model = CommonOptions.DenseModel();
        var activation = CommonOptions.Activation();
        var inputs = new Option<string>("--inputs")
        {
            HelpName = "X.npy",
            Description = $"Inputs, one sample a row, as many columns as the network takes: {SampleFile.Kinds}.",
            Required = true,
        };
        var count = new Option<int?>("--input-count")
        {
            HelpName = "N",
            Description = "Use the first N inputs. [default: all]",
            CustomParser = result => ArgumentParsers.PositiveInteger(result),
        };
        var tolerance = new Option<double?>("--tolerance")
        {
            HelpName = "T",
            Description = "Singular values up to T times the greatest do not count for the local dimension. [default: max(inputs, outputs) "
                + "eps, rounding]",
        };
        var measured = new Option<bool>("--no-prediction")
        {
            Description = "Measure only; leave out the law of layers in general position.",
        };
        var dtype = new Option<string?>("--dtype", "--precision")
        {
            HelpName = "f32|f64",
            Description = "Precision of the network's arithmetic. [default: f64]",
            CustomParser = ArgumentParsers.OneOf("f32", "f64"),
        };
        var json = CommonOptions.Json();
        var command = new ToolCommand(
            "jacobian",
            "Singular values of a network's input-output Jacobian at given inputs.",
            "J is the derivative of all outputs by all inputs, at each input. Local dimension: how many of its singular values s are more "
                + "than rounding. Beside the measured ranks and extremes ('gen. pos.', 'edge') what they would be if the layers, with "
                + "their own singular values and the slopes of their neurons at this very input, stood in general position to each "
                + "other: free multiplicative convolution, theory (4.8). 'distance' is Kolmogorov's between the squared singular values "
                + "and that law: beyond about 1/sqrt(dimension) it tells that the layers are aligned, as training makes them.",
            [
                "stablerank jacobian --model net.npz --activation relu --inputs X.npy",
                "stablerank jacobian --model net.safetensors --activation tanh --inputs X.npy --input-count 10 --tolerance 1e-3 --json",
            ])
        {
            model, activation, inputs, count, tolerance, measured, dtype, json,
        };
        command.SetWork(console, (arguments, cancellation) => Run(
            console,
            arguments.GetRequiredValue(model),
            arguments.GetRequiredValue(activation),
            arguments.GetRequiredValue(inputs),
            arguments.GetValue(count),
            arguments.GetValue(tolerance),
            !arguments.GetValue(measured),
            arguments.GetValue(dtype) == "f32",
            arguments.GetValue(json),
            cancellation));
        return command;
    }

    private static int Run(
        CliConsole console, string model, string activation, string inputs, int? count, double? tolerance, bool predict, bool single,
        bool json, CancellationToken cancellation)
    {
        if (tolerance is { } given && !(given is >= 0 and < 1))
        {
            throw new UsageException($"--tolerance is {NumberFormat.Exact(given)}; expected a number of at least 0 and below 1");
        }

        Resolve.RequireTensorFile(model);
        SampleFile.Require(inputs);
        Resolve.Activations(activation);
        var report = single
            ? JacobianRun.Execute<float>(model, activation, inputs, count, tolerance, predict, cancellation)
            : JacobianRun.Execute<double>(model, activation, inputs, count, tolerance, predict, cancellation);
        if (json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.JacobianReport);
        }
        else
        {
            Write(console, report);
        }

        return ExitCode.Done;
    }

    private static void Write(CliConsole console, JacobianReport report)
    {
        console.Output.WriteLine($"{report.Model}: {string.Join("-", report.Widths)}, {report.Activation}, {report.Dtype}, tolerance "
            + $"{NumberFormat.Significant(report.RelativeTolerance, 3)}: {report.Inputs.Count} inputs");
        var readout = new Readout("input", s_headers);
        foreach (var at in report.Inputs)
        {
            readout.Add(
                $"{at.Input}",
                NumberFormat.Significant(at.StableRank, 4),
                NumberFormat.Significant(at.PredictedStableRank, 4),
                NumberFormat.Significant(at.ParticipationRank, 4),
                NumberFormat.Significant(at.PredictedParticipationRank, 4),
                $"{at.LocalDimension}",
                NumberFormat.Significant(at.Greatest, 4),
                NumberFormat.Significant(at.PredictedGreatest, 4),
                NumberFormat.Significant(at.PredictedUpperEdge, 4),
                NumberFormat.Significant(at.Least, 3),
                NumberFormat.Significant(at.PredictedLowerEdge, 3),
                NumberFormat.Significant(at.LogVariance, 3),
                NumberFormat.Significant(at.KolmogorovDistance, 3));
        }

        readout.Write(console);
    }
}
