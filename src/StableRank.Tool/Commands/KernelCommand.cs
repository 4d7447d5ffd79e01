using System.CommandLine;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary><c>stablerank ntk</c> and <c>stablerank nngp</c>: kernels in the limit of wide layers, or of a network in a file.</summary>
internal static class KernelCommand
{
    public static Command CreateNtk(CliConsole console)
    {
        var parameterization = new Option<string?>("--parameterization")
        {
            HelpName = "ntk|standard",
            Description = "What the kernel differentiates by: standard, the weights and biases themselves; ntk, those divided by their "
                + "scale, so that layer l counts g_l/n_(l-1) and biases their variance; with --model these are measured: the mean squares "
                + "of the entries. [default: ntk for --limit, standard for --model]",
            CustomParser = ArgumentParsers.OneOf("ntk", "standard"),
        };
        var output = new Option<string?>("--output")
        {
            HelpName = "PART",
            Description = "With --model: blocks, (N O) x (M O) for O outputs, entry (i O + o, j O + o'); trace, N x M, the mean over the "
                + "outputs; or diagonal, O x N x M. [default: blocks]",
            CustomParser = ArgumentParsers.OneOf("blocks", "trace", "diagonal"),
        };
        var route = new Option<string?>("--route")
        {
            HelpName = "ROUTE",
            Description = "With --model: structured (Grams of activations times Grams of signals), contraction (Jacobians) or auto, the "
                + "one of fewer operations; they agree to rounding. [default: auto]",
            CustomParser = ArgumentParsers.OneOf("auto", "structured", "contraction"),
        };
        var cost = new Option<bool>("--cost")
        {
            Description = "With --model: tell the operations and the memory that each route takes, by a model; without --out nothing else.",
        };
        return Create(
            console,
            "ntk",
            "Neural tangent kernel of inputs: in the limit of wide layers, or of a network in a file.",
            "Theta(x, x') = sum over layers of eta <x_(l-1), x'_(l-1)> delta_l delta_l'^T, with eta by --parameterization. With --limit it "
                + "is that of one output, different outputs being independent.",
            [
                "stablerank ntk --limit --widths 784,512,512,10 --stable-rank 64,64,8 --activation relu --inputs X.npy --out K.npy",
                "stablerank ntk --limit --widths 3,512,1 --sigma-w2 2 --sigma-b2 0.01 --activation erf --inputs X.npy --out K.npy",
                "stablerank ntk --limit --widths 784,1024x3,10 --gain 2 --activation relu --inputs X.npy --block-size 2048 --out K.npy",
                "stablerank ntk --model net.npz --activation relu --inputs X.npy --output trace --out K.npy",
                "stablerank ntk --model net.safetensors --activation tanh --inputs X.npy --cost",
            ],
            new Tangent(parameterization, output, route, cost));
    }

    public static Command CreateNngp(CliConsole console) => Create(
        console,
        "nngp",
        "Covariance of a network's outputs (NNGP kernel): in the limit of wide layers, or of a network in a file.",
        "With --limit it is the covariance of one output over networks; with --model the mean over the outputs of f(x) f(x').",
        [
            "stablerank nngp --limit --widths 784,512,512,10 --stable-rank 64,64,8 --activation relu --inputs X.npy --out K.npy",
            "stablerank nngp --model net.npz --activation relu --inputs X.npy --inputs2 Y.npy --out K.npy",
        ],
        null);

    private static ToolCommand Create(
        CliConsole console, string name, string summary, string details, IReadOnlyList<string> examples, Tangent? tangent)
    {
        var limit = new Option<bool>("--limit") { Description = "The limit kernel of the dense networks that --widths describes." };
        var model = new Option<string?>("--model")
        {
            HelpName = "NET",
            Description = $"The kernel of the dense network whose weights are in this file, {CommonOptions.WeightNames}",
        };
        var widths = new Option<int[]?>("--widths")
        {
            HelpName = "N0,N1,...",
            Description = "With --limit: the input's width and then one width a layer, as in 784,512x2,10. The limit depends on the hidden "
                + "ones only through the gains of --stable-rank and the standard parameterization; the spread told depends on them all.",
            CustomParser = ArgumentParsers.Widths,
        };
        var activation = CommonOptions.Activation();
        var stableRank = new Option<double[]?>("--stable-rank")
        {
            HelpName = "R|R1,R2,...",
            Description = "With --limit: the stable rank of every layer, or one a layer; from 1 to the smaller side of its matrix.",
            CustomParser = ArgumentParsers.Numbers,
        };
        var family = CommonOptions.Family();
        var scale = CommonOptions.Scale(
            "relu, leaky-relu:A or linear for these activations, relu for gelu, silu and softplus, linear for others; none for several");
        var gain = Number(
            "--gain",
            "G",
            "With --limit, instead of --stable-rank: weights of gain g = E||W||_F^2/rows = G in every layer; the spread is told for "
                + "independent Gaussian entries.");
        var weightVariance = Number(
            "--sigma-w2", "S", "With --limit, instead of --stable-rank: independent Gaussian weights of variance S/n, n the columns.");
        var biasVariance = Number("--sigma-b2", "B", "With --limit: the variance of the biases of every layer. [default: 0, no biases]");
        var inputs = Inputs(
            "--inputs", "X.npy", $"Inputs, one sample a row, as many columns as the network takes: {SampleFile.Kinds}.");
        inputs.Required = true;
        var others = Inputs("--inputs2", "Y.npy", "A second set, the columns of the kernel. [default: the first set against itself]");
        var blockSize = new Option<int?>("--block-size")
        {
            HelpName = "B",
            Description = "With --limit: hold B x B blocks of the kernel at a time and write them into the .npy file as they come, for "
                + "kernels larger than memory.",
            CustomParser = result => ArgumentParsers.PositiveInteger(result),
        };
        var dtype = new Option<string?>("--dtype", "--precision")
        {
            HelpName = "f32|f64",
            Description = "With --model: precision of the arithmetic and of the kernel. [default: f64]",
            CustomParser = ArgumentParsers.OneOf("f32", "f64"),
        };
        var file = new Option<string?>("--out")
        {
            HelpName = "K.npy",
            Description = "The file to write, rows for --inputs and columns for --inputs2: .npy, .safetensors, .csv or .csv.gz; replaced "
                + "whole or not at all.",
            CustomParser = ArgumentParsers.OutputFile,
        };
        var json = CommonOptions.Json();
        Option[] options =
        [
            limit, model, widths, stableRank, family, scale, gain, weightVariance, biasVariance, activation, inputs, others,
            .. tangent?.Options ?? [], blockSize, dtype, file, json,
        ];
        var command = new ToolCommand(name, summary, details, examples);
        Array.ForEach(options, command.Options.Add);
        command.SetWork(console, (arguments, cancellation) => Run(
            console,
            new KernelRequest
            {
                Tangent = tangent is not null,
                Limit = arguments.GetValue(limit),
                Model = arguments.GetValue(model),
                Widths = arguments.GetResult(widths) is null ? null : arguments.GetValue(widths),
                StableRanks = arguments.GetResult(stableRank) is null ? null : arguments.GetValue(stableRank),
                Family = arguments.GetResult(family) is { Implicit: false } ? arguments.GetRequiredValue(family) : null,
                Scale = arguments.GetValue(scale),
                Gain = arguments.GetValue(gain),
                WeightVariance = arguments.GetValue(weightVariance),
                BiasVariance = arguments.GetValue(biasVariance),
                Activation = arguments.GetRequiredValue(activation),
                Inputs = arguments.GetRequiredValue(inputs)!,
                OtherInputs = arguments.GetValue(others),
                Parameterization = tangent is null ? null : arguments.GetValue(tangent.Parameterization),
                Output = tangent is null ? null : arguments.GetValue(tangent.Output),
                Route = tangent is null ? null : arguments.GetValue(tangent.Route),
                Cost = tangent is not null && arguments.GetValue(tangent.Cost),
                Dtype = arguments.GetValue(dtype),
                BlockSize = arguments.GetValue(blockSize),
                Out = arguments.GetValue(file),
            },
            arguments.GetValue(json),
            cancellation));
        return command;
    }

    private static int Run(CliConsole console, KernelRequest request, bool json, CancellationToken cancellation)
    {
        var report = KernelRun.Execute(console, request, cancellation);
        if (json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.KernelReport);
        }
        else
        {
            KernelText.Write(console, report);
        }

        return ExitCode.Done;
    }

    private static Option<double?> Number(string name, string helpName, string description) => new(name)
    {
        HelpName = helpName,
        Description = description,
        CustomParser = result => ArgumentParsers.Number(result),
    };

    private static Option<string?> Inputs(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };

    /// <summary>The options that the tangent kernel alone has.</summary>
    private sealed record Tangent(
        Option<string?> Parameterization, Option<string?> Output, Option<string?> Route, Option<bool> Cost)
    {
        public Option[] Options => [Parameterization, Output, Route, Cost];
    }
}
