using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.GradientRank;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Tests.Support;
using StableRank.Tool;
using StableRank.Tool.CommandLine;

namespace StableRank.Tests.Tool;

/// <summary><c>gradient-rank</c>: bounds of architectures, and gradients measured beside them.</summary>
public sealed class GradientRankCommandTests
{
    private const int Samples = 12;

    [Fact]
    public void Bounds_OfWidths_AreTheLibrarysWithTheirProofs()
    {
        var json = ToolRun.Done("gradient-rank --widths 9,8,3,7,5 --activation linear --batch 20 --loss cross-entropy --bias --json").Json;
        var model = Model.Dense([9, 8, 3, 7, 5], Activation.Linear, (_, m, n) => Ensemble.LeCun(m, n), 1);
        var bounds = GradientRankBound.Of(model, new RankAssumptions { Batch = 20, Loss = Loss.SoftmaxCrossEntropy });

        var weights = json.GetProperty("weights").EnumerateArray().ToList();
        weights.Select(w => Int(w, "bound")).Should().Equal(bounds.Select(b => b.Bound)).And.Equal(3, 3, 3, 4);
        weights.Select(w => w.GetProperty("causeText").GetString()).Should().Equal(bounds.Select(b => b.CauseDescription));
        weights.Select(w => w.GetProperty("cause").GetString()).Should().AllBe("layer-width");
        ToolRun.Done("gradient-rank --widths 9,8,5 --loss cross-entropy --json").Json.GetProperty("weights")[1].GetProperty("cause")
            .GetString().Should().Be("loss-rank");
        weights.Select(w => w.GetProperty("proof").GetArrayLength()).Should().Equal(bounds.Select(b => b.Proof.Count));
        weights.Should().OnlyContain(w => w.GetProperty("printed").GetArrayLength() == 1);
        json.GetProperty("model").ValueKind.Should().Be(JsonValueKind.Null);
        weights.Should().OnlyContain(w => w.GetProperty("measured").ValueKind == JsonValueKind.Null);
    }

    // H2 of arXiv 2402.06751: beside the 2-wide layer two more a step
    [Theory]
    [InlineData(1, 2)]
    [InlineData(10, 20)]
    [InlineData(50, 100)]
    public void Bounds_OfTruncation_GrowByTwoAStep(int truncation, int bound)
    {
        var json = ToolRun.Done(
            $"gradient-rank --widths 128,128,2,128 --steps 50 --activation linear --batch 256 --json --truncation {truncation}").Json;

        Int(json.GetProperty("weights")[0], "bound").Should().Be(bound);
    }

    [Fact]
    public void Bounds_OfAFile_TakeItsLayersAndTheTruncationGiven()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        File.WriteAllText(folder.File("net.json"), """
            {"input": {"steps": 20, "features": 16},
             "layers": [{"type": "elman", "width": 40, "truncation": 7}, {"type": "elman", "width": 2}, {"type": "elman", "width": 30}]}
            """);
        string[] words = [folder.File("net.json"), "--json"];

        Int(ToolRun.Done("gradient-rank --arch", words).Json.GetProperty("weights")[1], "bound").Should().Be(14);
        var cut = ToolRun.Done("gradient-rank --truncation 3 --arch", words).Json;
        Int(cut.GetProperty("weights")[1], "bound").Should().Be(6);
        cut.GetProperty("arch").GetString().Should().Be(words[0]);
        Int(ToolRun.Done("gradient-rank --step-data-rank 1 --truncation 1 --weight-rank rnn.weight_ih_l0=1 --arch", words)
            .Json.GetProperty("weights")[0], "bound").Should().BeLessThanOrEqualTo(2);
    }

    [Theory]
    [InlineData("f64")]
    [InlineData("f32")]
    public void Measured_OfADenseFile_AreTheGradientsRanks(string dtype)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var network = SaveDense(folder);
        var forward = network.Forward(NpyArray.ReadMatrix<double>(folder.File("X.npy")).Transpose());
        var difference = forward.Outputs - NpyArray.ReadMatrix<double>(folder.File("Y.npy")).Transpose();
        var loss = difference.Enumerate().Sum(d => d * d) / (2 * Samples);
        var expected = new GradientRankMeter<double>().Measure(network.Backward(forward, difference / Samples));
        var tolerance = dtype == "f64" ? 1e-11 : 1e-4;

        var json = ToolRun.Done($"gradient-rank --activation tanh --loss mse --json --dtype {dtype} --model", Files(folder, "Y.npy")).Json;

        json.GetProperty("lossValue").GetDouble().Should().BeApproximately(loss, tolerance * loss);
        Int(json, "batch").Should().Be(Samples);
        var weights = json.GetProperty("weights").EnumerateArray().ToList();
        weights.Should().HaveCount(expected.Count);
        foreach (var (weight, rank) in weights.Zip(expected))
        {
            var measured = weight.GetProperty("measured");
            weight.GetProperty("parameter").GetString().Should().Be(rank.Parameter);
            Int(measured, "numericalRank").Should().Be(rank.NumericalRank()).And.Be(Int(weight, "bound"));
            measured.GetProperty("stableRank").GetDouble().Should().BeApproximately(rank.StableRank!.Value, tolerance * 10);
            measured.GetProperty("participationRank").GetDouble().Should().BeApproximately(rank.ParticipationRank!.Value, tolerance * 10);
            measured.GetProperty("exceeds").GetBoolean().Should().BeFalse();
        }

        Int(weights[0], "bound").Should().Be(5);
    }

    [Fact]
    public void Measured_OfLabels_AreThoseOfOneHotTargets()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        SaveDense(folder);
        foreach (var loss in (string[])["mse", "cross-entropy"])
        {
            var labels = ToolRun.Done($"gradient-rank --activation tanh --json --loss {loss} --model", Files(folder, "labels.npy")).Json;
            var targets = ToolRun.Done($"gradient-rank --activation tanh --json --loss {loss} --model", Files(folder, "onehot.npy")).Json;

            var value = labels.GetProperty("lossValue").GetDouble();
            value.Should().BeApproximately(targets.GetProperty("lossValue").GetDouble(), 1e-12 * value);
            Int(labels.GetProperty("weights")[2].GetProperty("measured"), "numericalRank").Should()
                .Be(loss == "mse" ? 4 : 3).And.Be(Int(labels.GetProperty("weights")[2], "bound"));
        }
    }

    [Fact]
    public void Measured_WithDataAndWeightsMeasured_BoundsByThem()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        SaveDense(folder, dataRank: 2);

        var json = ToolRun.Done(
            "gradient-rank --activation linear --loss mse --data-rank measured --weight-rank measured --json --model",
            Files(folder, "Y.npy")).Json;

        Int(json, "dataRank").Should().Be(2).And.Be(Int(json, "measuredDataRank"));
        json.GetProperty("dataRankSource").GetString().Should().Be("measured");
        var weights = json.GetProperty("weights").EnumerateArray().ToList();
        // biases add one above the first layer
        weights.Select(w => Int(w, "bound")).Should().Equal(2, 3, 3);
        weights.Select(w => Int(w.GetProperty("measured"), "numericalRank")).Should().Equal(2, 3, 3);
        weights.Select(w => Int(w, "weightRank")).Should().Equal(5, 4, 4);
        json.GetProperty("notes").GetArrayLength().Should().Be(0);
    }

    [Theory]
    [InlineData("--data-rank 1", "--data-rank is 1 but the inputs have rank 2")]
    [InlineData("--loss-rank 1", "--loss-rank is 1 but the gradient at the outputs has rank 4")]
    [InlineData("--weight-rank 0.weight=1", "--weight-rank of 0.weight is 1 but the weights have rank 5")]
    public void Measured_WithARankGivenThatDoesNotHold_SaysSoAndNothingOfNoise(string option, string text)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        SaveDense(folder, dataRank: 2);

        var run = ToolRun.Done($"gradient-rank --activation linear --loss mse {option} --model", Files(folder, "Y.npy"));

        run.Error.Should().Contain(text).And.NotContain("rounding");
        run.Output.Should().Contain("!");
    }

    // x = 4096 a u + b v is of rank 2 exactly, whole numbers all; W_1 takes differences of the two entries where u is 1, so that its
    // products round at 4096 r while what they leave is of size r: noise of 4096 eps, above max(rows, cols) eps, of full rank
    [Theory]
    [InlineData("f64")]
    [InlineData("f32")]
    public void Measured_AboveItsBound_IsMarkedAndExplainedAsRounding(string dtype)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var stream = new RandomStream(11);
        var r = Gaussian(6, 1, stream);
        var first = Matrix<double>.Build.Dense(6, 4, (i, j) => j switch { 0 => r[i, 0], 1 => -r[i, 0], _ => 0 });
        NetworkWeights.Save(
            new Network<double>(
            [
                new DenseLayer<double>(first, null, Activation.Linear),
                new DenseLayer<double>(Gaussian(5, 6, stream), null, Activation.Linear),
            ]),
            folder.File("net.npz"));
        int[] v = [3, -2, 1, 4];
        NpyArray.Write(folder.File("X.npy"), Matrix<double>.Build.Dense(
            Samples, 4, (i, j) => (4096 * ((7 * i % 5) + 1) * (j < 2 ? 1 : 0)) + (((3 * i % 7) - 3) * v[j])));
        // of the outputs' size, so that the signals' other directions are no smaller than the first
        NpyArray.Write(folder.File("Y.npy"), 100 * Gaussian(Samples, 5, stream));
        string[] words = Files(folder, "Y.npy");

        var line = $"gradient-rank --activation linear --loss mse --data-rank 2 --dtype {dtype}";
        var run = ToolRun.Done($"{line} --model", words);
        var weights = ToolRun.Done($"{line} --json --model", words).Json.GetProperty("weights");

        run.Output.Should().Contain("!");
        run.Error.Should().Contain("1.weight: ").And.Contain("singular values exceed max(rows, cols) eps s1").And.Contain("bound is 2")
            .And.Contain("rounding noise above the tolerance").And.NotContain("0.weight: ");
        weights.EnumerateArray().Select(w => w.GetProperty("measured").GetProperty("exceeds").GetBoolean()).Should().Equal(false, true);
        weights[1].GetProperty("measured").GetProperty("beyond").GetDouble().Should().BeLessThan(dtype == "f64" ? 1e-11 : 1e-3);
    }

    [Fact]
    public void Measured_OfALossOnTheLastSteps_ReadsThemAlone()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        File.WriteAllText(folder.File("net.json"), """
            {"input": {"steps": 4, "features": 5}, "layers": [{"type": "elman", "width": 6, "activation": "tanh", "bias": true}]}
            """);
        var network = ModelFile.Load(folder.File("net.json")).Sample<double>(5);
        var stream = new RandomStream(3);
        var (x, y) = (Gaussian(Samples, 20, stream), Gaussian(Samples, 6, stream));
        NetworkWeights.Save(network, folder.File("net.npz"));
        NpyArray.Write(folder.File("X.npy"), x);
        NpyArray.Write(folder.File("Y.npy"), y);
        var forward = network.Forward(x.Transpose());
        var gradient = Matrix<double>.Build.Dense(24, Samples);
        gradient.SetSubMatrix(18, 0, (forward.Outputs.SubMatrix(18, 6, 0, Samples) - y.Transpose()) / Samples);
        var expected = new GradientRankMeter<double>().Measure(network.Backward(forward, gradient));

        var json = ToolRun.Done(
            "gradient-rank --loss mse --loss-steps 1 --json --arch", [folder.File("net.json"), "--model", .. Files(folder, "Y.npy")]).Json;

        var weights = json.GetProperty("weights").EnumerateArray().ToList();
        weights.Select(w => w.GetProperty("parameter").GetString()).Should().Equal("rnn.weight_ih_l0", "rnn.weight_hh_l0");
        foreach (var (weight, rank) in weights.Zip(expected))
        {
            weight.GetProperty("measured").GetProperty("spectralNorm").GetDouble().Should()
                .BeApproximately(rank.Spectrum.SpectralNorm, 1e-11 * rank.Spectrum.SpectralNorm);
        }
    }

    [Theory]
    [InlineData("", "no network is given; expected --arch, --widths or --model")]
    [InlineData("--widths 4,3 --arch a.json", "--arch and --widths exclude each other")]
    [InlineData("--arch a.json --bias", "--bias belongs to --widths")]
    [InlineData("--arch a.json --activation relu", "--activation belongs to --widths or --model alone")]
    [InlineData("--widths 4,3 --inputs X.npy", "--inputs belongs to --model")]
    [InlineData("--widths 4,3 --data-rank measured", "--data-rank measured belongs to --model")]
    [InlineData("--widths 4,3 --data-rank 5", "--data-rank is 5; expected 0 to 4")]
    [InlineData("--widths 4,3 --data-rank -5", "--data-rank is '-5'; expected a whole number from 0 to 2147483647, or measured")]
    [InlineData("--widths 4,3 --loss-rank 5", "--loss-rank is 5; expected 0 to 3")]
    [InlineData("--widths 4,3 --step-data-rank 1", "--step-data-rank is given; expected a first layer that is recurrent or a convolution")]
    [InlineData("--widths 4,3 --loss-steps 1", "--loss-steps is 1; expected none, as the last layer is not recurrent")]
    [InlineData("--widths 4,3 --steps 2 --loss-steps 3", "--loss-steps is 3; expected 1 to 2, the time steps")]
    [InlineData("--widths 4,3 --truncation 3", "--truncation is 3; expected a recurrent layer")]
    [InlineData("--widths 4,3 --weight-rank 1.weight=2", "--weight-rank names '1.weight'; expected one of 0.weight")]
    [InlineData("--widths 4,3 --weight-rank 0.weight=4", "--weight-rank of 0.weight is 4; expected 0 to 3")]
    [InlineData("--widths 4,3 --weight-rank 0.weight", "--weight-rank has '0.weight'; expected a name and a rank")]
    [InlineData("--widths 4,3 --weight-rank 0.weight=1,0.weight=2", "has '0.weight=2'; expected a name and a rank, each name once")]
    [InlineData("--widths 4,3 --loss huber", "--loss is 'huber'; expected mse or cross-entropy")]
    [InlineData("--widths 4,3,2 --activation relu,tanh", "--activation has 2 names; expected one")]
    [InlineData("--widths 65536,3 --steps 65536", "the network is too large")]
    [InlineData("--model a.npz", "--model needs --inputs, --targets, --loss, --activation")]
    public void Usage_WhatDoesNotFit_IsNamed(string options, string expected)
    {
        var run = ToolRun.Of([.. $"gradient-rank {options}".Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        run.ExitCode.Should().Be(2, run.Error);
        run.Error.Should().Contain(expected);
        run.Output.Should().BeEmpty();
    }

    [Fact]
    public void Files_ThatDoNotFit_AreNamed()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        SaveDense(folder);
        File.WriteAllText(folder.File("bad.json"), """{"input": 4, "layers": [{"type": "dense", "wide": 3}]}""");
        NpyArray.Write(folder.File("short.npy"), Matrix<double>.Build.Dense(Samples - 1, 4));
        NpyArray.Write(folder.File("far.npy"), Matrix<double>.Build.Dense(Samples, 1, 4));

        Fault("--arch", folder.File("bad.json")).Should().Contain("layer 1 (dense) has the key 'wide'; expected width");
        Fault("--arch", folder.File("none.json")).Should().Contain("there is no such file");
        Measured("short.npy").Should().Contain($"is {Samples - 1} x 4; expected a row for each of the {Samples} samples");
        Measured("far.npy").Should().Contain("has the label 4 in row 0; expected whole numbers from 0 to 3");
        Measured("X.npy").Should().Contain($"is {Samples} x 6; expected a row for each").And.Contain("4 targets or one label");
        Fault([.. "--activation relu --loss mse --batch 13 --model".Split(' '), .. Files(folder, "Y.npy")], 2).Should()
            .Contain("--batch is 13").And.Contain($"has {Samples} samples");

        string Measured(string targets) => Fault([.. "--activation relu --loss mse --model".Split(' '), .. Files(folder, targets)]);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Text_AtTheWidthOfATerminal_FitsIt(int width)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        SaveDense(folder);
        string[][] lines =
        [
            [.. "gradient-rank --widths 64,128,2,128 --steps 50 --truncation 10 --activation linear --batch 32 --proof".Split(' ')],
            [.. "gradient-rank --widths 64,128x3 --loss cross-entropy".Split(' ')],
            [.. "gradient-rank --activation linear --proof --loss mse --model".Split(' '), .. Files(folder, "Y.npy")],
        ];
        foreach (var line in lines)
        {
            var output = new StringWriter();
            var console = CliConsole.Over(output, TextWriter.Null, width);

            StableRankCli.Invoke(line, console).Should().Be(0);

            var text = output.ToString().Split('\n');
            text.Where(l => !l.Contains(folder.Path, StringComparison.Ordinal)).Max(l => l.Length).Should().BeInRange(50, width);
            text.Should().Contain(l => l.Contains("because of", StringComparison.Ordinal));
        }
    }

    private static string Fault(params string[] words) => Fault(words, 1);

    private static string Fault(string[] words, int code)
    {
        var run = ToolRun.Of(["gradient-rank", .. words]);
        run.ExitCode.Should().Be(code, run.Error);
        return run.Error;
    }

    /// <summary>6-5-4-4 with biases; inputs of a rank, targets, labels and the same labels one-hot.</summary>
    private static Network<double> SaveDense(TemporaryFolder folder, int dataRank = 6)
    {
        var network = Model.Dense([6, 5, 4, 4], Activation.Tanh, (_, m, n) => Ensemble.LeCun(m, n), 0.3, linearOutput: true)
            .Sample<double>(7);
        var stream = new RandomStream(21);
        NetworkWeights.Save(network, folder.File("net.npz"));
        NpyArray.Write(folder.File("X.npy"), Gaussian(Samples, dataRank, stream) * Gaussian(dataRank, 6, stream));
        NpyArray.Write(folder.File("Y.npy"), Gaussian(Samples, 4, stream));
        var labels = Enumerable.Range(0, Samples).Select(i => i % 4.0).ToArray();
        NpyArray.Write(folder.File("labels.npy"), new NumericArray<double>([Samples], labels));
        NpyArray.Write(folder.File("onehot.npy"), Matrix<double>.Build.Dense(Samples, 4, (i, j) => i % 4 == j ? 1 : 0));
        return network;
    }

    private static string[] Files(TemporaryFolder folder, string targets) =>
        [folder.File("net.npz"), "--inputs", folder.File("X.npy"), "--targets", folder.File(targets)];

    private static Matrix<double> Gaussian(int rows, int columns, RandomStream stream)
    {
        var values = new double[rows * columns];
        stream.FillGaussian<double>(values);
        return Matrix<double>.Build.Dense(rows, columns, values);
    }

    private static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
