using System.Globalization;
using System.Text.Json;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Spectra;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

public sealed class PropagateCommandTests
{
    /// <summary>Standard errors that a right prediction may miss a measurement by.</summary>
    private const double FiveErrors = 5;

    // Theory (4.4): E||x_l||^2 / ||x_0||^2 = prod A s^2 r / n, written out here.
    [Theory]
    [InlineData("linear", 1.0)]
    [InlineData("relu", 0.5)]
    [InlineData("leaky-relu:0.2", 0.52)] // (1 + 0.04) / 2
    public void Propagate_PredictedMeanSquare_IsTheProductOfTheory(string activation, double a)
    {
        var layers = Layers(
            $"propagate --widths 20,30,10,25 --activation {activation} --stable-rank 4,7.5,2 --scale spectral:1.7 --samples 4 --json");

        double[] ranks = [4, 7.5, 2];
        int[] widths = [20, 30, 10, 25];
        var product = 1.0;
        for (var l = 0; l < 3; l++)
        {
            product *= a * 1.7 * 1.7 * ranks[l] / widths[l];
            Number(layers[l], "predictedMeanSquare").Should().BeApproximately(product, 1e-13 * product);
            layers[l].GetProperty("layer").GetInt32().Should().Be(l + 1);
            layers[l].GetProperty("rows").GetInt32().Should().Be(widths[l + 1]);
            layers[l].GetProperty("columns").GetInt32().Should().Be(widths[l]);
            Number(layers[l], "stableRank").Should().Be(ranks[l]);
        }

        Number(layers[1], "participationRank").Should().BeApproximately(7.5 * 7.5 / (7 + 0.25), 1e-13, "seven ones and a half");
    }

    // Theory (4.3) for a flat spectrum of integer rank: log s^2 + psi(r/2) - psi(n/2) a layer.
    [Fact]
    public void Propagate_PredictedLogDrift_IsTheClosedForm()
    {
        var layers = Layers("propagate --widths 20,30,10 --activation linear --stable-rank 4,7 --scale spectral:1.5 --samples 2 --json");

        var first = Math.Log(2.25) + SpecialFunctions.DiGamma(2) - SpecialFunctions.DiGamma(10);
        var second = first + Math.Log(2.25) + SpecialFunctions.DiGamma(3.5) - SpecialFunctions.DiGamma(15);
        Number(layers[0], "predictedLogDrift").Should().BeApproximately(first, 1e-10);
        Number(layers[1], "predictedLogDrift").Should().BeApproximately(second, 1e-10);
    }

    [Theory]
    [InlineData("relu", "relu")]
    [InlineData("leaky-relu:0.1", "leaky-relu:0.1")]
    [InlineData("linear", "linear")]
    [InlineData("gelu", "relu")]
    [InlineData("tanh", "linear")]
    [InlineData("sin", "linear")]
    [InlineData("erf", "linear")]
    public void Propagate_Scale_FollowsTheActivation(string activation, string scale) =>
        ToolRun.Done($"propagate --widths 8,8 --activation {activation} --stable-rank 3 --samples 2 --json").Json
            .GetProperty("scale").GetString().Should().Be(scale);

    [Fact]
    public void Propagate_VariancePreservingScale_KeepsSquareLayersAtOne()
    {
        foreach (var layer in Layers("propagate --widths 16x4 --activation relu --stable-rank 5 --samples 2 --json"))
        {
            Number(layer, "predictedMeanSquare").Should().BeApproximately(1, 1e-13);
        }
    }

    [Fact]
    public void Propagate_Measured_AgreesWithPredictionOverSeeds()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            const string Line = "propagate --widths 24,32,32 --stable-rank 12 --samples 200 --input-count 4 --json";
            foreach (var layer in Layers($"{Line} --seed {seed}"))
            {
                layer.GetProperty("reliable").GetBoolean().Should().BeTrue();
                Math.Abs(Number(layer, "deviation")).Should().BeLessThan(FiveErrors, $"seed {seed}");
                Math.Abs(Number(layer, "logDriftDeviation")).Should().BeLessThan(FiveErrors, $"seed {seed}");
                var difference = Number(layer, "measuredMeanSquare") - Number(layer, "predictedMeanSquare");
                var deviation = difference / Number(layer, "standardError");
                Number(layer, "deviation").Should().BeApproximately(deviation, 1e-6 * Math.Max(1, Math.Abs(deviation)));
            }
        }
    }

    [Fact]
    public void Propagate_InputsOfEveryKind_AreTheSame()
    {
        using var folder = new TemporaryFolder();
        var samples = Matrix<double>.Build.Dense(3, 4, (i, j) => 1 + (i * 4) + j);
        NpyArray.Write(folder.File("x.npy"), samples);
        CsvMatrix.Write(folder.File("x.csv"), samples, ["a", "b", "c", "d"], CsvDelimiter.Semicolon);
        Safetensors.Write(folder.File("x.safetensors"), writer => writer.Add("x", samples, ElementType.BFloat16));

        // Three images of 2 x 2: one sample each.
        byte[] pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        File.WriteAllBytes(folder.File("x-idx3-ubyte"), [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, .. pixels]);

        Directory.GetFiles(folder.Path).Select(Layers).Distinct().Should().ContainSingle();

        static string Layers(string file) => ToolRun.Done("propagate --widths 4,6 --stable-rank 2 --samples 5 --json --inputs", file)
            .Json.GetProperty("layers").GetRawText();
    }

    // The file's rows are samples: the same run as the library's on the transposed matrix.
    [Fact]
    public void Propagate_InputsFile_HasOneSampleARow()
    {
        using var folder = new TemporaryFolder();
        var samples = Matrix<double>.Build.Dense(3, 3, [1, 0, 2, 5, 3, -1, 0.5, -2, 4]);
        NpyArray.Write(folder.File("X.npy"), samples);

        const string Line = "propagate --widths 3,6,4 --activation tanh --stable-rank 2 --samples 10 --seed 9 --json --inputs";
        var json = ToolRun.Done(Line, folder.File("X.npy")).Json;

        var model = Model.Dense(
            [3, 6, 4], Activation.Tanh, (_, m, n) => Ensemble.StableRank(m, n, 2, SpectralFamily.Flat, ScaleConvention.Linear));
        var expected = MonteCarloPropagation.Run(model, samples.Transpose(), 10, 9);
        var other = MonteCarloPropagation.Run(model, samples, 10, 9);
        json.GetProperty("inputs").GetInt32().Should().Be(3);
        json.GetProperty("replicates").GetInt32().Should().Be(10);
        json.GetProperty("inputSource").GetString().Should().Be(folder.File("X.npy"));
        json.GetProperty("inputMeanSquare").GetDouble().Should().BeApproximately(samples.ToRowMajorArray().Sum(x => x * x) / 3, 1e-13);
        var layers = json.GetProperty("layers");
        for (var l = 0; l < 2; l++)
        {
            var measured = Number(layers[l], "measuredMeanSquare");
            measured.Should().BeApproximately(expected.Layers[l].SecondMoment.Mean, 1e-12);
            measured.Should().NotBeApproximately(other.Layers[l].SecondMoment.Mean, 1e-6, "rows and columns are told apart");
            Number(layers[l], "standardError").Should().BeApproximately(expected.Layers[l].SecondMoment.StandardError, 1e-12);
        }
    }

    [Fact]
    public void Propagate_WithoutFile_TakesDigitsAt64AndGaussiansElsewhere()
    {
        var digits = ToolRun.Done("propagate --widths 64,8 --stable-rank 2 --samples 2 --input-count 7 --json").Json;
        digits.GetProperty("inputSource").GetString().Should().Be("digits");
        digits.GetProperty("inputs").GetInt32().Should().Be(7);
        var features = Digits.Load().Features;
        digits.GetProperty("inputMeanSquare").GetDouble().Should().BeApproximately(
            Enumerable.Range(0, 7).Average(j => features.Column(j).DotProduct(features.Column(j))), 1e-9);

        var gaussian = ToolRun.Done("propagate --widths 63,8 --stable-rank 2 --samples 2 --json").Json;
        gaussian.GetProperty("inputSource").GetString().Should().Be("gaussian");
        gaussian.GetProperty("inputs").GetInt32().Should().Be(100);

        // 100 chi-squares of 63 degrees: standard error sqrt(2 * 63 / 100).
        gaussian.GetProperty("inputMeanSquare").GetDouble().Should().BeApproximately(63, FiveErrors * Math.Sqrt(1.26));
    }

    [Fact]
    public void Propagate_ActivationWithoutExactFormula_HasNoPredictionAndSaysWhy()
    {
        var run = ToolRun.Done("propagate --widths 8,8 --activation tanh --stable-rank 3 --samples 4 --json");

        var layer = run.Json.GetProperty("layers")[0];
        layer.GetProperty("predictedMeanSquare").ValueKind.Should().Be(JsonValueKind.Null);
        layer.GetProperty("deviation").ValueKind.Should().Be(JsonValueKind.Null);
        Number(layer, "measuredMeanSquare").Should().BePositive();
        run.Json.GetProperty("notes").EnumerateArray().Select(n => n.GetString()).Should().ContainMatch("*tanh*");
        ToolRun.Done("propagate --widths 8,8 --activation tanh --stable-rank 3 --samples 4").Error
            .Should().Contain("note: no prediction").And.Contain("tanh");
    }

    [Fact]
    public void Propagate_RareLargeNorms_AreToldAndNotJudged()
    {
        const string Line = "propagate --widths 64,64x12 --stable-rank 1 --samples 20 --input-count 2";
        var layers = Layers(Line + " --json");

        layers[^1].GetProperty("reliable").GetBoolean().Should().BeFalse();
        Number(layers[^1], "predictedStandardError").Should().BeGreaterThan(Number(layers[^1], "predictedMeanSquare"));
        ToolRun.Done(Line).Output.Should().Contain("* from layer").And.Contain("--samples");
    }

    // The mean square reaches 10^60 a layer: beyond double at the sixth, while its logarithm is as good as ever.
    [Fact]
    public void Propagate_MeansBeyondDouble_AreNullAndLogarithmsAreNot()
    {
        var json = ToolRun.Done("propagate --widths 8,8x8 --stable-rank 3 --scale spectral:1e30 --samples 20 --json").Json;

        var last = json.GetProperty("layers")[7];
        foreach (var key in (string[])["predictedMeanSquare", "measuredMeanSquare", "standardError", "deviation"])
        {
            last.GetProperty(key).ValueKind.Should().Be(JsonValueKind.Null, key);
        }

        Math.Abs(Number(last, "logDriftDeviation")).Should().BeLessThan(FiveErrors);
        Number(last, "predictedLogDrift").Should().BeInRange(8 * 55 * Math.Log(10), 8 * 61 * Math.Log(10));
        json.GetProperty("notes").EnumerateArray().Select(n => n.GetString()).Should().ContainMatch("from layer 6 on*range of double*");
    }

    [Fact]
    public void Propagate_SameSeed_IsTheSameObject()
    {
        const string Line = "propagate --widths 10,12,8 --stable-rank 3 --samples 20 --json --seed ";

        ToolRun.Done(Line + "4").Output.Should().Be(ToolRun.Done(Line + "4").Output);
        Number(Layers(Line + "4")[0], "measuredMeanSquare").Should().NotBe(Number(Layers(Line + "5")[0], "measuredMeanSquare"));
    }

    [Theory]
    [InlineData("wide", "expected one sample a row and 3 columns")]
    [InlineData("zero", "row 1 is zero")]
    [InlineData("nan", "row 1, column 2")]
    [InlineData("empty", "0 x 3")]
    public void Propagate_UnusableInputs_FailAndSayWhere(string fault, string expected)
    {
        using var folder = new TemporaryFolder();
        NpyArray.Write(folder.File("X.npy"), fault switch
        {
            "wide" => Matrix<double>.Build.Dense(2, 4, 1.0),
            "zero" => Matrix<double>.Build.Dense(2, 3, [1, 0, 1, 0, 1, 0]),
            _ => Matrix<double>.Build.Dense(2, 3, [1, 1, 1, 1, 1, double.NaN]),
        });
        if (fault == "empty")
        {
            NpyArray.Write(folder.File("X.npy"), new NumericArray<double>([0, 3], []));
        }

        var run = ToolRun.Of("propagate", "--widths", "3,4", "--stable-rank", "2", "--inputs", folder.File("X.npy"), "--json");

        run.ExitCode.Should().Be(1);
        run.Output.Should().BeEmpty();
        run.Error.Should().Contain("X.npy").And.Contain(expected);
    }

    [Fact]
    public void Propagate_Table_FitsEightyColumns()
    {
        var output = new StringWriter();
        var console = StableRank.Tool.CommandLine.CliConsole.Over(output, TextWriter.Null, 80);
        string[] line = ["propagate", "--widths", "64,128x6", "--stable-rank", "16", "--samples", "40", "--input-count", "5"];
        StableRank.Tool.StableRankCli.Invoke(line, console).Should().Be(0);

        var rows = output.ToString().Split('\n').Where(l => l.Contains("128 x 128", StringComparison.Ordinal)).ToList();
        rows.Should().HaveCount(5).And.OnlyContain(l => l.Length <= 80 && l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 13);
    }

    private static JsonElement[] Layers(string commandLine) => [.. ToolRun.Done(commandLine).Json.GetProperty("layers").EnumerateArray()];

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
