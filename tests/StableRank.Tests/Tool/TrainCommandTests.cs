using System.Text.Json;
using System.Text.RegularExpressions;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Spectra;
using StableRank.Tests.Support;
using StableRank.Tool;

namespace StableRank.Tests.Tool;

public sealed partial class TrainCommandTests
{
    private const string Digits = "train --data digits --widths 64,24,10 --stable-rank 5";

    // Chance is 0.1; over the seeds 0 to 19 the least accuracy is 0.930 and the largest loss 0.213 (f64, all three optimisers).
    [Theory]
    [InlineData("f64", "adam --lr 0.005")]
    [InlineData("f32", "adam --lr 0.005")]
    [InlineData("f64", "sgd --lr 0.1")]
    [InlineData("f64", "adamw --lr 0.005 --schedule warm-up:20+cosine")]
    public void Train_Digits_LearnsThem(string dtype, string optimizer)
    {
        var json = ToolRun.Done($"{Digits} --dtype {dtype} --optimizer {optimizer} --epochs 15 --batch 32 --seed 4 --json").Json;

        json.GetProperty("validationAccuracy").GetDouble().Should().BeGreaterThan(0.9);
        json.GetProperty("trainLoss").GetDouble().Should().BeLessThan(0.3);
        json.GetProperty("diverged").ValueKind.Should().Be(JsonValueKind.Null);
        json.GetProperty("epochs").GetInt32().Should().Be(15);
        json.GetProperty("trainSamples").GetInt32().Should().Be(1797 - 359, "a fifth of 1797 is for validation");
        json.GetProperty("validationSamples").GetInt32().Should().Be(359);
        json.GetProperty("steps").GetInt32().Should().Be(15 * 45, "1438 samples in batches of 32 are 45 steps");
    }

    [Fact]
    public void Train_Json_HasTheSummaryAndTheWeightsFileHasTheNetwork()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("W.npz");
        var run = ToolRun.Done($"{Digits} --epochs 2 --seed 7 --json --out", file);

        run.Error.Should().BeEmpty();
        run.Json.EnumerateObject().Select(p => p.Name).Should().Equal(
            "data", "trainSamples", "validationSamples", "activation", "family", "scale", "bias", "hold", "optimizer", "learningRate",
            "momentum", "schedule", "batch", "dtype", "seed", "backend", "epochs", "steps", "trainLoss", "trainAccuracy", "validationLoss",
            "validationAccuracy", "seconds", "diverged", "weights", "checkpoint", "layers", "history", "notes");
        run.Json.GetProperty("weights").GetString().Should().Be(file);
        run.Json.GetProperty("history").GetArrayLength().Should().Be(2);
        using var archive = Npz.Open(file);
        archive.Names.Should().Equal("0.weight", "2.weight");
        foreach (var layer in run.Json.GetProperty("layers").EnumerateArray())
        {
            layer.GetProperty("stableRankBefore").GetDouble().Should().BeApproximately(5, 5e-12);
            var stored = Spectrum.Of(archive.ReadMatrix<double>(layer.GetProperty("name").GetString()!));
            layer.GetProperty("stableRankAfter").GetDouble().Should().Be(stored.StableRank).And.NotBe(5);
        }
    }

    // The loss told is that of the stored weights on the samples held out: recomputed from files alone.
    [Theory]
    [InlineData("")]
    [InlineData(" --bias")]
    public void Train_Npz_TakesItsOwnValidationSamples(string bias)
    {
        using var folder = new TemporaryFolder();
        var data = folder.File("data.npz");
        double[] x = [1.0, 0, 0.5, -1, 0, 1];
        double[] y = [0, 1, 2];
        var inputs = Matrix<double>.Build.Dense(3, 2, x);
        var held = Matrix<double>.Build.Dense(2, 2, [2.0, -1, 0.25, 3]);
        Npz.Write(data, writer =>
        {
            writer.Add("X", inputs);
            writer.Add("y", new NumericArray<double>([3], y));
            writer.Add("X_val", held);
            writer.Add("y_val", new NumericArray<double>([2], [2, 0]));
        });
        var file = folder.File("W.npz");

        var line = $"train --data npz:{data} --widths 2,5,3 --stable-rank 2 --epochs 3 --optimizer gd --lr 0.5 --json --out {file}{bias}";
        var json = ToolRun.Done(line).Json;

        json.GetProperty("trainSamples").GetInt32().Should().Be(3);
        json.GetProperty("steps").GetInt32().Should().Be(3, "gradient descent takes all samples at once");
        using var archive = Npz.Open(file);
        archive.Names.Should().Equal(bias == "" ? ["0.weight", "2.weight"] : ["0.weight", "0.bias", "2.weight", "2.bias"]);
        var hidden = Affine("0", held.Transpose()).PointwiseMaximum(0);
        var outputs = Affine("2", hidden);
        var loss = new[] { 2, 0 }.Select((label, i) => Math.Log(outputs.Column(i).Sum(Math.Exp)) - outputs[label, i]).Average();
        json.GetProperty("validationLoss").GetDouble().Should().BeApproximately(loss, 1e-13 * Math.Max(1, loss));
        json.GetProperty("bias").GetBoolean().Should().Be(bias != "");

        Matrix<double> Affine(string layer, Matrix<double> x)
        {
            var product = archive.ReadMatrix<double>($"{layer}.weight") * x;
            if (bias == "")
            {
                return product;
            }

            var b = archive.Read<double>($"{layer}.bias").AsSpan().ToArray();
            b.Should().HaveCount(product.RowCount).And.Contain(value => value != 0, "biases are trained");
            return product.MapIndexed((i, _, value) => value + b[i]);
        }
    }

    [Theory]
    [InlineData("f64", "adam")]
    [InlineData("f32", "sgd --schedule step:2:0.5")]
    public void Train_Resumed_EndsWithTheSameBytes(string dtype, string optimizer)
    {
        using var folder = new TemporaryFolder();
        var line = $"{Digits} --dtype {dtype} --optimizer {optimizer} --seed 3 --json --checkpoint {folder.File("run")}";
        ToolRun.Done($"{line} --epochs 2 --out {folder.File("half.npz")}");
        var resumed = ToolRun.Done($"{line} --epochs 5 --resume --out {folder.File("resumed.npz")}").Json;
        var whole = ToolRun.Done($"{line}-whole --epochs 5 --out {folder.File("whole.npz")}").Json;

        var bytes = File.ReadAllBytes(folder.File("whole.npz"));
        File.ReadAllBytes(folder.File("resumed.npz")).Should().Equal(bytes);
        File.ReadAllBytes(folder.File("half.npz")).Should().NotEqual(bytes);
        resumed.GetProperty("history").GetRawText().Should().Be(whole.GetProperty("history").GetRawText());
        resumed.GetProperty("layers").GetRawText().Should().Be(whole.GetProperty("layers").GetRawText());
    }

    // SIGINT as Ctrl-C sends it; the run is then continued to the end of an epoch not far off and compared with one never stopped.
    [Fact]
    public void Train_Interrupted_ExitsWith130AndResumesToTheSameBytes()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var folder = new TemporaryFolder();
        string[] line = [.. Digits.Split(' '), "--json", "--checkpoint"];
        var run = Shell.Run("timeout", [
            "--preserve-status", "--signal=INT", "3", Environment.ProcessPath!, typeof(StableRankCli).Assembly.Location,
            .. line, folder.File("run"), "--epochs", "10000000",
        ]);

        run.ExitCode.Should().Be(130, run.Error);
        run.Output.Should().BeEmpty();
        run.Error.Should().Contain("--resume").And.Contain("cancelled");
        var steps = int.Parse(StoppedAfter().Match(run.Error).Groups[1].ValueSpan);
        var epochs = $"{(steps / 12) + 1}"; // 1438 samples in batches of 128
        ToolRun.Of([.. line, folder.File("run"), "--resume", "--epochs", epochs, "--out", folder.File("a.npz")]).ExitCode.Should().Be(0);
        ToolRun.Of([.. line, folder.File("other"), "--epochs", epochs, "--out", folder.File("b.npz")]).ExitCode.Should().Be(0);
        File.ReadAllBytes(folder.File("a.npz")).Should().Equal(File.ReadAllBytes(folder.File("b.npz")));
    }

    [Fact]
    public void Train_Diverged_ExitsWithOneNamesStepAndLayerAndWritesNoWeights()
    {
        using var folder = new TemporaryFolder();
        var run = ToolRun.Of([.. $"{Digits} --optimizer sgd --lr 1e160 --json --out".Split(' '), folder.File("W.npz")]);

        run.ExitCode.Should().Be(1);
        run.Error.Should().MatchRegex("^stablerank train: diverged: At step [0-9]+ .* layer [12];");
        var diverged = run.Json.GetProperty("diverged");
        run.Error.Should().Contain($"At step {diverged.GetProperty("step").GetInt64()} ")
            .And.Contain($"layer {diverged.GetProperty("layer").GetInt32()};");
        run.Json.GetProperty("weights").ValueKind.Should().Be(JsonValueKind.Null);
        File.Exists(folder.File("W.npz")).Should().BeFalse();
    }

    [Theory]
    [InlineData("--data digit", "'digit'", "fashion-mnist[:DIR]")]
    [InlineData("--data npz", "'npz'", "npz:FILE")]
    [InlineData("--data digits:x", "'digits:x'", "npz:FILE")]
    [InlineData("--widths 63,10", "begins with 63", "64")]
    [InlineData("--widths 64,16,9", "ends with 9", "10")]
    [InlineData("--stable-rank 11", "layer 2 is 11", "1 to 10")]
    [InlineData("--stable-rank 2,2,2", "3 numbers", "2: one a layer")]
    [InlineData("--optimizer rmsprop", "'rmsprop'", "adamw")]
    [InlineData("--lr 0", "--lr is 0", "above 0")]
    [InlineData("--lr NaN", "--lr is NaN", "above 0")]
    [InlineData("--momentum 1 --optimizer sgd", "--momentum is 1", "below 1")]
    [InlineData("--momentum 0.5 --optimizer adam", "--momentum", "adam has none")]
    [InlineData("--schedule linear", "'linear'", "step:E[:F]")]
    [InlineData("--schedule step:0", "'step:0'", "step:E[:F]")]
    [InlineData("--schedule warm-up:120+cosine", "120 steps", "the run has 120")]
    [InlineData("--batch 0", "'0'", "from 1")]
    [InlineData("--epochs 0", "'0'", "from 1")]
    [InlineData("--dtype f16", "'f16'", "f32")]
    [InlineData("--resume", "--resume", "--checkpoint DIR")]
    [InlineData("--out W.npy", "'W.npy'", ".npz")]
    public void Train_WrongValue_ExitsWithTwoAndSaysWhatWasExpected(string change, string given, string expected)
    {
        var words = change.Split(' ');
        var rest = Digits.Split(' ').Skip(1).Chunk(2).Where(pair => pair[0] != words[0]).SelectMany(pair => pair);
        var run = ToolRun.Of(["train", .. rest, .. words]);

        run.ExitCode.Should().Be(2, run.Error);
        run.Output.Should().BeEmpty();
        run.Error.Should().Contain(given).And.Contain(expected);
    }

    [Fact]
    public void Train_Checkpoint_IsNeitherOverwrittenNorContinuedOtherwise()
    {
        using var folder = new TemporaryFolder();
        var line = $"{Digits} --epochs 1 --checkpoint {folder.File("run")}";
        Failed($"{line} --resume").Should().Contain("has no checkpoint");
        ToolRun.Done(line);
        Failed(line).Should().Contain("has a checkpoint already").And.Contain("--resume");
        Failed($"{line} --resume --lr 0.5").Should().Contain("schedule was").And.Contain("0.5");
    }

    [Fact]
    public void Train_BadFile_ExitsWithOneAndNamesThePlace()
    {
        using var folder = new TemporaryFolder();
        const string Line = "train --widths 2,3 --stable-rank 1 --data";
        Failed($"{Line} npz:{folder.File("none.npz")}").Should().Contain("no file");
        Failed($"{Line} npz:{Write("y1", [0, 1], 1)}").Should().Contain("no array y");
        Failed($"{Line} npz:{Write("y", [0, 1.5], 1)}").Should().Contain("y has 1.5 in place 1");
        Failed($"{Line} npz:{Write("y", [0], 1)}").Should().Contain("2 samples in X and 1 labels");
        Failed($"{Line} npz:{Write("y", [0, 1], double.NaN)}").Should().Contain("X has NaN in sample 1, feature 1");
        Failed($"train --data fashion-mnist:{folder.Path} --widths 784,10 --stable-rank 2").Should().Contain(folder.Path);

        string Write(string labels, double[] values, double last)
        {
            var path = folder.File("data.npz");
            Npz.Write(path, writer =>
            {
                writer.Add("X", Matrix<double>.Build.Dense(2, 2, [1, 2, 3, last]));
                writer.Add(labels, new NumericArray<double>([values.Length], values));
            });
            return path;
        }
    }

    [Fact]
    public void Train_ForPeople_ShowsEpochsAndLayers()
    {
        var output = ToolRun.Done($"{Digits} --epochs 40 --batch 500").Output;

        output.Should().Contain("digits, relu, family flat").And.Contain("stable rank").And.Contain("0.weight").And.Contain("24 x 64")
            .And.Contain("120 steps in");
        EpochLine().Matches(output).Select(m => int.Parse(m.Groups[1].ValueSpan)).Should().HaveCount(12).And.StartWith(1).And.EndWith(40);
    }

    private static string Failed(string line)
    {
        var run = ToolRun.Of(line.Split(' '));
        run.ExitCode.Should().Be(1, run.Error);
        run.Output.Should().BeEmpty();
        return run.Error;
    }

    [GeneratedRegex("stopped after ([0-9]+) steps")]
    private static partial Regex StoppedAfter();

    [GeneratedRegex(@"^([0-9]+) +[0-9]+ ", RegexOptions.Multiline)]
    private static partial Regex EpochLine();
}
