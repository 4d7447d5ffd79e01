using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Tests.Support;

namespace StableRank.Tests.Tool;

/// <summary><c>ntk --model</c> and <c>nngp --model</c>: kernels of networks in files, whoever wrote them.</summary>
public sealed class EmpiricalKernelCommandTests
{
    // sums of some hundred products of size about 1, in another order: about 1e-14 in double, 1e-5 in single precision
    private const double Rounding = 1e-11;
    private const double SingleRounding = 1e-3;

    private static readonly string s_fixtures = Path.Combine(Repository.Root, "tests", "StableRank.Tests", "Kernels", "Fixtures");

    private static readonly Matrix<double> s_inputs = Matrix<double>.Build.Dense(6, 5, (i, j) => Math.Cos((1.7 * i) - (2.3 * i * j) + 0.4));

    // values by functorch: see make_torch_kernels.py beside the files
    [Theory]
    [InlineData("auto")]
    [InlineData("structured")]
    [InlineData("contraction")]
    public void Ntk_OfPyTorchsFile_IsFunctorchs(string route)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var data = Path.Combine(s_fixtures, "dense.npz");
        using var reference = Npz.Open(data);
        string[] words =
        [
            Path.Combine(s_fixtures, "dense_weights.npz"), "--activation", "tanh,leaky-relu:0.25", "--route", route,
            "--out", folder.File("K.npy"), "--inputs", data + ":x",
        ];

        ToolRun.Done("ntk --model", words);
        Difference(Kernel(folder), reference.ReadMatrix<double>("xx")).Should().BeLessThan(Rounding);
        ToolRun.Done("ntk --model", [.. words, "--inputs2", data + ":y"]);
        Difference(Kernel(folder), reference.ReadMatrix<double>("xy")).Should().BeLessThan(Rounding);
        ToolRun.Done("ntk --model", [.. words[..1], "--activation", "tanh,relu", .. words[3..]]);
        Difference(Kernel(folder), reference.ReadMatrix<double>("xx")).Should().BeGreaterThan(1e3 * Rounding);
    }

    [Theory]
    [InlineData("net.npz", "f64")]
    [InlineData("net.safetensors", "f64")]
    [InlineData("net.npz", "f32")]
    public void Ntk_OfOurOwnFile_IsTheNetworks(string file, string dtype)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var network = Save(folder, file);
        var x = s_inputs.Transpose();
        var eta = network.Parameters.Select(p => p.Values.Average(w => w * w));
        var standard = new EmpiricalKernel<double>(network, ParameterMultipliers.Standard(network));
        var measured = new EmpiricalKernel<double>(network, new ParameterMultipliers(eta));
        var tolerance = dtype == "f64" ? Rounding : SingleRounding;
        string[] words = [folder.File(file), "--inputs", folder.File("X.npy"), "--out", folder.File("K.npy"), "--dtype", dtype];

        var run = ToolRun.Done("ntk --activation tanh --json --model", words);
        Difference(Kernel(folder), standard.Ntk(x, route: KernelRoute.Contraction).Kernel).Should().BeLessThan(tolerance);
        run.Json.GetProperty("widths").EnumerateArray().Select(w => w.GetInt32()).Should().Equal(5, 8, 7, 3);
        run.Json.GetProperty("shape").EnumerateArray().Select(w => w.GetInt32()).Should().Equal(18, 18);
        run.Json.GetProperty("parameterization").GetString().Should().Be("standard");
        NpyArray.Read<double>(folder.File("K.npy")).Shape.Should().Equal(18, 18);

        ToolRun.Done("ntk --activation tanh --parameterization ntk --output trace --model", words);
        Difference(Kernel(folder), measured.Ntk(x, output: KernelOutput.Trace).Kernel).Should().BeLessThan(tolerance);

        ToolRun.Done("ntk --activation tanh --output diagonal --model", words);
        var stack = NpyArray.Read<double>(folder.File("K.npy"));
        stack.Shape.Should().Equal(3, 6, 6);
        var diagonal = standard.Ntk(x, output: KernelOutput.Diagonal).Kernels;
        for (var entry = 0; entry < 3 * 36; entry++)
        {
            stack.AsSpan()[entry].Should().BeApproximately(diagonal[entry / 36][entry / 6 % 6, entry % 6], tolerance);
        }

        ToolRun.Done("nngp --activation tanh --model", words);
        var outputs = network.Forward(x).Outputs;
        Difference(Kernel(folder), outputs.TransposeThisAndMultiply(outputs) / 3).Should().BeLessThan(tolerance);
    }

    [Fact]
    public void Ntk_OfWhatTrainWrote_HasTheShapeOfItsNetwork()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        ToolRun.Done("train --data digits --widths 64,12,10 --stable-rank 4 --epochs 1 --bias --out", folder.File("net.npz"));
        NpyArray.Write(folder.File("X.npy"), Digits.Load().Features.SubMatrix(0, 64, 0, 4).Transpose());

        var run = ToolRun.Done(
            "ntk --activation relu --output trace --json --model",
            folder.File("net.npz"), "--inputs", folder.File("X.npy"), "--out", folder.File("K.npy"));

        run.Json.GetProperty("widths").EnumerateArray().Select(w => w.GetInt32()).Should().Equal(64, 12, 10);
        Kernel(folder).Diagonal().Should().OnlyContain(k => k > 0);
    }

    [Fact]
    public void Ntk_Cost_TellsEveryRouteAndComputesNothing()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        Save(folder, "net.npz");
        string[] words = [folder.File("net.npz"), "--inputs", folder.File("X.npy")];

        var json = ToolRun.Done("ntk --activation tanh --cost --json --model", words).Json;

        json.GetProperty("out").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null);
        json.GetProperty("shape").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null);
        var costs = json.GetProperty("costs").EnumerateArray().ToList();
        costs.Select(c => c.GetProperty("route").GetString()).Should().Equal("structured", "contraction");
        costs.Should().OnlyContain(c => c.GetProperty("flops").GetDouble() > 0 && c.GetProperty("kernelBytes").GetDouble() == 18 * 18 * 8);
        ToolRun.Done("ntk --activation tanh --cost --model", words).Output.Should().Contain("structured").And.Contain("GFLOP");
    }

    private static Network<double> Save(TemporaryFolder folder, string file)
    {
        var network = Model.Dense([5, 8, 7, 3], Activation.Tanh, (_, m, n) => Ensemble.Gaussian(m, n, 1.5 / n), 0.2, linearOutput: true)
            .Sample<double>(3);
        NetworkWeights.Save(network, folder.File(file));
        NpyArray.Write(folder.File("X.npy"), s_inputs);
        return network;
    }

    private static Matrix<double> Kernel(TemporaryFolder folder) => NpyArray.ReadMatrix<double>(folder.File("K.npy"));

    private static double Difference(Matrix<double> a, Matrix<double> b)
    {
        (a.RowCount, a.ColumnCount).Should().Be((b.RowCount, b.ColumnCount));
        return (a - b).Enumerate().Max(Math.Abs);
    }
}
