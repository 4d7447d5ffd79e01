using System.CommandLine;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary><c>stablerank gradient-rank</c>: what the ranks of a network's gradients are at most, why, and what they are.</summary>
internal static class GradientRankCommand
{
    private const string Details =
        "The bounds hold in exact arithmetic for any weights, inputs and targets that keep to what is given: theory (6.1) to (6.4), "
        + "docs/gradient-rank.md. 'because of' names what to change for more: a bottleneck, the batch, the data, the loss, the truncation, "
        + "the positions of a kernel.\n"
        + "FILE.json has one object: {\"input\": INPUT, \"layers\": [LAYER, ...]}, first layer first.\n"
        + "INPUT: a number of features, or {\"features\": n}, {\"steps\": T, \"features\": d}, {\"channels\": C, \"length\": W} or "
        + "{\"channels\": C, \"height\": H, \"width\": W}; a LAYER may have an \"input\" too, the same entries read as that shape.\n"
        + "LAYER: {\"type\": \"dense\", \"width\": n}, {\"type\": \"elman\", \"width\": n, \"truncation\": T} (recurrent; left out: "
        + "all steps), {\"type\": \"convolution\", \"channels\": C, \"kernel\": k, \"stride\": s, \"padding\": p, "
        + "\"dilation\": d} (each number for both axes, or [vertical, horizontal]; left out: 1, 0, 1) or "
        + "{\"type\": "
        + "\"pooled\", \"width\": n} (means over all positions, then dense); with \"activation\": \"relu\" (left "
        + "out: linear) and \"bias\": true (left out: false). The last layer's activation "
        + "is what the file says.\n"
        + "With --model a backward pass is run and the gradients measured beside the bounds: 'rank' counts singular values above "
        + "max(rows, cols) eps s1, LAPACK's rule, 'rank (eps)' those above eps s1. '!' marks a count above the bound: rounding noise above "
        + "the tolerance, or a rank that was given and does not hold, which is told below the table.";

    public static Command Create(CliConsole console)
    {
        var arch = new Option<string?>("--arch") { HelpName = "FILE.json", Description = "The architecture; see the details below." };
        var widths = new Option<int[]?>("--widths")
        {
            HelpName = "N0,N1,...",
            Description = "A network of dense layers (with --steps recurrent ones): the input's width and one width a layer.",
            CustomParser = ArgumentParsers.Widths,
        };
        var activation = new Option<string?>("--activation")
        {
            HelpName = "PHI|PHI1,...",
            Description = "With --widths, or --model without --arch: activation of every layer but the last, which is linear: "
                + $"{CommonOptions.ActivationNames} [default: relu for --widths]",
        };
        var bias = new Option<bool>("--bias") { Description = "With --widths: every layer has biases, which raise ranks by one." };
        var steps = Positive("--steps", "T", "With --widths: the layers are recurrent (Elman), over T time steps of N0 features.");
        var truncation = Positive(
            "--truncation", "T", "Back-propagation of every recurrent layer goes T steps back, whatever the file says. [default: all]");
        var batch = Positive(
            "--batch", "N", "Samples of a batch; with --model its first N samples. [default: 64; with --model all samples]");
        var dataRank = new Option<string?>("--data-rank")
        {
            HelpName = "R|measured",
            Description = "What the rank of the inputs is at most; measured: what --inputs has, by LAPACK's rule. [default: min(N0, N)]",
            CustomParser = ArgumentParsers.RankOrMeasured,
        };
        var stepDataRank = Positive(
            "--step-data-rank", "R", "Where the first layer is recurrent or a convolution: rank of one time step's (pixel's) inputs.");
        var weightRanks = new Option<string?>("--weight-rank")
        {
            HelpName = "NAME=R,...|measured",
            Description = "Ranks of weight matrices by the names of the table, as in 2.weight=4 (numbers count layers and the activations "
                + "between, except linear ones); measured: those of --model, by LAPACK's rule. [default: full]",
        };
        var loss = new Option<string?>("--loss")
        {
            HelpName = "mse|cross-entropy",
            Description = "mse (half the mean of squared distances) or cross-entropy (of the softmax, whose gradient has one rank less). "
                + "[default: any; --model needs one]",
            CustomParser = ArgumentParsers.OneOf("mse", "cross-entropy"),
        };
        var lossRank = Positive("--loss-rank", "R", "Rank of the loss's gradient at the outputs, where more is known.");
        var lossSteps = Positive(
            "--loss-steps", "K", "Where the last layer is recurrent: the loss reads its last K steps, and --targets has those.");
        var model = new Option<string?>("--model")
        {
            HelpName = "NET",
            Description = "Measure: the weights, under PyTorch's names, of the network of --arch or --widths, or of any dense network.",
        };
        var inputs = new Option<string?>("--inputs")
        {
            HelpName = "X.npy",
            Description = $"With --model: the batch, one sample a row: {SampleFile.Kinds}.",
        };
        var targets = new Option<string?>("--targets")
        {
            HelpName = "Y.npy",
            Description = "With --model: a row of targets for each sample, or one label each, from 0 (which stands for a one-hot row).",
        };
        var dtype = new Option<string?>("--dtype", "--precision")
        {
            HelpName = "f32|f64",
            Description = "With --model: precision of the two passes, whose eps the ranks take. [default: f64]",
            CustomParser = ArgumentParsers.OneOf("f32", "f64"),
        };
        var proof = new Option<bool>("--proof")
        {
            Description = "Print the inequalities behind each bound, and what arXiv 2402.06751 prints; --json always has them.",
        };
        var json = CommonOptions.Json();
        var command = new ToolCommand(
            "gradient-rank",
            "Bounds on the ranks of a network's gradients, with their causes; measured beside them.",
            Details,
            [
                "stablerank gradient-rank --widths 64,128,16,128,10 --activation linear --batch 128",
                "stablerank gradient-rank --widths 64,128,2,128 --steps 50 --truncation 10 --activation linear --batch 32 --proof",
                "stablerank gradient-rank --arch net.json --batch 64 --data-rank 16 --loss cross-entropy --json",
                "stablerank gradient-rank --model net.npz --activation relu --inputs X.npy --targets Y.npy --loss cross-entropy",
            ])
        {
            arch, widths, activation, bias, steps, truncation, batch, dataRank, stepDataRank, weightRanks, loss, lossRank, lossSteps, model,
            inputs, targets, dtype, proof, json,
        };
        command.SetWork(console, (arguments, cancellation) => Run(
            console,
            new GradientRankRequest
            {
                Arch = arguments.GetValue(arch),
                Widths = arguments.GetResult(widths) is null ? null : arguments.GetValue(widths),
                Activation = arguments.GetValue(activation),
                Bias = arguments.GetValue(bias),
                Steps = arguments.GetValue(steps),
                Truncation = arguments.GetValue(truncation),
                Batch = arguments.GetValue(batch),
                DataRank = arguments.GetValue(dataRank),
                StepDataRank = arguments.GetValue(stepDataRank),
                WeightRanks = arguments.GetValue(weightRanks),
                Loss = arguments.GetValue(loss),
                LossRank = arguments.GetValue(lossRank),
                LossSteps = arguments.GetValue(lossSteps),
                Model = arguments.GetValue(model),
                Inputs = arguments.GetValue(inputs),
                Targets = arguments.GetValue(targets),
                Dtype = arguments.GetValue(dtype),
            },
            arguments.GetValue(proof),
            arguments.GetValue(json),
            cancellation));
        return command;
    }

    private static int Run(CliConsole console, GradientRankRequest request, bool proof, bool json, CancellationToken cancellation)
    {
        var report = GradientRankRun.Execute(request, cancellation);
        if (json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.GradientRankReport);
        }
        else
        {
            GradientRankText.Write(console, report, proof);
        }

        return ExitCode.Done;
    }

    private static Option<int?> Positive(string name, string helpName, string description) => new(name)
    {
        HelpName = helpName,
        Description = description,
        CustomParser = result => ArgumentParsers.PositiveInteger(result),
    };
}
