using System.CommandLine;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary><c>stablerank train</c>: trains a dense classifier whose initial weights have prescribed stable ranks.</summary>
internal static class TrainCommand
{
    private const int DefaultEpochs = 10;

    public static Command Create(CliConsole console)
    {
        var data = new Option<string>("--data")
        {
            HelpName = "DATA",
            Description = "digits (shipped, 64 features), fashion-mnist[:DIR] (784; see stablerank setup) or npz:FILE with X (samples x "
                + "features) and y (labels from 0), also X_val and y_val; else a fifth of the samples, by the seed, is for validation.",
            Required = true,
        };
        var widths = new Option<int[]>("--widths")
        {
            HelpName = "N0,N1,...",
            Description = "The features of a sample and then one width a layer, the last one for the classes, as in 64,128x2,10.",
            CustomParser = ArgumentParsers.Widths,
            Required = true,
        };
        var activation = new Option<string>("--activation")
        {
            HelpName = "PHI",
            Description = "Activation of every layer but the last, which is linear: linear, relu, leaky-relu:A, abs, tanh, erf, gelu, "
                + "silu, softplus, sin, cos, exp, rbf:G, monomial:D or hermite:D.",
            DefaultValueFactory = _ => "relu",
        };
        var stableRank = new Option<double[]?>("--stable-rank")
        {
            HelpName = "R|R1,R2,...",
            Description = "The stable rank of every layer's initial weights, or one a layer; from 1 to the smaller side "
                + "of the matrix, a larger one being refused: give the layers theirs, as in 64,64,10. "
                + "Without it the initial weights are independent Gaussians, for relu He's.",
            CustomParser = ArgumentParsers.Numbers,
        };
        var family = CommonOptions.Family();
        var scale = CommonOptions.Scale(
            "relu, leaky-relu:A or linear for these activations, relu for gelu, silu and softplus, linear for others");
        var hold = new Option<string?>("--hold-stable-rank")
        {
            HelpName = "RULE",
            Description = "Hold stable ranks while training: exact (after every step the nearest weights of stable rank r), at-most "
                + "(those above r brought down to r, by Stable Rank Normalization) or penalty:L (the loss gains L (stable rank - r)^2 for "
                + "every layer). r is what --stable-rank gives the layer; exact without --stable-rank: what the layer starts with.",
        };
        var bias = new Option<bool>("--bias")
        {
            Description = "Give every layer biases, which start at zero. Without it there are none.",
        };
        var optimizer = new Option<string>("--optimizer")
        {
            HelpName = "NAME",
            Description = "gd (gradient descent), sgd (with momentum), adam or adamw (weight decay 0.01), as PyTorch defines them.",
            CustomParser = ArgumentParsers.OneOf("gd", "sgd", "adam", "adamw"),
            DefaultValueFactory = _ => "adam",
        };
        var rate = new Option<double?>("--lr")
        {
            HelpName = "RATE",
            Description = "Learning rate, above 0. [default: 0.001 for adam and adamw, 0.01 for gd and sgd]",
            CustomParser = result => ArgumentParsers.Number(result),
        };
        var momentum = new Option<double?>("--momentum")
        {
            HelpName = "M",
            Description = "Momentum of sgd, from 0 and below 1. [default: 0.9]",
            CustomParser = result => ArgumentParsers.Number(result),
        };
        var schedule = new Option<string>("--schedule")
        {
            HelpName = "FORM",
            Description = "Learning rate over the run: constant, cosine (to 0 at the end) or step:E[:F] (times F, or 0.1, every E epochs); "
                + "warm-up:N+FORM rises from 0 over N steps first.",
            DefaultValueFactory = _ => "constant",
        };
        var batch = new Option<int?>("--batch")
        {
            HelpName = "B",
            Description = "Samples of a step. [default: 128, for gd all]",
            CustomParser = result => ArgumentParsers.PositiveInteger(result),
        };
        var epochs = new Option<int>("--epochs")
        {
            HelpName = "E",
            Description = "Passes over the training samples, those before --resume included.",
            CustomParser = ArgumentParsers.PositiveInteger,
            DefaultValueFactory = _ => DefaultEpochs,
        };
        var seed = CommonOptions.Seed();
        var dtype = new Option<string>("--dtype")
        {
            HelpName = "TYPE",
            Description = "Precision of weights and arithmetic: f64 or f32.",
            CustomParser = ArgumentParsers.OneOf("f64", "f32"),
            DefaultValueFactory = _ => "f64",
        };
        var checkpoint = new Option<string?>("--checkpoint")
        {
            HelpName = "DIR",
            Description = "Folder for a checkpoint after each epoch and on Ctrl-C; made if need be.",
        };
        var resume = new Option<bool>("--resume")
        {
            Description = "Continue the run in --checkpoint, to the same numbers as if it had not stopped; only --epochs may have changed.",
        };
        var file = new Option<string?>("--out")
        {
            HelpName = "W.npz",
            Description = "File for the trained weights under PyTorch's state-dict names; .npz or .safetensors.",
            CustomParser = ArgumentParsers.WeightsFile,
        };
        var json = CommonOptions.Json();
        var command = new ToolCommand(
            "train",
            "Train a classifier whose initial weights have prescribed stable ranks.",
            "The network is dense, without biases unless --bias; the loss is softmax cross-entropy; pixels are scaled to [0, 1], the "
                + "numbers of an .npz file are not. Training loss and accuracy are of the epoch as it went, each sample before its step; "
                + "validation is measured after the epoch, for fashion-mnist on its test part.\n"
                + "A number that is not finite ends the run with exit code 1 and the step and layer where it was seen.",
            [
                "stablerank train --data digits --widths 64,128,128,10 --stable-rank 8 --epochs 20 --out W.npz",
                "stablerank train --data digits --widths 64,64x4,10 --activation tanh --stable-rank 16,16,16,16,5 --optimizer sgd "
                    + "--lr 0.05",
                "stablerank train --data digits --widths 64,128,10 --stable-rank 16,4 --family power-law --hold-stable-rank exact",
                "stablerank train --data fashion-mnist --widths 784,512,512,10 --stable-rank 64,64,10 --dtype f32 --checkpoint run1",
            ])
        {
            data, widths, activation, stableRank, family, scale, hold, bias, optimizer, rate, momentum, schedule, batch, epochs, seed,
            dtype, checkpoint, resume, file, json,
        };
        command.SetWork(console, (arguments, cancellation) => Run(
            console,
            new TrainRequest
            {
                Data = arguments.GetRequiredValue(data),
                Widths = arguments.GetRequiredValue(widths),
                Activation = arguments.GetRequiredValue(activation),
                StableRanks = arguments.GetResult(stableRank) is null ? null : arguments.GetValue(stableRank),
                Family = arguments.GetResult(family) is { Implicit: false } ? arguments.GetRequiredValue(family) : null,
                Scale = arguments.GetValue(scale),
                Hold = arguments.GetValue(hold),
                Bias = arguments.GetValue(bias),
                Optimizer = arguments.GetRequiredValue(optimizer),
                LearningRate = arguments.GetValue(rate),
                Momentum = arguments.GetValue(momentum),
                Schedule = arguments.GetRequiredValue(schedule),
                Batch = arguments.GetValue(batch),
                Epochs = arguments.GetValue(epochs),
                Seed = arguments.GetValue(seed),
                Dtype = arguments.GetRequiredValue(dtype),
                Checkpoint = arguments.GetValue(checkpoint),
                Resume = arguments.GetValue(resume),
                Out = arguments.GetValue(file),
            },
            arguments.GetValue(json),
            cancellation));
        return command;
    }

    private static int Run(CliConsole console, TrainRequest request, bool json, CancellationToken cancellation)
    {
        var run = TrainRun.Prepare(request);
        TrainReport report;
        try
        {
            report = console.WithProgressText($"{request.Epochs} epochs", progress => run.Execute(progress, cancellation));
        }
        catch (TrainingCancelledException e)
        {
            console.WriteNote(e.Message);
            throw;
        }

        if (json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.TrainReport);
        }
        else
        {
            TrainTable.Write(console, report);
        }

        return report.Diverged is { } diverged ? throw new FailureException($"diverged: {diverged.Message}") : ExitCode.Done;
    }
}
