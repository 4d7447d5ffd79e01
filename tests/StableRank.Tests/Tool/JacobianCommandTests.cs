using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

public sealed class JacobianCommandTests
{
    private static readonly Matrix<double> s_inputs =
        Matrix<double>.Build.Dense(3, 12, (i, j) => Math.Cos((1.7 * i) - (2.3 * i * j) + 0.4));

    [Fact]
    public void Json_IsTheLibrarysSpectraAndLaws()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var network = Save(folder);
        var run = ToolRun.Done("jacobian --activation relu --json", Words(folder));
        var spectra = JacobianSpectrum.Of(network, s_inputs.Transpose());
        var laws = JacobianDensity.Of(network, s_inputs.Transpose());

        run.Error.Should().BeEmpty();
        run.Json.GetProperty("widths").EnumerateArray().Select(w => w.GetInt32()).Should().Equal(12, 16, 14, 6);
        var inputs = run.Json.GetProperty("inputs").EnumerateArray().ToList();
        inputs.Should().HaveCount(3);
        for (var i = 0; i < 3; i++)
        {
            // the same arithmetic, on one thread each
            inputs[i].GetProperty("stableRank").GetDouble().Should().BeApproximately(spectra[i].StableRank!.Value, 1e-11);
            inputs[i].GetProperty("localDimension").GetInt32().Should().Be(spectra[i].LocalDimension);
            inputs[i].GetProperty("greatest").GetDouble().Should().BeApproximately(spectra[i].Spectrum.SpectralNorm, 1e-11);
            inputs[i].GetProperty("predictedUpperEdge").GetDouble().Should().BeApproximately(Math.Sqrt(laws[i]!.UpperEdge), 1e-8);
            inputs[i].GetProperty("predictedParticipationRank").GetDouble().Should().BeApproximately(laws[i]!.ParticipationRank, 1e-9);
            inputs[i].GetProperty("kolmogorovDistance").GetDouble().Should().BeInRange(0, 1);
        }
    }

    [Fact]
    public void Table_HasALineAnInput_AndOptionsDoWhatTheySay()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        Save(folder);
        var text = ToolRun.Done("jacobian --activation relu --dtype f32", Words(folder)).Output;
        text.Should().Contain("12-16-14-6, relu, f32").And.Contain("3 inputs").And.Contain("greatest");
        var json = ToolRun.Done(
            "jacobian --activation relu --json --no-prediction --tolerance 0.999999 --input-count 1", Words(folder)).Json;
        var only = json.GetProperty("inputs").EnumerateArray().Should().ContainSingle().Subject;
        only.GetProperty("localDimension").GetInt32().Should().Be(1);
        only.GetProperty("predictedUpperEdge").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null);
    }

    [Theory]
    [InlineData("--tolerance 2", 2, "--tolerance is 2; expected a number of at least 0 and below 1")]
    [InlineData("--input-count 9", 2, "--input-count is 9; ")]
    [InlineData("--activation rely", 2, "--activation is 'rely'")]
    public void Faults_AreToldWithTheirExitCode(string words, int code, string message)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        Save(folder);
        string[] activation = words.Contains("--activation", StringComparison.Ordinal) ? [] : ["--activation", "relu"];
        var run = ToolRun.Of(["jacobian", .. activation, .. words.Split(' '), .. Words(folder)]);
        run.ExitCode.Should().Be(code);
        run.Error.Should().Contain(message);
        run.Output.Should().BeEmpty();
    }

    [Fact]
    public void InputsOfAnotherWidth_AreAFailure()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        Save(folder);
        NpyArray.Write(folder.File("X.npy"), s_inputs.SubMatrix(0, 3, 0, 5));
        var run = ToolRun.Of(["jacobian", "--activation", "relu", .. Words(folder)]);
        run.ExitCode.Should().Be(1);
        run.Error.Should().Contain("3 x 5").And.Contain("12 columns");
    }

    private static string[] Words(TemporaryFolder folder) => ["--model", folder.File("net.npz"), "--inputs", folder.File("X.npy")];

    private static Network<double> Save(TemporaryFolder folder)
    {
        var network = Model.Dense(
            [12, 16, 14, 6], Activation.ReLU, (_, m, n) => Ensemble.He(m, n), 0.2, linearOutput: true).Sample<double>(3);
        NetworkWeights.Save(network, folder.File("net.npz"));
        NpyArray.Write(folder.File("X.npy"), s_inputs);
        return network;
    }
}
